"""What the ledger refuses, whoever asks: triggers in plain SQL, reversible, without schema names.

Three kinds: rows that are written once; sums that hold after every statement (statement triggers
that look only at the touched bills and payments); rates that are locked once they were used.
The queries are EXECUTEd so that each statement is planned for the size it has.
"""

from django.db import migrations

WRITTEN_ONCE = (
    "contributions_bill",
    "contributions_charge",
    "contributions_chargerate",
    "contributions_payment",
    "contributions_allocation",
)

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'rows of % are written once: correct them by a row that reverses', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_row_is_written_once';
END $body$;

CREATE FUNCTION ledger_break(rule text, detail text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the ledger refuses: % (%)', rule, detail
        USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $body$;
"""

GUARDS = "".join(
    f"""
CREATE TRIGGER ledger_row_is_written_once BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_table_is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""
    for table in WRITTEN_ONCE
)

# A bill is never below the money on it, and no part of it below nothing.
BILL_SUMS = """
CREATE FUNCTION ledger_check_bills() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE found record;
BEGIN
    EXECUTE $query$
        SELECT touched.bill_id, charges.total, charges.least, money.total AS laid
        FROM (SELECT DISTINCT bill_id FROM new_rows) touched
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(c.total), 0) AS total,
                   coalesce(least(sum(c.jkk), sum(c.jkm), sum(c.jht), sum(c.jp), sum(c.penalty),
                                  sum(c.fine)), 0) AS least
            FROM contributions_charge c WHERE c.bill_id = touched.bill_id
        ) charges
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.amount), 0) AS total
            FROM contributions_allocation a WHERE a.bill_id = touched.bill_id
        ) money
        WHERE money.total > charges.total OR money.total < 0 OR charges.least < 0
        LIMIT 1
    $query$ INTO found;
    IF found.bill_id IS NULL THEN RETURN NULL; END IF;
    IF found.laid < 0 THEN
        PERFORM ledger_break('allocation_sum_is_not_negative', 'bill ' || found.bill_id);
    ELSIF found.least < 0 THEN
        PERFORM ledger_break('charge_sum_is_not_negative', 'bill ' || found.bill_id);
    END IF;
    PERFORM ledger_break('outstanding_is_not_negative', 'bill ' || found.bill_id);
    RETURN NULL;
END $body$;

CREATE TRIGGER charge_sums_hold AFTER INSERT ON contributions_charge
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_bills();
CREATE TRIGGER allocation_sums_hold AFTER INSERT ON contributions_allocation
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_bills();
"""

BPU_CHARGES = """
CREATE FUNCTION ledger_check_bpu() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE found bigint;
BEGIN
    EXECUTE $query$
        SELECT n.bill_id
        FROM new_rows n
        JOIN contributions_bill b ON b.id = n.bill_id
        JOIN contributions_account a ON a.id = b.account_id
        WHERE (n.penalty <> 0 OR n.fine <> 0 OR n.kind IN ('PENALTY', 'FINE')) AND a.kind = 'BPU'
        LIMIT 1
    $query$ INTO found;
    IF found IS NOT NULL THEN
        PERFORM ledger_break('bpu_has_neither_penalty_nor_fine', 'bill ' || found);
    END IF;
    RETURN NULL;
END $body$;

CREATE TRIGGER bpu_has_neither_penalty_nor_fine AFTER INSERT ON contributions_charge
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_bpu();
"""

# What is left of one receipt (its RECEIVED row and the later ones) on one account, or in
# suspense, is never negative; so neither is an account's credit, and no more is given back
# than came.
POT_SUMS = """
CREATE FUNCTION ledger_check_pots(roots bigint[]) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE found bigint;
BEGIN
    EXECUTE $query$
        SELECT touched.root
        FROM unnest($1) AS touched (root)
        CROSS JOIN LATERAL (
            SELECT p.account_id
            FROM (
                SELECT id, account_id, amount FROM contributions_payment WHERE id = touched.root
                UNION ALL
                SELECT id, account_id, amount FROM contributions_payment
                WHERE source_id = touched.root
            ) p
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(a.amount), 0) AS laid FROM contributions_allocation a
                WHERE a.payment_id = p.id
            ) money
            GROUP BY p.account_id
            HAVING sum(p.amount) - sum(money.laid) < 0
            LIMIT 1
        ) negative
        LIMIT 1
    $query$ INTO found USING roots;
    IF found IS NOT NULL THEN
        PERFORM ledger_break('credit_is_not_negative', 'payment ' || found);
    END IF;
END $body$;
"""

ALLOCATIONS = """
CREATE FUNCTION ledger_check_allocations() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    found bigint;
    roots bigint[];
BEGIN
    EXECUTE $query$
        SELECT n.id
        FROM new_rows n
        JOIN contributions_allocation r ON r.id = n.reverses_id
        WHERE r.reverses_id IS NOT NULL OR r.payment_id <> n.payment_id
           OR r.bill_id <> n.bill_id OR r.amount <> -n.amount
        LIMIT 1
    $query$ INTO found;
    IF found IS NOT NULL THEN
        PERFORM ledger_break('allocation_reversal_is_exact', 'allocation ' || found);
    END IF;
    EXECUTE $query$
        SELECT array_agg(DISTINCT coalesce(p.source_id, p.id)),
               min(p.id) FILTER (WHERE p.account_id IS NULL)
        FROM new_rows n JOIN contributions_payment p ON p.id = n.payment_id
    $query$ INTO roots, found;
    IF found IS NOT NULL THEN
        PERFORM ledger_break('money_in_suspense_pays_nothing', 'payment ' || found);
    END IF;
    PERFORM ledger_check_pots(roots);
    RETURN NULL;
END $body$;

CREATE TRIGGER allocation_money_is_there AFTER INSERT ON contributions_allocation
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_allocations();
"""

PAYMENTS = """
CREATE FUNCTION ledger_check_payments() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    roots bigint[];
    found record;
BEGIN
    SELECT array_agg(DISTINCT source_id) INTO roots FROM new_rows WHERE source_id IS NOT NULL;
    IF roots IS NULL THEN RETURN NULL; END IF;  -- money that only came breaks no sum
    EXECUTE $query$
        SELECT n.id, root.kind <> 'RECEIVED' AS is_no_root,
               n.kind = 'REVERSED' AND (n.by_id IS NULL OR n.by_id = root.by_id) AS is_alone
        FROM new_rows n JOIN contributions_payment root ON root.id = n.source_id
        WHERE root.kind <> 'RECEIVED'
           OR n.kind = 'REVERSED' AND (n.by_id IS NULL OR n.by_id = root.by_id)
        LIMIT 1
    $query$ INTO found;
    IF found.is_no_root THEN
        PERFORM ledger_break('payment_source_is_received', 'payment ' || found.id);
    ELSIF found.is_alone THEN
        PERFORM ledger_break('payment_is_reversed_by_another', 'payment ' || found.id);
    END IF;
    EXECUTE $query$
        SELECT touched.root AS id
        FROM unnest($1) AS touched (root)
        JOIN contributions_payment p ON p.source_id = touched.root AND p.kind = 'MOVED'
        GROUP BY touched.root HAVING sum(p.amount) <> 0
        LIMIT 1
    $query$ INTO found USING roots;
    IF found.id IS NOT NULL THEN
        PERFORM ledger_break('moved_money_adds_up_to_zero', 'payment ' || found.id);
    END IF;
    PERFORM ledger_check_pots(roots);
    RETURN NULL;
END $body$;

CREATE TRIGGER payment_sums_hold AFTER INSERT ON contributions_payment
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_payments();
"""

# The message reaches a clerk: the admin form says the same before it comes to this.
RATES = """
CREATE FUNCTION rate_last_used_month(rate bigint) RETURNS date LANGUAGE sql STABLE AS $body$
    SELECT greatest(
        (SELECT max(b.month) FROM contributions_chargerate u
         JOIN contributions_charge c ON c.id = u.charge_id
         JOIN contributions_bill b ON b.id = c.bill_id WHERE u.rate_id = rate),
        (SELECT max(l.month) FROM contributions_codeline l WHERE l.rates @> ARRAY[rate])
    )
$body$;

CREATE FUNCTION rate_used_is_locked() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE last_month date;
BEGIN
    IF TG_OP = 'UPDATE' AND
       (NEW.programme, NEW.segment, NEW.payer, NEW.selector, NEW.role, NEW.condition, NEW.measure,
        NEW.value, NEW.income_from, NEW.basis, NEW.ceiling, NEW.valid_from, NEW.valid_until)
       IS NOT DISTINCT FROM
       (OLD.programme, OLD.segment, OLD.payer, OLD.selector, OLD.role, OLD.condition, OLD.measure,
        OLD.value, OLD.income_from, OLD.basis, OLD.ceiling, OLD.valid_from, OLD.valid_until)
    THEN
        RETURN NEW;
    END IF;
    last_month := rate_last_used_month(OLD.id);
    IF last_month IS NULL OR TG_OP = 'UPDATE' AND
       (NEW.programme, NEW.segment, NEW.payer, NEW.selector, NEW.role, NEW.condition, NEW.measure,
        NEW.value, NEW.income_from, NEW.basis, NEW.ceiling, NEW.valid_from)
       IS NOT DISTINCT FROM
       (OLD.programme, OLD.segment, OLD.payer, OLD.selector, OLD.role, OLD.condition, OLD.measure,
        OLD.value, OLD.income_from, OLD.basis, OLD.ceiling, OLD.valid_from)
       AND coalesce(NEW.valid_until, 'infinity') > last_month
    THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'Tarif ini sudah dipakai untuk menghitung iuran, jadi tidak bisa diubah atau dihapus. Akhiri masa berlakunya sesudah bulan terakhir yang memakainya, lalu buat baris baru.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'rate_used_is_locked';
END $body$;

CREATE TRIGGER rate_used_is_locked BEFORE UPDATE OR DELETE ON contributions_rate
    FOR EACH ROW EXECUTE FUNCTION rate_used_is_locked();
"""

UNDO_GUARDS = "".join(
    f"""
DROP TRIGGER ledger_row_is_written_once ON {table};
DROP TRIGGER ledger_table_is_never_emptied ON {table};
"""
    for table in WRITTEN_ONCE
)

UNDO = f"""
DROP TRIGGER rate_used_is_locked ON contributions_rate;
DROP FUNCTION rate_used_is_locked();
DROP FUNCTION rate_last_used_month(bigint);
DROP TRIGGER payment_sums_hold ON contributions_payment;
DROP FUNCTION ledger_check_payments();
DROP TRIGGER allocation_money_is_there ON contributions_allocation;
DROP FUNCTION ledger_check_allocations();
DROP FUNCTION ledger_check_pots(bigint[]);
DROP TRIGGER bpu_has_neither_penalty_nor_fine ON contributions_charge;
DROP FUNCTION ledger_check_bpu();
DROP TRIGGER charge_sums_hold ON contributions_charge;
DROP TRIGGER allocation_sums_hold ON contributions_allocation;
DROP FUNCTION ledger_check_bills();
{UNDO_GUARDS}
DROP FUNCTION ledger_break(text, text);
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            REFUSE + GUARDS + BILL_SUMS + BPU_CHARGES + POT_SUMS + ALLOCATIONS + PAYMENTS + RATES,
            UNDO,
        ),
    ]
