"""The pure rules of a firm: its numbers, and the evidence that closes it."""

import pytest

from employers.rules.closing import missing_evidence
from employers.rules.numbers import NumberError, read_nib, read_npp, read_npwp


@pytest.mark.parametrize(
    ("text", "npp"),
    [
        ("15070955", "15070955"),
        (" jj012345 ", "JJ012345"),
        ("15070955-000", "15070955"),
        ("15070955 000", "15070955"),
        ("15070955000", "15070955"),
    ],
)
def test_an_npp_is_read_as_people_write_it(text, npp):
    assert read_npp(text) == npp


@pytest.mark.parametrize(
    ("read", "text", "key"),
    [
        (read_npp, "", "empty"),
        (read_npp, "1507095", "form"),
        (read_npp, "1507095X-12", "form"),
        (read_npp, "15070955-001", "division"),
        (read_npp, "15070955999", "division"),
        (read_nib, "   ", "empty"),
        (read_nib, "12345678901234", "len"),
        (read_nib, "12345678901ab", "chars"),
        (read_nib, "\u0661" * 13, "chars"),
        (read_npwp, "1" * 17, "len"),
    ],
)
def test_what_is_no_number_says_why(read, text, key):
    with pytest.raises(NumberError) as fault:
        read(text)

    assert fault.value.key == key


def test_another_division_is_served_where_the_office_says_so():
    assert read_npp("15070955-001", division="001") == "15070955"


def test_digits_are_read_whatever_stands_between_them():
    assert read_nib("1234 5678 90123") == "1234567890123"
    assert read_npwp("01.234.567.8-901.000") == "012345678901000"
    assert read_npwp("0012345678901000") == "0012345678901000"


@pytest.mark.parametrize(
    ("cause", "kinds", "missing"),
    [
        ("DISSOLVED", ["FIRM_LETTER", "AGENCY_LETTER"], []),
        ("DISSOLVED", ["AGENCY_LETTER", "VISIT_REPORT"], []),
        (
            "DISSOLVED",
            ["FIRM_LETTER"],
            ["Isi juga surat instansi perizinan, atau berita acara kunjungan"],
        ),
        ("DISSOLVED", [], ["Isi surat dari badan usaha atau surat instansi perizinan"]),
        ("IDLE", ["NIL_TAX_RETURN", "FIRM_LETTER"], []),
        ("IDLE", ["COURT_DECISION"], ["Isi surat dari badan usaha atau SPT nihil"]),
        ("BANKRUPT", ["COURT_DECISION", "VISIT_REPORT"], []),
        (
            "BANKRUPT",
            ["NEWSPAPER"],
            ["Isi juga putusan pengadilan, atau berita acara kunjungan"],
        ),
        ("VANISHED", ["VISIT_REPORT", "WITNESS", "WITNESS"], []),
        ("VANISHED", ["VISIT_REPORT", "WITNESS"], ["Isi dua saksi dari luar badan usaha"]),
        (
            "VANISHED",
            [],
            ["Isi berita acara kunjungan", "Isi dua saksi dari luar badan usaha"],
        ),
    ],
)
def test_each_cause_asks_for_its_evidence(cause, kinds, missing):
    assert missing_evidence(cause, kinds) == missing
