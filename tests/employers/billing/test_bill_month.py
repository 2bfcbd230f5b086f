"""bill_month bills what nobody reported, says what stands, and writes nothing the second time."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cilegon_portal.contributions.models import Rate
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER

pytestmark = pytest.mark.django_db


def run(*given: str) -> str:
    out = StringIO()
    call_command("bill_month", *given, stdout=out)
    return out.getvalue()


def billed(month: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(month, "--json"))
    return answer


def test_reports_and_estimates_of_the_month_are_told_together():
    silent, told = months.firm(), months.firm()
    last = months.approved(silent, [5_000_000], month=OCTOBER.plus(-1))
    report = months.approved(told, [6_000_000, 7_000_000])
    answer = {
        "month": "2026-10",
        "firms": 2,
        "workers": 3,
        "total": last.total + report.total,
        "estimated": 1,
        "written": 11,  # one of them the penalty of the month before, which nobody paid
    }
    assert billed("2026-10") == answer
    assert billed("2026-10") == answer | {"estimated": 0, "written": 0}
    assert "2 badan usaha, 3 pekerja" in run("2026-10")


def test_a_month_without_firms_bills_nothing():
    assert billed("2026-10")["firms"] == 0


@pytest.mark.parametrize("text", ["2026-13", "oktober", "2026-10-01", "2999-01"])
def test_what_is_no_month_that_can_be_billed_is_refused(text):
    with pytest.raises(CommandError):
        run(text)


def test_a_missing_rate_is_named():
    months.approved(months.firm(), [5_000_000], month=OCTOBER.plus(-1))
    Rate.objects.filter(segment="PU", programme="JKM", role="BASE").update(valid_until="2026-10-01")
    with pytest.raises(CommandError, match="Belum ada tarif JKM untuk Oktober 2026"):
        run("2026-10")
