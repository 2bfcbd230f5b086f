"""A silent firm is billed what it reported last; the real report takes the estimate's place."""

from datetime import date

import pytest

from cilegon_portal.management.commands.check_invariants import violations
from employers.actions.approving import approve
from employers.actions.estimating import Billed, estimate_due, estimate_month
from employers.models import Employer, Employment, WageLine, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT

pytestmark = pytest.mark.django_db
SEPTEMBER, NOVEMBER = OCTOBER.plus(-1), OCTOBER.plus(1)


def test_a_silent_firm_is_billed_what_it_reported_last_and_that_is_said():
    firm = months.firm()
    last = months.approved(firm, [5_000_000, 6_000_000], month=SEPTEMBER)
    billed = estimate_month(month=OCTOBER, at=AT)
    report = WageReport.objects.standing().of_month(OCTOBER).get()
    assert (report.kind, report.source, report.is_estimate) == ("ESTIMATE", "OFFICE", True)
    assert (report.wages, report.total) == (last.wages, last.total)
    assert months.bill_of(firm).contribution == last.total
    assert report.charge.reason == "Perkiraan dari laporan terakhir untuk Oktober 2026"
    assert billed == Billed(firms=1, workers=2, total=last.total, written=12)  # one a penalty
    assert violations() == {}


def test_running_it_again_writes_nothing():
    months.approved(months.firm(), [5_000_000], month=SEPTEMBER)
    estimate_month(month=OCTOBER, at=AT)
    assert estimate_month(month=OCTOBER, at=AT) == Billed()
    assert WageReport.objects.count() == 2


def test_who_left_before_the_month_is_left_out():
    firm = months.firm()
    report = months.approved(firm, [5_000_000, 6_000_000, 7_000_000], month=SEPTEMBER)
    before, within, stays = months.people_of(report)
    Employment.objects.filter(person=before).update(ended_on=date(2026, 9, 30), cause="OTHER")
    Employment.objects.filter(person=within).update(ended_on=date(2026, 10, 1), cause="OTHER")
    estimate_month(month=OCTOBER, at=AT)
    lines = WageLine.objects.of_month(OCTOBER)
    assert {line.person for line in lines.select_related("person")} == {within, stays}


def test_an_estimate_is_priced_with_the_terms_and_ages_of_its_own_month():
    firm = months.firm()
    draft = months.draft(firm, month=SEPTEMBER)
    months.row(draft, 2, 5_000_000, born=date(1967, 9, 15))
    months.row(draft, 3, 5_000_000, id_kind="PASSPORT")
    months.approve(draft=draft, by=make.user(), at=AT)
    assert WageLine.objects.get(jp_employer__gt=0).month == SEPTEMBER
    estimate_month(month=OCTOBER, at=AT)
    assert WageLine.objects.of_month(OCTOBER).filter(jp_employer=0, jht_worker=100_000).count() == 2


def test_only_active_firms_of_that_month_that_reported_before_are_estimated():
    reported, closed, never, gone, later = (months.firm() for _ in range(5))
    for firm in (reported, closed, gone):
        months.approved(firm, [5_000_000], month=SEPTEMBER)
    months.approved(reported, [5_000_000])
    months.approved(later, [5_000_000], month=NOVEMBER)
    Employer.objects.filter(pk=closed.pk).update(state="CLOSED", last_month=SEPTEMBER)
    Employer.objects.filter(pk=gone.pk).update(last_month=SEPTEMBER)
    assert never.state == "ACTIVE"
    assert estimate_month(month=OCTOBER, at=AT) == Billed()


def test_the_real_report_replaces_the_estimate_and_corrects_the_bill():
    firm = months.firm()
    [person, other] = months.people_of(months.approved(firm, [5_000_000, 1], month=SEPTEMBER))
    estimate_month(month=OCTOBER, at=AT)
    report = months.approved(firm, [4_000_000, 1], people=[person, other])
    estimate = WageReport.objects.get(kind="ESTIMATE")
    assert (estimate.ended_because, estimate.ended_at) == ("REPLACED", AT)
    assert (report.kind, report.version) == ("REGULAR", 2)
    assert months.bill_of(firm).contribution == report.total < estimate.total
    assert report.charge.total == report.total - estimate.total
    assert violations() == {}


def test_the_daily_job_estimates_only_after_the_due_date():
    firm = months.firm()
    months.approved(firm, [5_000_000], month=SEPTEMBER)
    assert estimate_due(at=AT.replace(day=16)) == Billed()  # October is due on Monday the 16th
    assert estimate_due(at=AT.replace(day=17)).firms == 1
    assert not WageReport.objects.of_month(NOVEMBER).exists()


def test_credit_pays_what_was_estimated():
    firm = months.firm()
    last = months.approved(firm, [5_000_000], month=SEPTEMBER)
    make.payment(last.total + 700, account=firm.account)
    estimate_month(month=OCTOBER, at=AT)
    assert months.bill_of(firm).allocated == 700
    assert violations() == {}


def test_who_left_and_comes_back_later_is_left_out_between():
    firm = months.firm()
    august = months.approved(firm, [5_000_000, 5_000_000], month=OCTOBER.plus(-2))
    stays, comes_back = months.people_of(august)
    Employment.objects.filter(person=comes_back).update(ended_on=date(2026, 8, 31), cause="MOVED")
    draft = months.draft(firm, [5_000_000], people=[stays])
    months.row(draft, 9, 5_000_000, person=comes_back, started_on=date(2026, 10, 5))
    approve(draft=draft, by=make.user(), at=AT)
    estimate_month(month=OCTOBER.plus(-1), at=AT)
    estimate = WageReport.objects.get(kind="ESTIMATE")
    assert months.people_of(estimate) == [stays]
    assert violations() == {}
