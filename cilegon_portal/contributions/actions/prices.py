"""The present price of BPU months: `rules.price_bpu_month` said once more, in SQL, for many rows.

A test holds the two against each other on the same random rows; they share no code.
"""

# To be joined LATERAL beside a relation `line` with the columns month, income, sector, funding
# and with_jht. No row comes back where a programme has no rate in that month.
PRESENT_PRICE = """
SELECT
    coalesce(sum(part.amount) FILTER (WHERE part.programme = 'JKK'), 0)::bigint AS jkk,
    coalesce(sum(part.amount) FILTER (WHERE part.programme = 'JKM'), 0)::bigint AS jkm,
    coalesce(sum(part.amount) FILTER (WHERE part.programme = 'JHT'), 0)::bigint AS jht,
    sum(part.amount)::bigint AS total,
    array_remove(array_agg(part.base_id) || array_agg(part.relief_id), NULL) AS rates
FROM (
    SELECT programme.name AS programme, coalesce(relief.amount, base.amount) AS amount,
           base.id AS base_id, relief.id AS relief_id
    FROM (VALUES ('JKK'), ('JKM'), ('JHT')) AS programme (name)
    CROSS JOIN LATERAL (
        SELECT rate.id, CASE rate.measure
            WHEN 'WAGE_PPM'
            THEN (least(line.income, rate.ceiling) * rate.value + 500000) / 1000000
            WHEN 'NORMAL_PPM' THEN 0
            ELSE rate.value END AS amount
        FROM contributions_rate rate
        WHERE rate.segment = 'BPU' AND rate.payer = 'PARTICIPANT' AND rate.role = 'BASE'
          AND rate.programme = programme.name
          AND rate.valid_from <= line.month
          AND (rate.valid_until IS NULL OR rate.valid_until > line.month)
          AND CASE rate.measure WHEN 'BAND' THEN rate.income_from <= line.income
              ELSE rate.selector IN ('', line.sector) END
        ORDER BY coalesce(rate.income_from, 0) DESC, rate.id
        LIMIT 1
    ) base
    LEFT JOIN LATERAL (
        SELECT cheaper.id, cheaper.amount
        FROM (
            SELECT rate.id, CASE rate.measure
                WHEN 'WAGE_PPM'
                THEN (least(line.income, rate.ceiling) * rate.value + 500000) / 1000000
                WHEN 'NORMAL_PPM' THEN (base.amount * rate.value + 500000) / 1000000
                ELSE rate.value END AS amount
            FROM contributions_rate rate
            WHERE rate.segment = 'BPU' AND rate.payer = 'PARTICIPANT' AND rate.role = 'RELIEF'
              AND rate.programme = programme.name
              AND rate.condition = 'NOT_STATE_FUNDED'
              AND rate.selector IN ('', line.sector)
              AND rate.valid_from <= line.month
              AND (rate.valid_until IS NULL OR rate.valid_until > line.month)
        ) cheaper
        WHERE cheaper.amount < base.amount
          AND (line.funding IN ('SELF', 'DONOR') OR line.funding = 'APBDES' AND EXISTS (
              SELECT FROM reference_setting setting
              WHERE setting.key = 'APBDES_RELIEF' AND setting.value = 'yes'
                AND setting.valid_from <= line.month
                AND (setting.valid_until IS NULL OR setting.valid_until > line.month)))
        ORDER BY cheaper.amount, cheaper.id
        LIMIT 1
    ) relief ON true
    WHERE programme.name <> 'JHT' OR line.with_jht
) part
HAVING count(*) = CASE WHEN line.with_jht THEN 3 ELSE 2 END
"""
