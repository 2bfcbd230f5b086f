"""Many act on one month at once, on real connections: one report, one bill, no rupiah twice."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections, transaction

from cilegon_portal.contributions.models import Account, Charge
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.people.models import Person
from employers.actions.approving import AlreadyApproved, DraftIsClosed, approve
from employers.actions.drafts import discard
from employers.actions.ending import NotStanding, TooLate, unfinalise
from employers.actions.estimating import estimate_month
from employers.actions.terms import change_terms
from employers.models import Employment, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT, DAY

pytestmark = pytest.mark.usefixtures("committed")
JUNE, SEPTEMBER = OCTOBER.plus(-4), OCTOBER.plus(-1)
EARLY = AT - 20 * DAY
REFUSALS = (AlreadyApproved, DraftIsClosed, NotStanding, TooLate)


def all_at_once(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """Run each job in a thread of its own, released together; a refusal is an answer."""
    start = threading.Barrier(len(jobs))

    def work(job: Callable[[], object]) -> object:
        try:
            start.wait()
            return job()
        except REFUSALS as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(work, jobs))


def test_two_approvers_at_once_make_one_report():
    firm, clerk = months.firm(), make.user()
    draft = months.draft(firm, [6_000_000] * 5)
    done = all_at_once([partial(approve, draft=draft, by=clerk, at=AT)] * 8)
    assert sum(isinstance(it, WageReport) for it in done) == 1
    assert sum(isinstance(it, AlreadyApproved) for it in done) == 7
    assert (WageReport.objects.count(), Charge.objects.count()) == (1, 1)
    assert Employment.objects.count() == 5
    assert violations() == {}


def test_a_report_and_an_estimate_at_once_leave_the_report_standing():
    firm, clerk = months.firm(), make.user()
    people = months.people_of(months.approved(firm, [6_000_000], month=SEPTEMBER))
    draft = months.draft(firm, [7_000_000], people=people)
    all_at_once(
        [
            partial(approve, draft=draft, by=clerk, at=AT),
            *[partial(estimate_month, month=OCTOBER, at=AT)] * 4,
        ]
    )
    standing = WageReport.objects.standing().of_month(OCTOBER).get()
    assert (standing.kind, standing.wages) == ("REGULAR", 7_000_000)
    assert months.bill_of(firm).contribution == standing.total
    assert violations() == {}


def test_estimates_at_once_are_written_once():
    firms = [months.firm() for _ in range(6)]
    for firm in firms:
        months.approved(firm, [6_000_000], month=SEPTEMBER)
    all_at_once([partial(estimate_month, month=OCTOBER, at=AT)] * 4)
    assert WageReport.objects.of_month(OCTOBER).count() == 6
    assert violations() == {}


def test_two_firms_name_the_same_new_people_in_another_order():
    clerk, born = make.user(), months.BORN
    niks = [make.nik(born=born) for _ in range(20)]
    drafts = []
    for order in (niks, niks[::-1]) * 2:
        draft = months.draft(months.firm())
        for number, known in enumerate(order, start=2):
            months.row(draft, number, 6_000_000, known=known)
        drafts.append(draft)
    done = all_at_once([partial(approve, draft=draft, by=clerk, at=AT) for draft in drafts])
    assert all(isinstance(it, WageReport) for it in done)
    assert Person.objects.count() == 20
    assert violations() == {}


def test_taking_back_and_paying_at_once_leave_a_sound_ledger():
    firm, clerk = months.firm(), make.user()
    report = months.approved(firm, [6_000_000], at=EARLY)
    all_at_once(
        [
            partial(unfinalise, report=report, by=clerk, at=EARLY),
            partial(unfinalise, report=report, by=clerk, at=EARLY),
            partial(make.payment, report.total, account=firm.account, at=EARLY),
        ]
    )
    bill = months.bill_of(firm)
    credit = Account.objects.with_sums().get(employer=firm).credit
    assert bill.allocated + credit == report.total
    assert bill.contribution in {0, report.total}
    assert violations() == {}


def test_terms_change_while_months_are_approved_and_money_comes():
    firm, clerk = months.firm(), make.user()
    people = months.people_of(months.approved(firm, [6_000_000] * 3, month=SEPTEMBER))
    draft = months.draft(firm, [6_000_000] * 3, people=people)
    change = partial(
        change_terms, employer=firm, valid_from=SEPTEMBER, size="MEDIUM", reason="Uji", by=clerk,
        at=AT,
    )  # fmt: skip
    all_at_once(
        [
            partial(approve, draft=draft, by=clerk, at=AT),
            partial(change, risk_group=5),
            partial(change, risk_group=1),
            *[partial(make.payment, 500_000, account=firm.account)] * 3,
        ]
    )
    terms = firm.terms.standing().in_force_in(OCTOBER).get()
    assert {it.terms_id for it in WageReport.objects.standing()} == {terms.pk}
    assert violations() == {}


def test_a_month_that_a_colleague_throws_away_keeps_no_other_from_approval():
    firm, clerk = months.firm(), make.user()
    draft = months.draft(firm, [6_000_000], month=SEPTEMBER)
    other = months.draft(firm, [6_000_000])

    def throw_away() -> None:
        with transaction.atomic():
            discard(draft=other, by=clerk, at=AT)
            thrown.set()
            is_waited_for()

    thrown = threading.Event()

    def approve_then() -> WageReport:
        thrown.wait()
        return approve(draft=draft, by=clerk, at=AT)

    _, report = all_at_once([throw_away, approve_then])

    assert isinstance(report, WageReport)
    assert violations() == {}


def is_waited_for() -> None:
    """Return once another connection waits for a lock of this one."""
    with connections["default"].cursor() as cursor:
        for _ in range(1_000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("nobody waits")


def test_firms_whose_actions_take_several_steps_never_wait_for_each_other_in_a_circle():
    clerk = make.user()
    jobs: list[Callable[[], object]] = []
    for number in range(4):
        firm = months.firm()
        first = months.approved(firm, [6_000_000] * 3, month=JUNE, at=AT - 150 * DAY)
        people = months.people_of(first)
        for later in (1, 2, 3):
            month = JUNE.plus(later)
            months.approved(firm, [6_000_000] * 3, people=people, month=month, at=AT)
        make.payment(9_000_000, account=firm.account)
        draft = months.draft(firm, [6_000_000] * 3, people=people)
        change = partial(change_terms, employer=firm, valid_from=JUNE.plus(number % 3))
        jobs += [
            partial(approve, draft=draft, by=clerk, at=AT),
            partial(change, size="MICRO", risk_group=1, reason="Uji", by=clerk, at=AT),
            partial(make.payment, 3_000_000, account=firm.account),
        ]
    all_at_once([*jobs, partial(estimate_month, month=OCTOBER, at=AT)])
    assert violations() == {}
