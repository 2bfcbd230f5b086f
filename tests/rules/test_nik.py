"""A NIK is refused for what it cannot be, never for where it comes from."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.nik import (
    LIKELY_AGES,
    Nik,
    NikError,
    age_on,
    birth_date,
    mask_nik,
    read_nik,
)

TODAY = date(2026, 11, 23)


def refused(text: str, on: date = TODAY) -> NikError:
    with pytest.raises(NikError) as caught:
        read_nik(text, on)
    return caught.value


def test_a_mans_nik_says_when_he_was_born():
    assert read_nik("3672991509850001", TODAY) == Nik(
        number="3672991509850001", birth_date=date(1985, 9, 15), sex="L", region="367299"
    )


def test_a_womans_nik_adds_forty_to_the_day():
    nik = read_nik("3672995509850001", TODAY)

    assert (nik.birth_date, nik.sex) == (date(1985, 9, 15), "P")


@pytest.mark.parametrize(
    "text",
    ["3672 9915 0985 0001", "3672.9915.0985.0001", "3672-9915-0985-0001", " 3672991509850001\n"],
)
def test_spaces_and_dots_do_not_matter(text):
    assert read_nik(text, TODAY).number == "3672991509850001"


@pytest.mark.parametrize(
    ("text", "key", "count"),
    [
        ("", "empty", 0),
        (" . ", "empty", 0),
        ("367299150985000", "len", 15),
        ("36729915098500011", "len", 17),
        ("1", "len", 1),
        ("36729915o9850001", "chars", 16),
        ("3,67299E+15", "chars", 11),
        ("\u0663672991509850001", "chars", 16),
        ("3672990009850001", "date", 16),  # day 00
        ("3672993209850001", "date", 16),  # day 32
        ("3672994009850001", "date", 16),  # day 40: no woman's either
        ("3672997209850001", "date", 16),  # day 72
        ("3672993104850001", "date", 16),  # 31 April
        ("3672997104850001", "date", 16),  # 31 April of a woman
        ("3672992902850001", "date", 16),  # 1985 is no leap year
        ("3672991513850001", "date", 16),  # month 13
        ("3672991500850001", "date", 16),  # month 00
        ("3672991509850000", "serial", 16),
    ],
)
def test_what_cannot_be_a_nik_is_refused_and_says_why(text, key, count):
    error = refused(text)

    assert (error.key, error.count) == (key, count)


@pytest.mark.parametrize("day", [*range(1, 32), *range(41, 72)])
def test_days_1_to_31_and_41_to_71_are_read(day):
    nik = read_nik(f"367299{day:02}01850001", TODAY)

    assert nik.birth_date == date(1985, 1, day if day <= 31 else day - 40)


@pytest.mark.parametrize("day", [0, *range(32, 41), *range(72, 100)])
def test_other_days_are_refused(day):
    assert refused(f"367299{day:02}01850001").key == "date"


@pytest.mark.parametrize("region", ["367201", "367299", "320101", "110101", "960101", "360401"])
def test_no_place_is_refused(region):
    assert read_nik(f"{region}1509850001", TODAY).warnings == ()


@pytest.mark.parametrize("region", ["000000", "200101", "990101", "540101"])
def test_an_unknown_province_is_a_warning_only(region):
    assert read_nik(f"{region}1509850001", TODAY).warnings == ("province",)


@pytest.mark.parametrize(
    ("year", "born"),
    [
        (85, 1985),
        (8, 2008),  # 18 rather than 118
        (9, 2009),  # 17 on 1 January 2026
        (10, 2010),  # 16: 116 is past all ages
        (17, 2017),  # 9: 109 is unlikely too, the younger counts
        (26, 1926),  # 100 is likely, a newborn is not
        (27, 1927),  # 2027 lies ahead
        (0, 2000),
    ],
)
def test_the_missing_century_gives_a_likely_age(year, born):
    assert read_nik(f"3672990101{year:02}0001", TODAY).birth_date == date(born, 1, 1)


def test_a_leap_day_is_looked_for_in_every_century():
    assert read_nik("3672992902000001", TODAY).birth_date == date(2000, 2, 29)
    assert refused("3672992902000001", on=date(1999, 12, 31)).key == "date"


def test_nobody_is_born_tomorrow_nor_older_than_110():
    assert birth_date(24, month=11, year_in_century=26, on=TODAY) == date(1926, 11, 24)
    assert birth_date(1, month=1, year_in_century=15, on=TODAY) == date(2015, 1, 1)
    assert birth_date(31, month=12, year_in_century=99, on=date(2099, 6, 1)) == date(1999, 12, 31)


@given(st.dates(date(1870, 1, 1), date(2090, 12, 31)), st.booleans(), st.integers(1, 9_999))
def test_a_likely_age_is_read_back(born, is_woman, serial):
    on = date(born.year + 40, 7, 1)
    day = born.day + 40 if is_woman else born.day

    nik = read_nik(f"367299{day:02}{born.month:02}{born.year % 100:02}{serial:04}", on)

    assert age_on(born, on) in LIKELY_AGES
    assert nik.birth_date == born
    assert nik.sex == ("P" if is_woman else "L")


def fault_or_nik(text: str) -> str | Nik:
    try:
        return read_nik(text, TODAY)
    except NikError as error:
        return error.key


@given(st.text())
def test_any_text_is_a_nik_or_a_nik_error(text):
    found = fault_or_nik(text)

    assert isinstance(found, Nik) or found in {"empty", "chars", "len", "date", "serial"}


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_sixteen_digits_are_a_nik_or_a_wrong_date_or_serial(text):
    found = fault_or_nik(text)

    if isinstance(found, Nik):
        assert 0 <= age_on(found.birth_date, TODAY) <= 110
    else:
        assert found in {"date", "serial"}


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1985, 9, 15), date(2026, 9, 14), 40),
        (date(1985, 9, 15), date(2026, 9, 15), 41),
        (date(2004, 2, 29), date(2026, 2, 28), 21),
        (date(2004, 2, 29), date(2026, 3, 1), 22),
        (date(2026, 12, 1), date(2026, 11, 23), -1),
    ],
)
def test_an_age_is_counted_in_whole_years(born, on, age):
    assert age_on(born, on) == age


def test_a_masked_nik_shows_four_digits_at_each_end():
    assert mask_nik("3672991509850001") == "3672••••••••0001"
