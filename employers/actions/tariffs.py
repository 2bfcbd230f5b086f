"""What a firm's month is priced with: rates and terms in force, laid out for sets of lines.

`contributions.rules.price_pu_month` said once more, in SQL, for many firms and months at once. A
test holds the two against each other on the same random rows; they share no code.
"""

# name of the column, programme, payer
PARTS = (
    ("jkk", "JKK", "EMPLOYER"),
    ("jkm", "JKM", "EMPLOYER"),
    ("jht_employer", "JHT", "EMPLOYER"),
    ("jht_worker", "JHT", "WORKER"),
    ("jp_employer", "JP", "EMPLOYER"),
    ("jp_worker", "JP", "WORKER"),
)
NAMES = tuple(name for name, _, _ in PARTS)
RELIEFS = (1, 2)  # of one part at most two are in force: for the risk group, and for all

# What a part is made of: the base has a share of the wage up to a ceiling (cap), or an amount
# (flat); a relief has one of these or a share of the base's amount, and null for the others.
BASE = ("cap", "ppm", "flat")
RELIEF = ("cap", "ppm", "share", "flat")


def column(name: str, piece: str, relief: int | str = "") -> str:
    return f"{name}_{piece}{relief}"


COLUMNS = [
    *(column(name, piece) for name in NAMES for piece in BASE),
    *(column(name, piece, it) for name in NAMES for it in RELIEFS for piece in RELIEF),
]

# One row a month that is priced; `n` ties its lines to it.
WORK_TABLES = f"""
SET LOCAL jit = off;
SET LOCAL work_mem = '64MB';
CREATE TEMP TABLE IF NOT EXISTS billing
    (n bigint, employer_id bigint, account_id bigint, month date, from_id bigint,
     terms_id bigint, tariff text, size text, risk_group int, with_jht boolean, with_jp boolean,
     is_labour_intensive boolean, had_no_covid_arrears boolean, born_after date,
     kind text, version int, workers bigint, wages bigint, jkk bigint, jkm bigint,
     jht_employer bigint, jht_worker bigint, jp_employer bigint, jp_worker bigint,
     rates bigint[], charge_id bigint, report_id bigint)
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS tariff
    (key text, missing text, assumed text[], rates bigint[],
     {", ".join(f"{name}_has_relief boolean" for name in NAMES)},
     {", ".join(f"{name} bigint" for name in COLUMNS)})
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS priced
    (n bigint, person_id bigint, wage bigint, jkk bigint, jkm bigint, jht_employer bigint,
     jht_worker bigint, jp_employer bigint, jp_worker bigint)
    ON COMMIT DROP;
DELETE FROM billing;
DELETE FROM tariff;
DELETE FROM priced;
"""  # noqa: S608 (constants)

TERMS_IN_FORCE = """
    SELECT id, employer_id, valid_from, valid_until, size, risk_group, with_jht, with_jp,
           is_labour_intensive, had_no_covid_arrears
    FROM employers_terms WHERE replaced_at IS NULL
"""


def lay_out(asked: str, terms: str = TERMS_IN_FORCE) -> str:
    """Return the statement that fills `billing`.

    `asked`: a query of employer_id, month, from_id (the report to copy from) and kind.
    Where no terms are in force in the month, no row comes.
    """
    return f"""
INSERT INTO billing
SELECT row_number() OVER (ORDER BY asked.month, employer.account_id), employer.id,
       employer.account_id, asked.month, asked.from_id, terms.id,
       concat_ws('/', asked.month, terms.size, terms.risk_group, terms.with_jht, terms.with_jp,
                 terms.is_labour_intensive, terms.had_no_covid_arrears),
       terms.size, terms.risk_group, terms.with_jht, terms.with_jp, terms.is_labour_intensive,
       terms.had_no_covid_arrears,
       (asked.month - make_interval(years => pension.age))::date,
       asked.kind, 1 + coalesce(known.version, 0)
FROM ({asked}) asked
JOIN employers_employer employer ON employer.id = asked.employer_id
JOIN ({terms}) terms
    ON terms.employer_id = employer.id AND terms.valid_from <= asked.month
   AND (terms.valid_until IS NULL OR terms.valid_until > asked.month)
CROSS JOIN LATERAL (
    SELECT setting.value::int AS age FROM reference_setting setting
    WHERE setting.key = 'JP_PENSION_AGE' AND setting.valid_from <= asked.month
    ORDER BY setting.valid_from DESC LIMIT 1
) pension
LEFT JOIN LATERAL (
    SELECT max(report.version) AS version FROM employers_wagereport report
    WHERE report.employer_id = employer.id AND report.month = asked.month
) known ON true
"""  # noqa: S608 (constants)


def picked(value: str, name: str) -> str:
    """Return the SQL of `value` in the one row of the part `name`."""
    return f"max({value}) FILTER (WHERE name = '{name}')"


HAVE_RELIEF = ", ".join(
    f"bool_or(relief_ids IS NOT NULL) FILTER (WHERE name = '{name}')" for name in NAMES
)
BASES = ", ".join(
    picked(piece if piece == "cap" else f"coalesce({piece}, 0)", name)
    for name in NAMES
    for piece in BASE
)
MATCHED_RELIEFS = ", ".join(
    picked(f"{piece}s[{it}]", name) for name in NAMES for it in RELIEFS for piece in RELIEF
)

IN_FORCE = """
    rate.segment = 'PU' AND rate.programme = part.programme AND rate.payer = part.payer
    AND rate.valid_from <= kind.month
    AND (rate.valid_until IS NULL OR rate.valid_until > kind.month)
"""

# A band depends on the wage; the law has none for wage earners, so a part that got one has no
# price here until somebody writes it.
FILL_TARIFF = f"""
INSERT INTO tariff
WITH kind AS MATERIALIZED (
    SELECT DISTINCT tariff, month, size, risk_group, with_jht, with_jp, is_labour_intensive,
           had_no_covid_arrears
    FROM billing
), part AS MATERIALIZED (
    SELECT kind.tariff, part.name, part.programme, taken.is_taken, base.id AS base_id,
           base.cap, base.ppm, base.flat, relief.ids AS relief_ids,
           coalesce(base.is_assumed, false) OR coalesce(relief.is_assumed, false) AS is_assumed,
           relief.caps, relief.ppms, relief.shares, relief.flats
    FROM kind
    CROSS JOIN (VALUES {", ".join(f"('{n}', '{p}', '{q}')" for n, p, q in PARTS)})
        AS part (name, programme, payer)
    CROSS JOIN LATERAL (
        SELECT part.programme = 'JHT' AND kind.with_jht OR part.programme = 'JP' AND kind.with_jp
            OR EXISTS (
                SELECT FROM contributions_sizeprogramme duty
                WHERE duty.size = kind.size AND duty.programme = part.programme
                  AND duty.is_compulsory AND duty.valid_from <= kind.month
                  AND (duty.valid_until IS NULL OR duty.valid_until > kind.month)) AS is_taken
    ) taken
    LEFT JOIN LATERAL (
        SELECT rate.id, rate.ceiling AS cap,
               CASE rate.measure WHEN 'WAGE_PPM' THEN rate.value ELSE 0 END AS ppm,
               CASE WHEN rate.measure IN ('WAGE_PPM', 'NORMAL_PPM') THEN 0 ELSE rate.value END
                   AS flat,
               rate.checked_until <= kind.month AS is_assumed
        FROM contributions_rate rate
        WHERE {IN_FORCE} AND rate.role = 'BASE'
          AND rate.selector IN ('', kind.risk_group::text)
          AND NOT EXISTS (SELECT FROM contributions_rate rate
                          WHERE {IN_FORCE} AND rate.role = 'BASE' AND rate.measure = 'BAND')
        ORDER BY rate.id LIMIT 1
    ) base ON taken.is_taken
    LEFT JOIN LATERAL (
        SELECT array_agg(rate.id ORDER BY rate.id) AS ids,
               bool_or(rate.checked_until <= kind.month) AS is_assumed,
               array_agg(rate.ceiling ORDER BY rate.id) AS caps,
               array_agg(CASE rate.measure WHEN 'WAGE_PPM' THEN rate.value END
                         ORDER BY rate.id) AS ppms,
               array_agg(CASE rate.measure WHEN 'NORMAL_PPM' THEN rate.value END
                         ORDER BY rate.id) AS shares,
               array_agg(CASE WHEN rate.measure NOT IN ('WAGE_PPM', 'NORMAL_PPM')
                         THEN rate.value END ORDER BY rate.id) AS flats
        FROM contributions_rate rate
        WHERE {IN_FORCE} AND rate.role = 'RELIEF'
          AND rate.selector IN ('', kind.risk_group::text)
          AND (rate.condition = ''
               OR rate.condition = 'LABOUR_INTENSIVE' AND kind.is_labour_intensive
               OR rate.condition = 'COVID_ARREARS_PAID' AND kind.had_no_covid_arrears)
    ) relief ON taken.is_taken
), used AS (
    SELECT DISTINCT tariff, rate_id
    FROM part CROSS JOIN LATERAL unnest(base_id || coalesce(relief_ids, '{{}}')) used (rate_id)
    WHERE base_id IS NOT NULL
)
SELECT part.tariff,
       min(part.programme) FILTER (WHERE part.is_taken AND part.base_id IS NULL),
       array_agg(part.name) FILTER (WHERE part.is_assumed),
       (SELECT array_agg(used.rate_id) FROM used WHERE used.tariff = part.tariff),
       {HAVE_RELIEF},
       {BASES},
       {MATCHED_RELIEFS}
FROM part
GROUP BY part.tariff
"""  # noqa: S608 (constants)


def rounded(amount: str, share: str) -> str:
    """Return the SQL of `share` (per million) of `amount`, half up to a whole rupiah."""
    return f"({amount} * {share} + 500000) / 1000000"


def amount_of(name: str) -> str:
    """Return the SQL of one part of `line.wage` at `tariff`: the least of base and reliefs.

    What a relief does not have is null, and `least` passes over nulls.
    """

    def of(piece: str, relief: int | str = "") -> str:
        return f"tariff.{column(name, piece, relief)}"

    normal = rounded(f"least(line.wage, {of('cap')})", of("ppm")) + " + " + of("flat")
    others = [
        way
        for it in RELIEFS
        for way in (
            rounded(f"least(line.wage, {of('cap', it)})", of("ppm", it)),
            rounded(f"({normal})", of("share", it)),
            of("flat", it),
        )
    ]
    least = f"least({normal}, {', '.join(others)})"
    amount = f"CASE WHEN tariff.{name}_has_relief THEN {least} ELSE {normal} END"
    return f"CASE WHEN line.has_jp THEN {amount} ELSE 0 END" if name.startswith("jp") else amount


# Columns of a line, in the order of `priced`, beside `line (n, person_id, wage, has_jp)`.
AMOUNTS = ",\n       ".join(f"{amount_of(name)} AS {name}" for name in NAMES)
