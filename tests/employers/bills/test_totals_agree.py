"""Preview, bill, page, workers, PDF, CSV, XLSX and ledger: one figure, to the rupiah."""

import random

import pytest
from django.test import Client

from cilegon_portal.contributions.models import Bill
from cilegon_portal.management.commands.check_invariants import violations
from employers.models import WageLine
from tests.accounts.helpers import sign_in_staff
from tests.employers.bills.rosters import Sums, approver_of, places, random_firm, random_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages stand at `at`."""


@pytest.mark.parametrize("seed", range(40))
def test_every_place_says_the_same_of_a_random_month(seed):
    dice = random.Random(seed)  # noqa: S311 (the same months in every run)
    firm = random_firm(dice)
    report, previews = random_report(firm, dice)
    client = Client()
    sign_in_staff(client, approver_of(firm))
    lines = list(WageLine.objects.filter(report=report))
    bill = Bill.objects.with_programmes().get(account=firm.account, month=report.month.first_day)

    said = Sums.of(report)
    found = dict(places(client, report))

    assert found == dict.fromkeys(found, said)
    assert previews[-1] == said
    assert Sums(*(sum(values) for values in zip(*map(amounts, lines), strict=True))) == said
    assert (bill.jkk, bill.jkm, bill.jht, bill.jp, bill.contribution) == (
        said.jkk,
        said.jkm,
        said.jht_employer + said.jht_worker,
        said.jp_employer + said.jp_worker,
        said.total,
    )
    assert len(found) == 10
    assert violations() == {}


def amounts(line):
    return [line.jkk, line.jkm, line.jht_employer, line.jht_worker, line.jp_employer,
            line.jp_worker, line.total]  # fmt: skip
