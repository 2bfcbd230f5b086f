"""What the law says, what a bill charges and what a member reads are one figure."""

import html
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cilegon_portal.contributions.actions import issue_code
from cilegon_portal.contributions.models import Charge
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name, rupiah
from participants.models import Enrolment
from tests import make
from tests.accounts.helpers import sign_in_worker, worker
from tests.contributions import law

MONTHS = [Month(2019, 1).plus(number) for number in range(108)]  # 2019 to 2027
WORK = {"OTHER": "Nelayan", "TRANSPORT": "Pengemudi ojek online"}
RELIEF = {"OTHER": law.BPU_OTHER, "TRANSPORT": law.BPU_TRANSPORT}
STATE_FUNDS = {"APBD", "APBDES", "APBN"}  # the setting says that APBDes has no relief either


def by_law(band: int, sector: str, month: Month, *, funding: str = "SELF") -> tuple[int, int, int]:
    """Return (JKK, JKM, JHT) of a month in rupiah, by the annexes and PP 50/2025."""
    _, _, jkk, jht = law.BANDS[band]
    begins, ends = RELIEF[sector]
    if begins <= month.first_day < ends and funding not in STATE_FUNDS:
        return jkk // 2, 3_400, jht
    return jkk, 6_800, jht


@pytest.fixture
def members(db: None) -> dict[tuple[int, str], Enrolment]:
    """Return somebody of each band and sector, all on one family's phone, with JHT."""
    user = worker()
    return {
        (band, sector): make.enrolment(
            user, occupation=work, income=law.BANDS[band][0], with_jht=True, born=date(1985, 9, 15)
        )
        for band in range(len(law.BANDS))
        for sector, work in WORK.items()
    }


def buy(members: dict[tuple[int, str], Enrolment], funding: str = "SELF") -> None:
    """Let one payer buy every month for everybody."""
    payer = make.account("GROUP")
    orders = [
        make.order(
            member.account,
            month,
            income=law.BANDS[band][0],
            funding=funding,
            with_jht=True,
        )
        for (band, _), member in members.items()
        for month in MONTHS
    ]
    code = issue_code(
        account=payer, orders=orders, expires_at=make.AT + make.DAY, by=None, at=make.AT
    )
    make.payment(code.amount, code=code)


def charged(member: Enrolment) -> dict[Month, tuple[int, int, int]]:
    rows = Charge.objects.filter(bill__account=member.account)
    return {
        month: (jkk, jkm, jht)
        for month, jkk, jkm, jht in rows.values_list("bill__month", "jkk", "jkm", "jht")
    }


def test_every_bill_of_every_band_and_sector_charges_what_the_law_says(members):
    buy(members)

    for (band, sector), member in members.items():
        assert charged(member) == {month: by_law(band, sector, month) for month in MONTHS}


@pytest.mark.parametrize("funding", sorted(STATE_FUNDS))
def test_a_bill_that_the_state_pays_has_no_relief(members, funding):
    lowest = {key: member for key, member in members.items() if key[0] == 0}
    buy(lowest, funding)

    for (band, sector), member in lowest.items():
        assert charged(member) == {
            month: by_law(band, sector, month, funding=funding) for month in MONTHS
        }


def read(page: str) -> dict[str, str]:
    """Return the total of each month as a person reads it on the page."""
    words = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))
    names = "|".join(re.escape(month_name(month)) for month in MONTHS)
    return dict(re.findall(rf"({names}) Terbayar .*?Jumlah (Rp[\d.]+)", words))


def test_a_member_reads_what_the_law_says(members):
    buy(members)
    client = Client()
    sign_in_worker(client, worker())

    for (band, sector), member in members.items():
        page = client.get(reverse("participants:history", args=[member.number]))
        assert read(page.content.decode()) == {
            month_name(month): rupiah(sum(by_law(band, sector, month))) for month in MONTHS
        }
