"""The law reached back: PP 50/2025 came when months had been bought at the full price."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.actions import covered_months
from cilegon_portal.contributions.models import Account, Allocation, Charge, Rate
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from tests import make
from tests.make import AT

MARCH = Month(2026, 3)
JANUARY = Month(2026, 1)

pytestmark = pytest.mark.django_db


def credit(account: Account) -> int:
    return Account.objects.with_sums().get(pk=account.pk).credit


@pytest.fixture
def reliefs() -> list[Rate]:
    """Take the rows of PP 50/2025 away, as if they had not been loaded; return them."""
    rows = list(Rate.objects.filter(segment="BPU", role="RELIEF", condition="NOT_STATE_FUNDED"))
    Rate.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def load(rows: list[Rate]) -> None:
    for row in rows:
        row.pk = None
        row.save()


def reprice(month: Month) -> None:
    asked = actions.propose_repricing(month=month, by=make.user(), at=AT)
    actions.approve_repricing(repricing=asked, by=make.user(), at=AT)


def test_a_fisherman_ends_with_the_credit_of_four_months(reliefs):
    fisher = make.account()
    make.payment(16_800 * 5, code=make.code(fisher, 5, first=MARCH))
    load(reliefs)
    for number in range(1, 5):
        reprice(MARCH.plus(number))
    with pytest.raises(actions.NothingToReprice):
        reprice(MARCH)  # a fisherman's relief begins in April
    assert credit(fisher) == 4 * 8_400
    assert len(covered_months(fisher)) == 5
    assert violations() == {}


def test_a_driver_gets_it_from_january(reliefs):
    driver = make.account(sector="TRANSPORT")
    make.payment(16_800 * 2, code=make.code(driver, 2, first=JANUARY))
    load(reliefs)
    reprice(JANUARY)
    reprice(JANUARY.plus(1))
    assert credit(driver) == 2 * 8_400
    assert violations() == {}


def test_jht_and_what_the_state_paid_are_not_made_cheaper(reliefs):
    april = Month(2026, 4)
    saver, villager = make.account(), make.account()
    make.payment(36_800, code=make.code(saver, first=april, with_jht=True))
    make.payment(16_800, code=make.code(villager, first=april, funding="APBD"))
    load(reliefs)
    reprice(april)
    assert (credit(saver), credit(villager)) == (8_400, 0)
    corrected = Charge.objects.get(kind="CORRECTION")
    assert (corrected.jkk, corrected.jkm, corrected.jht) == (-5_000, -3_400, 0)


def test_the_surplus_pays_the_open_code_by_itself(reliefs):
    april = Month(2026, 4)
    fisher = make.account()
    make.payment(16_800 * 2, code=make.code(fisher, 2, first=april))
    load(reliefs)
    code = make.code(fisher, first=Month(2026, 11))
    reprice(april)
    code.refresh_from_db()
    assert (code.closed_because, credit(fisher)) == ("PAID", 0)
    assert Month(2026, 11) in covered_months(fisher)


def test_a_code_that_still_asks_the_old_price_is_replaced_and_its_money_buys_at_the_new(reliefs):
    fisher = make.account()
    code = make.code(fisher)
    load(reliefs)
    reprice(make.NOVEMBER)
    code.refresh_from_db()

    make.payment(16_800, code=code)

    assert (code.amount, code.closed_because) == (16_800, "REPLACED")
    assert covered_months(fisher) == [make.NOVEMBER]
    assert credit(fisher) == 8_400
    assert violations() == {}


def test_a_second_run_writes_nothing(reliefs):
    fisher = make.account()
    april = Month(2026, 4)
    make.payment(16_800, code=make.code(fisher, first=april))
    load(reliefs)
    reprice(april)
    before = (Charge.objects.count(), Allocation.objects.count())
    with pytest.raises(actions.NothingToReprice):
        reprice(april)
    assert (Charge.objects.count(), Allocation.objects.count()) == before


def run(*args: str | None) -> Any:
    out = StringIO()
    call_command("reprice", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_previews_proposes_and_is_approved_by_another(reliefs):
    fisher, asker, head = make.account(), make.user(), make.user()
    make.payment(16_800, code=make.code(fisher, first=Month(2026, 4)))
    load(reliefs)
    figures = {"month": "2026-04", "bills": 1, "surplus": 8_400}
    assert run("2026-04") == {**figures, "state": "PREVIEW"}
    assert credit(fisher) == 0
    assert run("2026-04", "--by", asker.email) == {**figures, "state": "PROPOSED"}
    with pytest.raises(CommandError, match="menunggu orang kedua"):
        run("2026-04", "--by", asker.email)
    with pytest.raises(CommandError, match="disetujui orang lain"):
        run("2026-04", "--by", asker.email, "--approve")
    assert credit(fisher) == 0
    assert run("2026-04", "--by", head.email, "--approve") == {**figures, "state": "APPROVED"}
    assert credit(fisher) == 8_400
    assert run("2026-04") == {**figures, "bills": 0, "surplus": 0, "state": "PREVIEW"}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["April"], "bukan bulan"),
        (["2026-04", "--approve"], "--by"),
        (["2026-04", "--by", "siapa@example.id"], "Tidak ada pengguna aktif"),
    ],
)
def test_the_command_says_what_is_wrong(args, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*args)


def test_the_command_approves_only_what_was_proposed():
    with pytest.raises(CommandError, match="Belum ada usul"):
        run("2026-04", "--by", make.user().email, "--approve")


def test_an_approved_proposal_is_not_approved_again(reliefs):
    fisher, head = make.account(), make.user()
    make.payment(16_800, code=make.code(fisher, first=Month(2026, 4)))
    load(reliefs)
    asked = actions.propose_repricing(month=Month(2026, 4), by=make.user(), at=AT)
    actions.approve_repricing(repricing=asked, by=head, at=AT)
    with pytest.raises(actions.AlreadyApproved):
        actions.approve_repricing(repricing=asked, by=head, at=AT)


def test_the_command_answers_people_too(reliefs):
    out = StringIO()
    call_command("reprice", "2026-04", stdout=out)
    assert out.getvalue() == "April 2026: 0 tagihan, kelebihan Rp0 (PREVIEW).\n"
