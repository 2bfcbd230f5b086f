"""`quote`: prices by the month, one answer a line, and no question that breaks it."""

import io
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings, strategies as st

from cilegon_portal.contributions.quotes import CannotQuote, answer
from cilegon_portal.management.commands.quote import price_list
from cilegon_portal.reference.models import Setting

FISHERMAN = {
    "segment": "BPU",
    "month": "2026-11",
    "months": 12,
    "income": 1_000_000,
    "sector": "OTHER",
    "jht": False,
    "funding": "SELF",
}
STEELWORKER = {
    "segment": "PU",
    "month": "2026-11",
    "wage": 15_000_000,
    "risk_group": 1,
    "size": "LARGE",
}

pytestmark = pytest.mark.django_db


def batch(
    monkeypatch: pytest.MonkeyPatch, *lines: bytes | dict[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    """Give the answers to `lines`, and the exit status."""
    given_in = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    )
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given_in)))
    out = io.StringIO()
    status = 0
    try:
        call_command("quote", "--batch", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    return [json.loads(line) for line in out.getvalue().splitlines()], status


def test_a_fisherman_learns_the_price_of_a_year(monkeypatch):
    [said], status = batch(monkeypatch, FISHERMAN)

    assert status == 0
    assert said["total"] == 184_800
    assert said["months"][0] == {
        "month": "2026-11", "jkk": 5_000, "jkm": 3_400, "jht": 0, "total": 8_400,
    }  # fmt: skip
    assert [line["total"] for line in said["months"]] == [8_400] * 2 + [16_800] * 10
    assert set(said) == {"total", "months"}


@pytest.mark.parametrize(
    ("changed", "total"),
    [
        ({"months": 1}, 8_400),
        ({"months": 1, "jht": True}, 28_400),
        ({"months": 3, "sector": "TRANSPORT"}, 25_200),
        ({"months": 5, "sector": "TRANSPORT"}, 42_000),
        ({"months": 6, "sector": "TRANSPORT"}, 58_800),
        ({"months": 1, "funding": "DONOR"}, 8_400),
        ({"months": 1, "funding": "APBD"}, 16_800),
        ({"months": 1, "funding": "APBN"}, 16_800),
        ({"months": 1, "funding": "APBDES"}, 16_800),
        ({"months": 1, "month": "2026-03"}, 16_800),
        ({"months": 1, "month": "2026-03", "sector": "TRANSPORT"}, 8_400),
        ({"months": 1, "month": "2022-02", "jht": True}, 36_800),
        ({"months": 1, "income": 20_200_000, "jht": True}, 103_500 + 3_400 + 414_000),
        ({"months": 1, "month": "2020-08"}, 16_800),
        ({"months": 1, "month": "2020-08", "relief": ["COVID_ARREARS_PAID"]}, 168),
        ({"months": 1, "funding": "APBD", "relief": ["NOT_STATE_FUNDED"]}, 16_800),
    ],
)
def test_month_sector_and_funding_decide(monkeypatch, changed, total):
    [said], status = batch(monkeypatch, FISHERMAN | changed)

    assert (said["total"], status) == (total, 0)


def test_what_is_left_out_is_one_month_without_jht_from_ones_own_pocket(monkeypatch):
    asked = {"segment": "BPU", "month": "2026-11", "income": 1_000_000, "sector": "OTHER"}

    [said], _ = batch(monkeypatch, asked)

    assert said["total"] == 8_400


def test_the_decision_about_village_money_is_read_by_the_month(monkeypatch):
    Setting.objects.filter(key="APBDES_RELIEF").update(value="yes")

    [said], _ = batch(monkeypatch, FISHERMAN | {"funding": "APBDES", "months": 1})

    assert said["total"] == 8_400


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({}, (36_000, 45_000, 555_000, 300_000, 221_726, 110_863)),
        (
            {"wage": 3_000_000, "risk_group": 2, "size": "MICRO"},
            (16_200, 9_000, 0, 0, 0, 0),
        ),
        ({"size": "SMALL"}, (36_000, 45_000, 555_000, 300_000, 0, 0)),
        ({"month": "2026-02"}, (36_000, 45_000, 555_000, 300_000, 210_948, 105_474)),
        (
            {"month": "2025-06", "wage": 10_000_000, "relief": ["LABOUR_INTENSIVE"]},
            (12_000, 30_000, 370_000, 200_000, 200_000, 100_000),
        ),
    ],
)
def test_a_wage_is_priced_in_six_parts_and_never_for_jkp(monkeypatch, changed, parts):
    [said], status = batch(monkeypatch, STEELWORKER | changed)

    names = ("jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker")
    assert said == dict(zip(names, parts, strict=True)) | {"total": sum(parts)}
    assert status == 0


@pytest.mark.parametrize(
    ("month", "size", "assumed"),
    [("2027-02", "LARGE", False), ("2027-03", "LARGE", True), ("2027-03", "SMALL", False)],
)
def test_a_ceiling_carried_over_is_marked(monkeypatch, month, size, assumed):
    [said], _ = batch(monkeypatch, STEELWORKER | {"month": month, "size": size})

    assert said.get("assumed", False) is assumed


@pytest.mark.parametrize("group", ["EMPLOYER", "APPRENTICE", "HONORARY", "TRAINEE", "PRISONER"])
def test_who_is_priced_like_a_wage_is_sent_to_the_office(monkeypatch, group):
    [said], status = batch(monkeypatch, FISHERMAN | {"group": group})

    assert "dihitung kantor" in said["error"]
    assert status == 1


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (FISHERMAN | {"income": -1}, "income"),
        (FISHERMAN | {"income": "1000000"}, "income"),
        (FISHERMAN | {"income": 1_000_000.0}, "income"),
        (FISHERMAN | {"income": True}, "income"),
        (FISHERMAN | {"income": None}, "income"),
        (FISHERMAN | {"income": 10**30}, "income"),
        (FISHERMAN | {"month": "2026-13"}, "month"),
        (FISHERMAN | {"month": "November 2026"}, "month"),
        (FISHERMAN | {"month": 202611}, "month"),
        (FISHERMAN | {"month": "2010-01"}, "month"),
        (FISHERMAN | {"months": 0}, "months"),
        (FISHERMAN | {"months": 121}, "months"),
        (FISHERMAN | {"month": "9999-12", "months": 2}, "months"),
        (FISHERMAN | {"sector": "other"}, "sector"),
        (FISHERMAN | {"sector": []}, "sector"),
        (FISHERMAN | {"funding": "CSR"}, "funding"),
        (FISHERMAN | {"jht": 1}, "jht"),
        (FISHERMAN | {"group": "MAGANG"}, "group"),
        (FISHERMAN | {"wage": 1}, "wage"),
        (FISHERMAN | {"segment": "PMI"}, "segment"),
        ({}, "segment"),
        ({"segment": {}}, "segment"),
        ({"segment": "BPU"}, "month"),
        (STEELWORKER | {"risk_group": 6}, "risk_group"),
        (STEELWORKER | {"risk_group": "1"}, "risk_group"),
        (STEELWORKER | {"size": "HUGE"}, "size"),
        (STEELWORKER | {"relief": "LABOUR_INTENSIVE"}, "relief"),
        (STEELWORKER | {"relief": ["NOTHING"]}, "relief"),
        (STEELWORKER | {"relief": [[]]}, "relief"),
        (STEELWORKER | {"months": 3}, "months"),
    ],
)
def test_what_cannot_be_priced_is_refused_by_the_name_of_the_field(monkeypatch, asked, named):
    [said], status = batch(monkeypatch, asked)

    assert said.keys() == {"error"}
    assert said["error"].startswith(f"{named}: ")
    assert status == 1


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[1", b'{"a":NaN}', b"\xff", b"[" * 100_000, b"null", b"[]", b'"BPU"',
     b'{"segment":"BPU","segment":"PU"}', b"9" * 5_000],
)  # fmt: skip
def test_a_line_that_is_no_question_is_refused_with_a_sentence(monkeypatch, line):
    [said], status = batch(monkeypatch, line)

    assert said["error"].endswith(".")
    assert status == 1


def test_one_bad_line_leaves_the_others_their_answers_in_order(monkeypatch):
    said, status = batch(monkeypatch, FISHERMAN | {"months": 1}, b"?", b"", STEELWORKER, FISHERMAN)

    assert [line.get("total") for line in said] == [8_400, None, 1_268_589, 184_800]
    assert status == 1


def test_three_queries_price_any_number_of_lines(monkeypatch, django_assert_num_queries):
    with django_assert_num_queries(3):
        said, _ = batch(monkeypatch, *[FISHERMAN, STEELWORKER] * 100)

    assert len(said) == 200


def test_one_question_can_be_an_argument():
    out = io.StringIO()

    call_command("quote", json.dumps(FISHERMAN), "--json", stdout=out)

    assert json.loads(out.getvalue())["total"] == 184_800


@pytest.mark.parametrize("arguments", [[], ["{}", "--batch"]])
def test_no_question_or_two_kinds_at_once_are_refused(arguments):
    with pytest.raises(CommandError, match="--batch"):
        call_command("quote", *arguments)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([FISHERMAN, STEELWORKER]),
    st.dictionaries(st.sampled_from([*FISHERMAN, *STEELWORKER, "relief", "group"]), values),
)
def test_whatever_is_asked_the_answer_is_a_price_or_a_sentence(db, asked, changed):
    prices = price_list()

    try:
        said = answer(asked | changed, prices)
    except CannotQuote as refusal:
        said = {"error": str(refusal)}

    assert said.get("total", 0) >= 0
    assert said.get("error", ".").endswith(".")
