from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.months import Month
from employers.rules.cells import CAUSES, shown
from employers.rules.columns import CANONICAL
from employers.rules.rows import (
    SENTENCES,
    Frame,
    Known,
    Row,
    column_of,
    compare,
    read_row,
    sentence_of,
)

OCTOBER = Month(2026, 10)
FRAME = Frame.of(OCTOBER, minimum_wage=5_469_922)
GOOD = {
    "nik": "3672991509850001",
    "nama": "Budi Santoso",
    "tanggal_lahir": date(1985, 9, 15),
    "mulai_kerja": date(2020, 1, 6),
    "upah": 6_000_000,
}
KNOWN = Known(date(2020, 1, 6), 6_000_000)


def judge(*, known: Known | None = KNOWN, frame: Frame = FRAME, **cells) -> Row:
    given = GOOD | cells
    row = read_row([given.get(name) for name in CANONICAL], frame)
    compare(row, known, frame)
    return row


def keys(faults) -> list[tuple[str, str]]:
    return [(fault["key"], fault["column"]) for fault in faults]


def test_a_good_row_has_nothing_to_say():
    row = judge()

    assert (row.faults, row.warnings) == ([], [])
    assert (row.id_kind, row.id_number, row.sex) == ("NIK", "3672991509850001", "L")
    assert (row.birth_date, row.started_on, row.wage) == (
        date(1985, 9, 15),
        date(2020, 1, 6),
        6_000_000,
    )
    assert not row.is_new


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"nik": None}, ("nik.empty", "nik")),
        ({"nik": "12345"}, ("nik.len", "nik")),
        ({"nik": "36729915098500O1"}, ("nik.chars", "nik")),
        ({"nik": "3,67E+15"}, ("nik.number", "nik")),
        ({"nik": "3672993213850001"}, ("nik.date", "nik")),
        ({"nik": "3672991509850000"}, ("nik.serial", "nik")),
        ({"nik": object()}, ("formula.number", "nik")),
        ({"nik": None, "paspor": "?"}, ("paspor.form", "paspor")),
        ({"nik": None, "paspor": "A1234567"}, ("sex.empty", "jenis_kelamin")),
        ({"nama": ""}, ("name.empty", "nama")),
        ({"nama": "12"}, ("name.chars", "nama")),
        ({"nama": "a" * 121}, ("name.long", "nama")),
        ({"nama": "=A1"}, ("formula.text", "nama")),
        ({"tanggal_lahir": None}, ("dob.empty", "tanggal_lahir")),
        ({"tanggal_lahir": "31/02/1985"}, ("dob.real", "tanggal_lahir")),
        ({"tanggal_lahir": "01/11/2026"}, ("dob.late", "tanggal_lahir")),
        ({"tanggal_lahir": "01/11/1890"}, ("dob.old", "tanggal_lahir")),
        ({"tanggal_lahir": object()}, ("formula.date", "tanggal_lahir")),
        ({"jenis_kelamin": "?!x"}, ("sex", "jenis_kelamin")),
        ({"kpj": "123"}, ("kpj", "kpj")),
        ({"mulai_kerja": "besok"}, ("row.date", "mulai_kerja")),
        ({"mulai_kerja": "01/11/2026"}, ("row.date.late", "mulai_kerja")),
        ({"mulai_kerja": "15/09/1985"}, ("row.date.born", "mulai_kerja")),
        ({"upah": None}, ("wage.empty", "upah")),
        ({"upah": "lima"}, ("wage.form", "upah")),
        ({"upah": 5469922.59}, ("wage.sen", "upah")),
        ({"upah": -1}, ("wage.negative", "upah")),
        ({"upah": 10**10}, ("wage.most", "upah")),
        ({"upah": object()}, ("formula.number", "upah")),
        ({"tanggal_keluar": "besok", "sebab_keluar": "PHK"}, ("row.end", "tanggal_keluar")),
        ({"sebab_keluar": "PHK"}, ("row.end.empty", "tanggal_keluar")),
        (
            {"tanggal_keluar": "05/01/2020", "sebab_keluar": "PHK"},
            ("row.end.early", "tanggal_keluar"),
        ),
        (
            {"tanggal_keluar": "01/11/2026", "sebab_keluar": "PHK"},
            ("row.end.late", "tanggal_keluar"),
        ),
        ({"tanggal_keluar": "15/10/2026"}, ("cause.empty", "sebab_keluar")),
        ({"tanggal_keluar": "15/10/2026", "sebab_keluar": "bosan"}, ("cause", "sebab_keluar")),
    ],
)
def test_one_wrong_cell_is_one_fault_in_its_own_column(cells, expected):
    row = judge(**cells)

    assert keys(row.faults) == [expected]
    assert row.warnings == []


def test_every_wrong_cell_of_a_row_is_told():
    row = judge(nik="1", nama="", tanggal_lahir="x", mulai_kerja="x", upah="x")

    assert [column for _, column in keys(row.faults)] == [
        "nik",
        "nama",
        "tanggal_lahir",
        "mulai_kerja",
        "upah",
    ]


def test_a_joiner_needs_the_day_of_starting():
    assert keys(judge(known=None, mulai_kerja=None).faults) == [("row.date.empty", "mulai_kerja")]


def test_a_joiner_of_a_file_without_that_column_starts_with_the_month():
    frame = Frame.of(OCTOBER, has_starts=False)

    row = judge(known=None, mulai_kerja=None, frame=frame)

    assert row.faults == []
    assert row.is_new
    assert row.started_on == date(2026, 10, 1)


def test_who_works_here_already_keeps_the_day_of_starting():
    row = judge(mulai_kerja="01/02/2026")

    assert row.started_on == KNOWN.started_on
    assert judge(mulai_kerja=None).faults == []


def test_who_left_before_the_month_is_absent_and_needs_no_wage():
    row = judge(tanggal_keluar="30/09/2026", sebab_keluar="PHK", upah=None)

    assert row.faults == []
    assert row.is_absent
    assert (row.ended_on, row.cause, row.wage) == (date(2026, 9, 30), "DISMISSED", 0)


def test_who_leaves_within_the_month_is_still_paid_for():
    row = judge(tanggal_keluar="30/10/2026", sebab_keluar="Pensiun")

    assert not row.is_absent
    assert (row.ended_on, row.cause) == (date(2026, 10, 30), "RETIRED")
    assert keys(judge(tanggal_keluar="30/10/2026", sebab_keluar="Pensiun", upah=None).faults) == [
        ("wage.empty", "upah")
    ]


def test_a_stranger_who_left_before_the_month_is_nobodys_joiner():
    row = judge(known=None, tanggal_keluar="30/09/2026", sebab_keluar="PHK", mulai_kerja=None)

    assert (row.faults, row.is_new) == ([], False)


def test_a_foreigner_is_known_by_a_passport():
    row = judge(nik=None, paspor="a 123 4567", jenis_kelamin="P")

    assert row.faults == []
    assert (row.id_kind, row.id_number, row.sex) == ("PASSPORT", "A1234567", "P")


def test_a_nik_goes_before_a_passport():
    assert judge(paspor="A1234567").id_kind == "NIK"


@pytest.mark.parametrize(
    ("cells", "known", "expected"),
    [
        ({"tanggal_lahir": "16/09/1985"}, KNOWN, ("nik.dobwarn", "tanggal_lahir")),
        ({"upah": 5_000_000}, Known(KNOWN.started_on), ("row.wage.low", "upah")),
        ({"upah": 0}, Known(KNOWN.started_on), ("row.wage.low", "upah")),
        ({"upah": 5_470}, KNOWN, ("row.wage.typo", "upah")),
        ({"upah": 7_200_001}, KNOWN, ("row.wage.change", "upah")),
        ({"upah": 6_000_000}, Known(KNOWN.started_on, 7_500_001), ("row.wage.change", "upah")),
    ],
)
def test_what_looks_wrong_is_one_warning(cells, known, expected):
    row = judge(known=known, **cells)

    assert row.faults == []
    assert keys(row.warnings) == [expected]


@pytest.mark.parametrize("wage", [4_800_000, 7_200_000])
def test_a_change_of_just_a_fifth_is_no_warning(wage):
    frame = Frame.of(OCTOBER)

    assert judge(upah=wage, frame=frame).warnings == []


def test_the_minimum_wage_itself_is_enough():
    known = Known(KNOWN.started_on)

    assert judge(upah=5_469_922, known=known).warnings == []
    assert keys(judge(upah=5_469_921, known=known).warnings) == [("row.wage.low", "upah")]


def test_a_low_wage_that_was_explained_last_month_is_not_asked_again():
    known = Known(KNOWN.started_on, 5_000_000)
    january = Frame.of(Month(2027, 1), minimum_wage=5_800_000, minimum_is_new=True)

    assert judge(upah=5_000_000, known=known).warnings == []
    assert keys(judge(upah=5_000_000, known=known, frame=january).warnings) == [
        ("row.wage.low", "upah")
    ]


def test_a_century_is_no_difference_with_the_nik():
    assert (
        judge(nik="3672991509050001", tanggal_lahir="15/09/1905", mulai_kerja=None).warnings == []
    )


def test_a_fault_names_its_row_its_column_and_the_remedy():
    fault = judge(nik="12345").faults[0]

    assert sentence_of(fault, 7) == "Baris 7: NIK harus 16 angka. Di sini ada 5 angka"
    assert column_of(fault) == "NIK"


def test_a_warning_names_amounts():
    low = judge(upah=5_000_000, known=Known(KNOWN.started_on)).warnings[0]
    typo = judge(upah=5_470).warnings[0]

    assert sentence_of(low, 12) == (
        "Baris 12: upah Rp5.000.000 di bawah upah minimum Rp5.469.922. Benarkan atau beri alasan"
    )
    assert sentence_of(typo, 12) == "Baris 12: upah 5.470. Maksud Anda Rp5.470.000?"


BANNED = ("mohon", "maaf", "tidak valid", "gagal", "wajib diisi")


@pytest.mark.parametrize("key", SENTENCES)
def test_sentences_are_short_and_polite(key):
    words = {"n": 16, "q": 20_000, "x": 4_999_999, "y": 5_469_922, "p": -25}

    sentence = sentence_of({"key": key, "column": "nik", **words}, 20_000)

    assert len(sentence) <= 95
    assert all(len(part.split()) <= 20 for part in sentence.split(". "))
    assert not any(word in sentence.lower() for word in BANNED)


def test_no_sentence_stands_for_two_faults():
    assert len(set(SENTENCES.values())) == len(SENTENCES)


cell = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(-10, 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1800, 1, 1)),
    st.sampled_from([*GOOD.values(), *CAUSES, "3,67E+15", "Rp 5.000.000", "=1", object(), True]),
)


@given(st.lists(cell, min_size=len(CANONICAL), max_size=len(CANONICAL)))
def test_any_row_is_judged_and_a_row_without_faults_is_whole(cells):
    row = read_row(cells, FRAME)
    compare(row, None, FRAME)

    if not row.faults:
        assert None not in {row.id_number, row.birth_date, row.started_on, row.wage}
        assert row.name
        assert row.sex in {"P", "L"}
    assert all(sentence_of(fault, 1) for fault in row.faults + row.warnings)


@given(st.lists(cell, min_size=len(CANONICAL), max_size=len(CANONICAL)))
def test_a_row_as_it_is_shown_is_judged_the_same(cells):
    first, second = (
        read_row(row, FRAME) for row in (cells, ["" if c is None else shown(c) for c in cells])
    )

    assert [fault["column"] for fault in first.faults] == [
        fault["column"] for fault in second.faults
    ]
    assert (first.wage, first.birth_date, first.id_number) == (
        second.wage,
        second.birth_date,
        second.id_number,
    )


@given(st.dates(date(1930, 1, 1), date(2010, 1, 1)), st.integers(0, 400))
def test_a_birth_date_is_set_beside_the_nik(born, days):
    other = born + timedelta(days)
    row = judge(nik=f"367299{born:%d%m%y}0001", tanggal_lahir=other, mulai_kerja=None, known=KNOWN)

    assert bool(row.warnings) == bool(days)
