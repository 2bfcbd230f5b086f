"""`demo`: a made-up Cilegon, the same for the same arguments, and never on real data."""

import json
from datetime import date, datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cilegon_portal.accounts.actions import is_demo_database, mark_as_demo
from cilegon_portal.contributions.models import (
    Account,
    Bill,
    CodeLine,
    Payment,
    PaymentCode,
    Rate,
)
from cilegon_portal.management.demo.filling import lines_of_business, places, trades
from cilegon_portal.management.demo.firms import FirmPlan
from cilegon_portal.management.demo.plan import Fate, Plan
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.models import Decision, Employer, Employment, WageLine, WageReport
from participants.models import Enrolment
from tests.accounts.helpers import worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_firms")]

ON = "2026-11-23"
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Jakarta"))


def demo(scale: str = "0.001", on: str = ON, seed: int = 1) -> dict[str, Any]:
    out = StringIO()
    call_command("demo", "--scale", scale, "--on", on, "--seed", str(seed), "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def content() -> list[Any]:
    """Return what the demo wrote, without keys of rows and without what is encrypted."""
    return [
        list(Person.objects.order_by("id_index").values_list("id_index", "name", "user__phone")),
        list(Enrolment.objects.order_by("number").values_list("number", "income", "with_jht")),
        list(Account.objects.order_by("virtual_account").values_list("virtual_account", "name")),
        list(PaymentCode.objects.order_by("reference").values_list("reference", "amount")),
        list(
            CodeLine.objects.order_by("code__reference", "position").values_list("month", "total")
        ),
        list(
            Payment.objects.order_by("channel", "external_reference", "kind").values_list(
                "external_reference", "amount", "paid_at", "account__virtual_account"
            )
        ),
        list(
            Bill.objects.order_by("account__virtual_account", "month").values_list(
                "month", "due_on", "kelurahan__code"
            )
        ),
        list(
            Employer.objects.order_by("reference").values_list("reference", "name", "npp", "state")
        ),
        list(
            Employment.objects.order_by("person__id_index").values_list(
                "employer__reference", "reported_name", "started_on", "ended_on", "cause"
            )
        ),
        list(
            WageReport.objects.order_by("employer__reference", "month", "version").values_list(
                "month", "kind", "source", "workers", "wages", "total", "approved_at"
            )
        ),
        list(
            WageLine.objects.order_by("person__id_index", "month").values_list("wage", "jp_worker")
        ),
        Decision.objects.order_by("employer__reference", "at").count(),
    ]


def test_the_same_arguments_write_the_same_rows():
    contents = []
    for _ in range(2):
        with transaction.atomic():
            demo()
            contents.append(content())
            transaction.set_rollback(True)

    assert contents[0] == contents[1]


def test_a_second_run_writes_nothing():
    first = demo()

    second = demo()

    assert first["written"] > 500
    assert second["written"] == 0
    assert second["phones"] == first["phones"]


def test_another_seed_makes_other_people_up():
    people = [
        [person.nik for person in Plan(seed, "0.02", NOW, trades(), places()).people()]
        for seed in (1, 2)
    ]

    assert len(people[0]) == len(people[1]) == 180
    assert people[0] != people[1]


def test_a_scale_has_a_floor():
    plan = Plan(1, "0.001", NOW, trades(), places())

    assert len(list(plan.people())) == 30


@pytest.mark.parametrize("on", ["2026-11-01", "2026-01-31", "2024-02-29", "2027-03-01"])
@pytest.mark.parametrize("seed", [1, 2])
def test_any_day_can_be_the_day_of_the_demo(on, seed):
    now = datetime.combine(date.fromisoformat(on), NOW.timetz())

    for person in Plan(seed, "0.05", now, trades(), places()).people():
        before = person.registered_at
        months = [month for purchase in person.purchases for month in purchase.months]
        assert months == [person.first_month.plus(number) for number in range(len(months))]
        for purchase in person.purchases:
            assert before <= purchase.made_at <= now
            assert purchase.paid_at is None or purchase.made_at < purchase.paid_at <= now
            assert (purchase.paid_at is None) == (person.fate is Fate.APPLICANT)
            before = purchase.paid_at or purchase.made_at


@pytest.mark.parametrize("on", ["2026-11-01", "2026-01-31", "2024-02-29", "2027-03-01"])
@pytest.mark.parametrize("seed", [1, 2])
def test_on_any_day_nothing_about_a_firm_lies_in_the_future(on, seed):
    day = date.fromisoformat(on)
    now = datetime.combine(day, NOW.timetz())

    for firm in FirmPlan(seed, "0.05", now, lines_of_business(), places()).firms():
        assert firm.began_at < firm.sent_at < firm.decided_at <= (firm.closed_at or now) <= now
        assert firm.first_month <= Month.of(day)
        assert len({worker.id_number for worker in firm.workers}) == len(firm.workers)
        for hand in firm.workers:
            assert hand.birth_date < hand.started_on
            assert hand.ended_on is None or hand.started_on <= hand.ended_on < day
            assert (hand.ended_on is None) == (hand.cause == "")


def test_a_database_with_users_that_is_no_demo_is_refused():
    worker()

    with pytest.raises(CommandError, match="tidak bertanda demo"):
        demo()

    assert not is_demo_database()
    assert not Person.objects.exists()


def test_a_database_with_people_of_others_is_refused():
    mark_as_demo(at=NOW)
    Account.objects.create(kind="PU", virtual_account="9900000000000000", name="X", opened_at=NOW)

    with pytest.raises(CommandError, match="sudah berisi data"):
        demo()


def test_other_arguments_on_a_filled_demo_are_refused():
    demo()

    with pytest.raises(CommandError, match=r"0\.001 2026-11-23 1"):
        demo(seed=2)


def test_an_empty_database_that_is_marked_already_is_filled():
    mark_as_demo(at=NOW)

    assert demo()["tables"]["enrolments"] == 30


def test_without_demo_mode_nothing_is_filled(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        demo()


def test_without_reference_data_nothing_is_filled():
    Rate.objects.all().delete()

    with pytest.raises(CommandError, match="load_reference"):
        demo()

    assert not is_demo_database()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scale", "0"],
        ["--scale", "11"],
        ["--scale", "x"],
        ["--on", "23-11-2026"],
        ["--seed", "x"],
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments):
    with pytest.raises(CommandError):
        call_command("demo", *arguments)


def test_what_was_written_is_told_with_the_sign_ins():
    out = StringIO()

    call_command("demo", scale=0.001, on=ON, seed=1, stdout=out)

    assert "enrolments: 30 ditulis" in out.getvalue()
    assert "Admin sistem: admin@kantor.contoh.test" in out.getvalue()
    assert "Peserta masa tenggang: 0812999" in out.getvalue()
