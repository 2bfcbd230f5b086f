"""Another size or risk group from a month on: its effect is read before it is written."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.contributions.models import Bill
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name, rupiah
from employers.models import Employer, Seat, Terms
from tests import make
from tests.employers.billing import months

REASON = "Naik skala menurut laporan tahunan"


def this_month() -> Month:
    return Month.of(timezone.localdate())


def address(firm: Employer) -> str:
    return reverse("dashboard:change_terms", args=[firm.reference])


def asked(month: Month, **more: str) -> dict[str, str]:
    given = {
        "form_id": "t" * 20,
        "valid_from_month": str(month.number),
        "valid_from_year": str(month.year),
        "size": "LARGE",
        "risk_group": "5",
        "reason": REASON,
    }
    return given | more


@pytest.fixture
def firm(db) -> Employer:
    return make.firm(size="MEDIUM", risk_group=3, first=this_month().plus(-4))


def test_the_form_begins_with_the_terms_in_force(office, firm):
    page = office.get(address(firm)).content.decode()

    assert '<option value="MEDIUM" selected>' in page
    assert '<option value="3" selected>' in page
    assert "Lihat akibatnya" in page


def test_a_preview_writes_nothing(office, firm):
    page = office.post(address(firm), asked(this_month(), preview="1")).content.decode()

    assert "Yang akan berubah" in page
    assert "Simpan ketentuan" in page
    assert Terms.objects.filter(employer=firm).count() == 1


def test_a_month_that_is_billed_is_shown_before_and_after_and_then_corrected(office, firm):
    month = this_month().plus(-1)
    months.approved(firm, [10_000_000], month=month)
    given = asked(month, size="MEDIUM", risk_group="5")

    page = office.post(address(firm), given | {"preview": "1"}).content.decode()
    office.post(address(firm), given | {"save": "1"})

    bill = Bill.objects.with_sums().get(account=firm.account_id)
    before, after, change = map(rupiah, (bill.charged - 85_000, bill.charged, 85_000))
    assert month_name(month) in page
    assert [f">{amount}</td>" in page for amount in (before, after, change)] == [True] * 3


def test_new_terms_count_from_their_month_and_say_by_whom(office, officer, firm):
    first = office.post(address(firm), asked(this_month(), save="1"))
    second = office.post(address(firm), asked(this_month(), save="1"))

    old, new = Terms.objects.filter(employer=firm).order_by("valid_from")
    assert first.status_code == second.status_code == 302
    assert (old.valid_until, new.valid_from) == (this_month(), this_month())
    assert (new.size, new.risk_group, new.by, new.reason) == ("LARGE", 5, officer, REASON)
    page = office.get(first.headers["Location"]).content.decode()
    assert "Kelompok 5" in page
    assert REASON in page


def test_a_month_before_the_firm_or_years_ahead_is_refused(office, firm):
    for month in (this_month().plus(-5), this_month().plus(13), Month(1990, 1)):
        page = office.post(address(firm), asked(month, save="1")).content.decode()
        assert "Bulan harus " in page

    assert Terms.objects.filter(employer=firm).count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"size": ""}, "Pilih skala usaha"),
        ({"risk_group": "6"}, "Pilih kelompok risiko"),
        ({"reason": ""}, "Isi alasan"),
        ({"valid_from_month": ""}, "harus punya bulan"),
    ],
)
def test_what_is_missing_is_named(office, firm, wrong, sentence):
    page = office.post(address(firm), asked(this_month(), save="1", **wrong)).content.decode()

    assert sentence in page
    assert Terms.objects.filter(employer=firm).count() == 1


def test_nobody_changes_the_terms_of_a_firm_of_their_own(office, officer, firm):
    Seat.objects.create(
        employer=firm, user=officer, role="REPORTER", invited_at=make.AT, taken_at=make.AT
    )

    page = office.post(address(firm), asked(this_month(), save="1")).content.decode()

    assert "Minta rekan lain" in page
    assert Terms.objects.filter(employer=firm).count() == 1
