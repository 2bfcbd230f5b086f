"""The table of lists without a database: what an address asks, and how a value is written."""

from datetime import date

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given, strategies as st

from cilegon_portal import tables
from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from cilegon_portal.tables import Column, Filter, Kind, Table

TABLE = Table(
    name="people",
    caption="Orang",
    columns=(
        Column("nama", "Nama", lambda row: row.name, sort="name", is_fixed=True),
        Column("masuk", "Masuk", lambda row: row.joined_at, sort="joined_at", kind=Kind.DAY),
        Column("surat", "E-mail", lambda row: row.email, is_usual=False),
    ),
    filters=(
        Filter(
            "q",
            forms.CharField(label="Nama", max_length=20, required=False),
            lambda rows, words: rows.filter(name__icontains=words),
        ),
        Filter(
            "f_aktif",
            forms.ChoiceField(label="Aktif", choices=[("", "Semua"), ("1", "Ya")], required=False),
            lambda rows, it: rows.filter(is_active=it == "1"),
        ),
    ),
    link=lambda row: f"/orang/{row.pk}/",
    sort="nama",
)


def asked(query: str, **more) -> tables.Listing:
    return tables.ask(TABLE, QueryDict(query), User.objects.all(), **more)


def test_what_is_understood_has_one_spelling():
    listing = asked("x=1&f_aktif=1&per=100&sort=-masuk&q=+siti+&page=4&cols=surat,entah")

    assert listing.address == "q=siti&f_aktif=1&sort=-masuk&per=100&cols=surat"


@pytest.mark.parametrize(
    "query", ["", "sort=surat", "sort=--nama", "per=1000000", "f_aktif=2", "cols=entah", "q=%00"]
)
def test_what_makes_no_sense_is_the_usual(query):
    listing = asked(query)

    assert listing.address == ""
    assert (listing.sort, listing.per) == ("nama", 50)
    assert [column.name for column in listing.columns] == ["nama", "masuk"]


def test_a_chosen_column_comes_with_the_fixed_ones_and_in_their_order():
    names = [column.name for column in asked("cols=surat").columns]

    assert names == ["nama", "surat"]
    assert asked("", columns=["surat"]).columns == asked("cols=surat").columns


def test_the_address_goes_before_what_was_chosen_earlier():
    assert [it.name for it in asked("cols=masuk", columns=["surat"]).columns] == ["nama", "masuk"]


def test_rows_are_sorted_with_empty_values_last_and_ties_by_key():
    sql = str(asked("sort=-masuk").rows.query)

    assert 'DESC NULLS LAST, "accounts_user"."id" ASC' in sql


def test_a_filter_narrows_only_when_it_says_something():
    assert "is_active" not in str(asked("f_aktif=").rows.query.where)
    assert str(asked("f_aktif=1").rows.query) != str(asked("").rows.query)


def test_each_filter_in_use_is_a_chip_with_the_address_of_the_rest():
    assert asked("q=siti&f_aktif=1&per=25").chips() == [
        ("Nama: siti", "?f_aktif=1&per=25"),
        ("Aktif: Ya", "?q=siti&per=25"),
    ]


def test_new_filters_leave_order_length_and_columns_alone():
    kept = asked("q=siti&sort=-nama&per=25&cols=surat&page=3").kept()

    assert kept == [("sort", "-nama"), ("per", "25"), ("cols", "surat")]


@given(st.dictionaries(st.sampled_from(["q", "f_aktif", "sort", "per", "cols", "x"]), st.text()))
def test_an_address_that_was_understood_is_understood_again(query):
    parameters = QueryDict(mutable=True)
    parameters.update(query)

    first = tables.ask(TABLE, parameters, User.objects.all())

    assert asked(first.address).address == first.address


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, Kind.MONEY, "–"),
        ("", Kind.TEXT, "–"),
        (0, Kind.MONEY, "Rp0"),
        (1_250_000, Kind.MONEY, "Rp1.250.000"),
        (1_250, Kind.NUMBER, "1.250"),
        ("CLG-0000-0000", Kind.ID, "CLG-0000-0000"),
        (date(2026, 11, 3), Kind.DAY, "3 November 2026"),
        (Month(2026, 11), Kind.MONTH, "November 2026"),
    ],
)
def test_a_value_is_written_by_its_kind(value, kind, words):
    assert tables.written(value, kind) == words


def test_in_a_sheet_a_month_is_its_first_day_and_a_number_stays_one():
    assert tables.sheet_value(Month(2026, 11)) == date(2026, 11, 1)
    assert tables.sheet_value(1_250_000) == 1_250_000


def test_the_keys_of_ticked_rows_are_numbers_that_a_key_can_be():
    given_keys = ["3", "1", "3", "", "-1", "٣", "x", "9" * 40, str(2**63), str(2**63 - 1)]

    assert tables.understood_keys(given_keys) == [1, 3, 2**63 - 1]
