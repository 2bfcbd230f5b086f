"""A firm is billed under other terms from a month on; months billed otherwise are corrected."""

import pytest

from cilegon_portal.contributions.models import Charge
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.actions.estimating import estimate_month
from employers.actions.terms import change_terms, preview_terms, programmes_in, terms_in
from employers.models import Terms, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, NOVEMBER = OCTOBER.plus(-2), OCTOBER.plus(-1), OCTOBER.plus(1)


def change(firm, valid_from: Month, *, risk_group: int = 4, size: str = "MEDIUM", **more) -> Terms:
    return change_terms(
        employer=firm,
        valid_from=valid_from,
        size=size,
        risk_group=risk_group,
        reason="Pemeriksaan",
        by=make.user(),
        at=AT,
        **more,
    )


def reported(firm, *which: Month) -> list[WageReport]:
    people: list[Person] = []
    made = []
    for month in which:
        made.append(months.approved(firm, [5_000_000, 6_000_000], month=month, people=people))
        people = months.people_of(made[0])
    return made


def test_months_from_the_change_on_are_priced_anew():
    firm = months.firm()
    august, september, october = reported(firm, AUGUST, SEPTEMBER, OCTOBER)
    terms = change(firm, SEPTEMBER, risk_group=5)
    for month, before in ((SEPTEMBER, september), (OCTOBER, october)):
        report = WageReport.objects.standing().of_month(month).get()
        assert (report.kind, report.source, report.terms) == ("REPRICED", "OFFICE", terms)
        assert report.jkk - before.jkk == 11 * (17_400 - 12_700)
        assert report.charge.total == report.total - before.total
        assert months.bill_of(firm, month).contribution == report.total
        assert report.charge.reason_code == "TERMS_CHANGED"
    assert WageReport.objects.standing().of_month(AUGUST).get() == august
    assert violations() == {}


def test_the_preview_tells_the_effect_and_writes_nothing():
    firm = months.firm()
    _, september, october = reported(firm, AUGUST, SEPTEMBER, OCTOBER)
    seen = preview_terms(employer=firm, valid_from=SEPTEMBER, size="MEDIUM", risk_group=5)
    assert [(it.month, it.before) for it in seen] == [
        (SEPTEMBER, september.total),
        (OCTOBER, october.total),
    ]
    assert {it.change for it in seen} == {11 * 4_700}
    assert Terms.objects.count() == 1
    change(firm, SEPTEMBER, risk_group=5)
    assert [it.after for it in seen] == [
        WageReport.objects.standing().of_month(it.month).get().total for it in seen
    ]


def test_terms_that_change_no_price_change_no_report():
    firm = months.firm()
    reported(firm, SEPTEMBER, OCTOBER)
    change(firm, SEPTEMBER, size="LARGE")
    assert WageReport.objects.count() == Charge.objects.exclude(kind="PENALTY").count() == 2
    assert preview_terms(employer=firm, valid_from=SEPTEMBER, size="LARGE", risk_group=4) == []


def test_an_estimate_that_is_priced_anew_is_an_estimate_still():
    firm = months.firm()
    reported(firm, SEPTEMBER)
    estimate_month(month=OCTOBER, at=AT)
    change(firm, OCTOBER, risk_group=1)
    report = WageReport.objects.standing().of_month(OCTOBER).get()
    assert (report.kind, report.version) == ("ESTIMATE", 2)
    months.approved(firm, [5_000_000])
    assert violations() == {}


def test_terms_may_be_corrected_from_their_first_month_on():
    firm = months.firm(first=SEPTEMBER)
    reported(firm, SEPTEMBER)
    change(firm, OCTOBER, risk_group=3)
    terms = change(firm, SEPTEMBER, risk_group=2)
    assert [terms_in(firm, month) for month in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER)] == [
        None, terms, terms, terms,
    ]  # fmt: skip
    assert firm.terms.standing().count() == 1
    assert WageReport.objects.standing().get().jkk == 11 * 5_400
    assert violations() == {}


def test_before_the_change_the_old_terms_hold():
    firm = months.firm()
    before = terms_in(firm, OCTOBER)
    change(firm, NOVEMBER, size="LARGE")
    before.refresh_from_db()
    assert (before.valid_until, before.replaced_at) == (NOVEMBER, None)
    assert terms_in(firm, OCTOBER) == before
    assert terms_in(firm, NOVEMBER).size == "LARGE"


def test_a_firm_takes_part_in_what_its_size_must_and_what_it_chose():
    firm = months.firm(size="MICRO")
    assert programmes_in(firm, OCTOBER) == {"JKK", "JKM"}
    change(firm, OCTOBER, size="MICRO", with_jht=True)
    assert programmes_in(firm, OCTOBER) == {"JKK", "JKM", "JHT"}
    assert programmes_in(firm, SEPTEMBER) == {"JKK", "JKM"}
    assert programmes_in(firm, Month(2020, 1)) == frozenset()


def test_the_relief_of_labour_intensive_firms_follows_the_contribution_month():
    firm = months.firm()
    january, february = Month(2026, 1), Month(2026, 2)
    reported(firm, january, february)
    change(firm, january, is_labour_intensive=True)
    standing = {it.month: it for it in WageReport.objects.standing()}
    assert standing[january].jkk == 11 * 6_350
    assert standing[february].jkk == 11 * 12_700
    assert standing[january].charge.total == -11 * 6_350
    assert violations() == {}
