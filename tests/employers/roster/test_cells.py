from datetime import date, datetime

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.nik import NikError, read_nik
from employers.rules.cells import (
    CellFault,
    day_of,
    quickly_read,
    read_cause,
    read_date,
    read_kpj,
    read_name,
    read_nik_cell,
    read_passport,
    read_sex,
    read_wage,
    says_same_day,
    shown,
)

ON = date(2026, 10, 31)
NIK = "3672991509850001"
FORMULA = object()


def fault_of(read, *cells):
    with pytest.raises(CellFault) as fault:
        read(*cells)
    return fault.value.key


@pytest.mark.parametrize("cell", [NIK, int(NIK), f" {NIK} ", f"'{NIK}", "3672.9915.0985.0001"])
def test_a_nik_is_read_as_text_and_as_a_number(cell):
    assert read_nik_cell(cell, ON).number == NIK


@pytest.mark.parametrize("cell", [None, "", "  "])
def test_no_nik_is_no_fault_of_the_cell(cell):
    assert read_nik_cell(cell, ON) is None


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (3.67e15, "nik.number"),
        ("3,67E+15", "nik.number"),
        ("3.67299E+15", "nik.number"),
        (3672990000000000, "nik.number"),
        ("367299150985001", "nik.len"),
        (367299150985001, "nik.len"),
        ("36729915098500O1", "nik.chars"),
        ("3672993213850001", "nik.date"),
        ("3672991509850000", "nik.serial"),
        (True, "nik.chars"),
        (date(1985, 9, 15), "nik.chars"),
        (FORMULA, "formula"),
        ("=A2", "formula"),
    ],
)
def test_what_is_no_nik_is_refused_by_name(cell, key):
    assert fault_of(read_nik_cell, cell, ON) == key


def test_a_nik_of_the_wrong_length_tells_how_long_it_is():
    with pytest.raises(CellFault) as fault:
        read_nik_cell("367299", ON)

    assert fault.value.more == {"n": 6}


@given(
    st.one_of(
        st.text("0123456789", min_size=15, max_size=17),
        st.builds(
            lambda day, month, year, rest: f"367299{day:02}{month:02}{year:02}{rest:04}",
            st.integers(0, 75),
            st.integers(0, 13),
            st.integers(0, 99),
            st.integers(0, 9999),
        ),
    )
)
def test_the_quick_way_to_read_a_nik_says_what_the_rule_says(number):
    quick = quickly_read(number, ON)

    try:
        slow = read_nik(number, on=ON)
    except NikError:
        assert quick is None
    else:
        assert quick == (slow.number, slow.birth_date, slow.sex)


def test_a_nik_can_mean_the_same_day_of_another_century():
    identity = read_nik_cell("3672995509050001", ON)

    assert identity
    assert identity.sex == "P"
    assert says_same_day(identity, date(2005, 9, 15))
    assert says_same_day(identity, date(1905, 9, 15))
    assert not says_same_day(identity, date(2005, 9, 16))


@pytest.mark.parametrize(
    "cell",
    [
        date(1985, 3, 27),
        datetime(1985, 3, 27, 8, 30),  # noqa: DTZ001 (as a sheet holds it)
        31133,
        31133.0,
        "31133",
        "27/03/1985",
        "27/3/1985",
        "27-03-1985",
        "27.03.1985",
        "27 3 1985",
        " 27 / 03 / 1985 ",
        "1985-03-27",
        "1985-03-27 00:00:00",
        "27 Maret 1985",
        "27 MARET 1985",
        "27-Mar-1985",
        "27 Mar. 1985",
    ],
)
def test_a_day_is_read_in_the_forms_that_people_use(cell):
    assert read_date(cell, "row.date") == date(1985, 3, 27)


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/1985", "03/27/1985", "27/03/85", "1985", "27031985", 27031985, 31133.5, -1, True,
        "kemarin", "27 Foo 1985", "#N/A", "0/0/0000", "99999999999999999999",
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_refused(cell):
    assert fault_of(read_date, cell, "row.date") == "row.date"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 Pebruari 2020", date(2020, 2, 1)),
        ("2 Agt 2020", date(2020, 8, 2)),
        ("3 Nopember 2020", date(2020, 11, 3)),
        ("29/02/2024", date(2024, 2, 29)),
        ("29/02/2023", None),
    ],
)
def test_months_go_by_their_usual_names(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "cell",
    [
        5_000_000, 5_000_000.0, "5000000", "5.000.000", "5,000,000", "5 000 000", "Rp 5.000.000",
        "Rp5.000.000,00", "Rp. 5.000.000,-", "5000000.00", "5,000,000.00", "IDR 5,000,000",
        " rp 5.000.000 ",
    ],
)  # fmt: skip
def test_a_wage_is_read_in_the_forms_that_people_use(cell):
    assert read_wage(cell) == 5_000_000


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("lima juta", "wage.form"),
        ("5.000.00", "wage.form"),
        ("5,00,000", "wage.form"),
        ("5 juta", "wage.form"),
        (date(2026, 1, 1), "wage.form"),
        (True, "wage.form"),
        ("#REF!", "wage.form"),
        (5469922.59, "wage.sen"),
        ("5.469.922,59", "wage.sen"),
        (-5_000_000, "wage.negative"),
        ("-5.000.000", "wage.negative"),
        ("(5.000.000)", "wage.negative"),
        ("Rp -5.000.000", "wage.negative"),
        (10_000_000_000, "wage.most"),
        ("99999999999999999999999999", "wage.most"),
        (1e300, "wage.most"),
        ("=SUM(A1:A2)", "formula"),
        (FORMULA, "formula"),
    ],
)
def test_a_wage_that_is_none_is_refused_by_name(cell, key):
    assert fault_of(read_wage, cell) == key


def test_an_empty_wage_is_none_and_nought_is_nought():
    assert read_wage(" ") is None
    assert read_wage(0) == 0


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (None, "name.empty"),
        ("  ", "name.empty"),
        (123, "name.chars"),
        (3.67e15, "name.chars"),
        ("1234", "name.chars"),
        ("-", "name.chars"),
        ("#N/A", "name.chars"),
        ("x" * 121, "name.long"),
        (FORMULA, "formula"),
        ("=1+1", "formula"),
    ],
)
def test_what_is_no_name_is_refused(cell, key):
    assert fault_of(read_name, cell) == key


def test_a_name_loses_spaces_and_signs_that_nobody_sees():
    assert read_name("  Siti \t Rahayu\u200b\x00 ") == "Siti Rahayu"
    assert read_name("O'Brien-Wulandari, S.T.") == "O'Brien-Wulandari, S.T."


@pytest.mark.parametrize(
    ("cell", "sex"),
    [("L", "L"), ("laki-laki", "L"), (" Pria ", "L"), ("P", "P"), ("PEREMPUAN", "P"), (None, "")],
)
def test_a_sex_is_read(cell, sex):
    assert read_sex(cell) == sex


@pytest.mark.parametrize("cell", ["X", "12", "?"])
def test_another_sex_is_refused(cell):
    assert fault_of(read_sex, cell) == "sex"


def test_a_kpj_has_eleven_characters():
    assert read_kpj("1802 3456 789") == "18023456789"
    assert read_kpj(18023456789) == "18023456789"
    assert read_kpj(None) == ""
    assert fault_of(read_kpj, "123") == "kpj"


def test_a_passport_has_letters_and_digits():
    assert read_passport(" a 1234567 ") == "A1234567"
    assert read_passport(None) == ""
    assert fault_of(read_passport, "A1?") == "paspor.form"


@pytest.mark.parametrize(
    ("cell", "cause"),
    [
        ("Mengundurkan diri", "RESIGNED"),
        ("PHK", "DISMISSED"),
        ("Diberhentikan (PHK)", "DISMISSED"),
        ("habis kontrak", "CONTRACT_ENDED"),
        ("pensiun", "RETIRED"),
        ("Meninggal dunia", "DIED"),
        ("Pindah ke perusahaan lain", "MOVED"),
        ("Lain-lain", "OTHER"),
        ("", ""),
    ],
)
def test_a_cause_is_read(cell, cause):
    assert read_cause(cell) == cause


def test_an_unknown_cause_is_refused():
    assert fault_of(read_cause, "bosan") == "cause"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.67e15, "3,67E+15"),
        (5_000_000.0, "5000000"),
        (5469922.59, "5469922,59"),
        (1.125, "1,1250"),
        (date(1985, 3, 27), "27/03/1985"),
        (FORMULA, "=…"),
        (None, ""),
        (True, "BENAR"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_cell_is_shown_as_a_sheet_shows_it(cell, text):
    assert shown(cell) == text
