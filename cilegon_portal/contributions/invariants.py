# ruff: noqa: S608 (queries are put together from the constants of this file)
"""Every rule of the ledger as a query: each returns the rows that break it, with a key to look up.

`check_invariants` runs them all, and those of every other app that has a module `invariants`.
"""

BILL_SUMS = """
WITH charges AS (
    SELECT bill_id, sum(total) AS charged,
           least(sum(jkk), sum(jkm), sum(jht), sum(jp), sum(penalty), sum(fine)) AS least
    FROM contributions_charge GROUP BY bill_id
), money AS (
    SELECT bill_id, sum(amount) AS laid FROM contributions_allocation GROUP BY bill_id
), bills AS (
    SELECT bill.id, account.kind, coalesce(charges.charged, 0) AS charged,
           coalesce(charges.least, 0) AS least, coalesce(money.laid, 0) AS laid
    FROM contributions_bill bill
    JOIN contributions_account account ON account.id = bill.account_id
    LEFT JOIN charges ON charges.bill_id = bill.id
    LEFT JOIN money ON money.bill_id = bill.id
)
"""

POTS = """
WITH spent AS (
    SELECT payment_id, sum(amount) AS amount FROM contributions_allocation GROUP BY payment_id
), pots AS (
    SELECT coalesce(payment.source_id, payment.id) AS root, payment.account_id,
           sum(payment.amount) - coalesce(sum(spent.amount), 0) AS left_over
    FROM contributions_payment payment LEFT JOIN spent ON spent.payment_id = payment.id
    GROUP BY 1, 2
), credits AS (
    SELECT account_id, sum(left_over) AS credit FROM pots GROUP BY account_id
)
"""

UNSOLD = """
    SELECT line.code_id, sum(CASE
        WHEN line.bill_id IS NOT NULL THEN least(line.due, bills.charged - bills.laid)
        WHEN coalesce(bills.charged, 0) = 0 THEN line.total
        ELSE 0 END) AS amount
    FROM contributions_codeline line
    LEFT JOIN contributions_bill bill
        ON bill.account_id = line.account_id AND bill.month = line.month
    LEFT JOIN bills ON bills.id = bill.id
    GROUP BY line.code_id
"""

ROLLUP_CELL = "cash_month, month, segment, kecamatan_id, sector, officer_id, campaign_code"

DIRECT = """
    SELECT date_trunc('month', payment.paid_at AT TIME ZONE 'Asia/Jakarta')::date AS cash_month,
           bill.month, account.kind AS segment, place.kecamatan_id, bill.sector, bill.officer_id,
           bill.campaign_code, sum(allocation.amount) AS amount
    FROM contributions_allocation allocation
    JOIN contributions_payment payment ON payment.id = allocation.payment_id
    JOIN contributions_bill bill ON bill.id = allocation.bill_id
    JOIN contributions_account account ON account.id = bill.account_id
    LEFT JOIN reference_kelurahan place ON place.id = bill.kelurahan_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

INVARIANTS: dict[str, str] = {
    "outstanding_is_not_negative": f"{BILL_SUMS} SELECT id FROM bills WHERE laid > charged",
    "allocation_sum_is_not_negative": f"{BILL_SUMS} SELECT id FROM bills WHERE laid < 0",
    "charge_sum_is_not_negative": f"{BILL_SUMS} SELECT id FROM bills WHERE least < 0",
    "nobody_owes_a_bpu_month": (
        f"{BILL_SUMS} SELECT id FROM bills WHERE kind <> 'PU' AND laid <> charged"
    ),
    "credit_is_not_negative": f"{POTS} SELECT root FROM pots WHERE left_over < 0",
    "every_rupiah_is_somewhere": f"""
        {POTS}
        SELECT 1 FROM (SELECT sum(left_over) AS free FROM pots) lying
        WHERE coalesce((SELECT sum(amount) FROM contributions_payment), 0)
           <> coalesce((SELECT sum(amount) FROM contributions_allocation), 0)
            + coalesce(lying.free, 0)
    """,
    "money_in_suspense_pays_nothing": """
        SELECT allocation.id FROM contributions_allocation allocation
        JOIN contributions_payment payment ON payment.id = allocation.payment_id
        WHERE payment.account_id IS NULL
    """,
    "moved_money_adds_up_to_zero": """
        SELECT source_id FROM contributions_payment WHERE kind = 'MOVED'
        GROUP BY source_id HAVING sum(amount) <> 0
    """,
    "no_more_goes_back_than_came": """
        SELECT root.id FROM contributions_payment root
        JOIN contributions_payment later ON later.source_id = root.id
        WHERE later.kind IN ('REFUNDED', 'REVERSED')
        GROUP BY root.id, root.amount HAVING root.amount + sum(later.amount) < 0
    """,
    "payment_source_is_received": """
        SELECT later.id FROM contributions_payment later
        JOIN contributions_payment root ON root.id = later.source_id
        WHERE root.kind <> 'RECEIVED'
    """,
    "payment_is_reversed_by_another": """
        SELECT later.id FROM contributions_payment later
        JOIN contributions_payment root ON root.id = later.source_id
        WHERE later.kind = 'REVERSED' AND (later.by_id IS NULL OR later.by_id = root.by_id)
    """,
    "payment_reference_stands_once": """
        SELECT min(id) FROM contributions_payment WHERE kind = 'RECEIVED'
        GROUP BY channel, external_reference HAVING count(*) > 1
    """,
    "allocation_reversal_is_exact": """
        SELECT later.id FROM contributions_allocation later
        JOIN contributions_allocation first ON first.id = later.reverses_id
        WHERE first.reverses_id IS NOT NULL OR first.amount <> -later.amount
           OR first.bill_id <> later.bill_id OR first.payment_id <> later.payment_id
    """,
    "allocation_is_reversed_once": """
        SELECT reverses_id FROM contributions_allocation WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1
    """,
    "bpu_has_neither_penalty_nor_fine": """
        SELECT charge.id FROM contributions_charge charge
        JOIN contributions_bill bill ON bill.id = charge.bill_id
        JOIN contributions_account account ON account.id = bill.account_id
        WHERE account.kind = 'BPU'
          AND (charge.kind IN ('PENALTY', 'FINE') OR charge.penalty <> 0 OR charge.fine <> 0)
    """,
    "bpu_charge_names_its_line_and_rates": """
        SELECT charge.id FROM contributions_charge charge
        JOIN contributions_bill bill ON bill.id = charge.bill_id
        JOIN contributions_account account ON account.id = bill.account_id
        WHERE account.kind = 'BPU' AND charge.kind = 'CONTRIBUTION'
          AND (charge.code_line_id IS NULL OR NOT EXISTS (
              SELECT FROM contributions_chargerate used WHERE used.charge_id = charge.id))
    """,
    "one_bill_an_account_and_month": """
        SELECT min(id) FROM contributions_bill GROUP BY account_id, month HAVING count(*) > 1
    """,
    "no_month_is_bought_twice": """
        SELECT bill.id FROM contributions_bill bill
        JOIN contributions_account account ON account.id = bill.account_id
        JOIN contributions_charge charge ON charge.bill_id = bill.id
        WHERE account.kind = 'BPU'
        GROUP BY bill.id
        HAVING count(*) FILTER (WHERE charge.kind = 'CONTRIBUTION')
             - count(*) FILTER (WHERE charge.reason_code = 'MONTH_UNSOLD') > 1
    """,
    "one_open_code_an_account": """
        SELECT account_id FROM contributions_paymentcode WHERE closed_at IS NULL
        GROUP BY account_id HAVING count(*) > 1
    """,
    "open_code_asks_for_what_is_left": f"""
        {BILL_SUMS}, {POTS.strip().removeprefix("WITH ")},
        unsold AS ({UNSOLD})
        SELECT code.id FROM contributions_paymentcode code
        JOIN unsold ON unsold.code_id = code.id
        LEFT JOIN credits ON credits.account_id = code.account_id
        WHERE code.closed_at IS NULL
          AND code.amount <> greatest(0, unsold.amount - coalesce(credits.credit, 0))
    """,
    "open_code_has_something_left": f"""
        {BILL_SUMS}, unsold AS ({UNSOLD})
        SELECT code.id FROM contributions_paymentcode code
        JOIN unsold ON unsold.code_id = code.id
        WHERE code.closed_at IS NULL AND unsold.amount = 0
    """,
    "rollup_equals_the_ledger": f"""
        SELECT {ROLLUP_CELL}, sum(amount) FROM (
            SELECT {ROLLUP_CELL}, amount FROM contributions_rollup
            UNION ALL
            SELECT {ROLLUP_CELL}, -amount FROM ({DIRECT}) direct
        ) both_sides
        GROUP BY {ROLLUP_CELL} HAVING sum(amount) <> 0
    """,
    "repricing_is_approved_by_another": """
        SELECT id FROM contributions_repricing WHERE approved_by_id = asked_by_id
    """,
}
