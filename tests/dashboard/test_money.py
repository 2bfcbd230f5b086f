import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.models import (
    Account,
    Bill,
    Payment,
    Rate,
    Repricing,
    covered_months,
)
from cilegon_portal.rules.months import Month
from tests import make
from tests.accounts.helpers import member, sign_in_staff

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
FORM = "f" * 24


def receive_page(enrolment):
    return reverse("dashboard:receive", args=[enrolment.person_id])


def counter_form(amount, *, reference="KW-0001", form_id=FORM):
    return {"channel": "CASH", "reference": reference, "amount": amount, "form_id": form_id}


@pytest.fixture
def code(fisherman):
    return make.code(fisherman.account, 2)


def test_money_at_the_counter_buys_the_months_of_the_code(desk, clerk, fisherman, code):
    answer = desk.post(receive_page(fisherman), counter_form("16.800"))

    payment = Payment.objects.get()
    assert answer.headers["Location"] == reverse("dashboard:person", args=[fisherman.person_id])
    assert (payment.channel, payment.external_reference) == ("CASH", "KW-0001")
    assert (payment.by, payment.amount) == (clerk, 16_800)
    assert covered_months(fisherman.account) == [NOVEMBER, DECEMBER]


def test_the_amount_of_the_code_is_filled_in(desk, fisherman, code):
    page = desk.get(receive_page(fisherman)).content.decode()

    assert 'value="16.800"' in page
    assert code.reference in page


def test_a_form_that_is_sent_twice_takes_the_money_once(desk, fisherman, code):
    for _ in range(2):
        desk.post(receive_page(fisherman), counter_form("16800"))

    assert Payment.objects.count() == 1


def test_a_known_receipt_number_is_told_and_not_posted(desk, fisherman, code):
    desk.post(receive_page(fisherman), counter_form("16800"))

    again = desk.post(receive_page(fisherman), counter_form("16800", form_id="g" * 24), follow=True)

    assert "sudah pernah dicatat" in again.content.decode()
    assert Payment.objects.count() == 1


def test_money_without_a_code_becomes_credit(desk, fisherman):
    desk.post(receive_page(fisherman), counter_form("5000"))

    page = desk.get(reverse("dashboard:person", args=[fisherman.person_id])).content.decode()
    assert "Rp5.000" in page
    assert not Bill.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"channel": ""}, "Pilih cara bayar"),
        ({"channel": "DEMO"}, "Pilih cara bayar"),
        ({"reference": " "}, "Isi nomor bukti pembayaran"),
        ({"amount": ""}, "Isi jumlah uang"),
        ({"amount": "-5"}, "Jumlah uang"),
        ({"amount": "0"}, "Jumlah uang harus paling sedikit Rp1"),
        ({"reference": "ß" * 64}, "Nomor bukti paling panjang 64 huruf"),
        ({"amount": "seratus"}, "Jumlah uang"),
    ],
)
def test_a_faulty_receipt_names_the_field_and_writes_nothing(
    desk, fisherman, code, given, sentence
):
    page = desk.post(receive_page(fisherman), counter_form("16800") | given).content.decode()

    assert sentence in page
    assert "Ada yang perlu diperbaiki" in page
    assert not Payment.objects.exists()


@pytest.mark.parametrize("form_id", ["", "a" * 65, "\x00" * 24])
def test_a_form_id_that_is_not_ours_takes_no_money(desk, fisherman, code, form_id):
    answer = desk.post(receive_page(fisherman), counter_form("16800", form_id=form_id))

    assert answer.status_code == 400
    assert not Payment.objects.exists()


def reverse_page(payment):
    return reverse("dashboard:reverse_payment", args=[payment.pk])


REASON = {"reason": "Salah ketik jumlah uang"}


def test_another_officer_undoes_a_payment_with_a_reason(client, clerk, colleague, fisherman, code):
    payment = make.payment(16_800, code=code, by=clerk)
    sign_in_staff(client, colleague)

    shown = client.get(reverse_page(payment)).content.decode()
    client.post(reverse_page(payment), REASON)

    assert "November 2026, Desember 2026 tidak lagi dilindungi" in " ".join(shown.split())
    undone = Payment.objects.get(kind="REVERSED")
    assert (undone.source, undone.amount, undone.by) == (payment, -16_800, colleague)
    assert undone.reason == "Salah ketik jumlah uang"
    assert covered_months(fisherman.account) == []


def test_nobody_undoes_what_they_recorded_themselves(desk, clerk, code):
    payment = make.payment(16_800, code=code, by=clerk)

    page = desk.post(reverse_page(payment), REASON).content.decode()

    assert "orang lain" in page
    assert not Payment.objects.filter(kind="REVERSED").exists()


def test_a_payment_is_undone_once(client, clerk, colleague, code):
    payment = make.payment(16_800, code=code, by=clerk)
    sign_in_staff(client, colleague)

    for _ in range(2):
        client.post(reverse_page(payment), REASON)

    assert Payment.objects.filter(kind="REVERSED").count() == 1


def test_undoing_asks_for_a_reason(client, clerk, colleague, code):
    payment = make.payment(16_800, code=code, by=clerk)
    sign_in_staff(client, colleague)

    page = client.post(reverse_page(payment), {"reason": ""}).content.decode()

    assert "Isi alasan" in page
    assert not Payment.objects.filter(kind="REVERSED").exists()


PROPOSE = reverse("dashboard:repricings")


@pytest.fixture
def bought_too_dear(fisherman):
    """November was bought while the relief of PP 50/2025 was not loaded yet."""
    reliefs = Rate.objects.filter(role="RELIEF", selector="OTHER", condition="NOT_STATE_FUNDED")
    kept = list(reliefs)
    reliefs.delete()
    make.bought(fisherman, NOVEMBER)
    Rate.objects.bulk_create(kept)


def proposal_of(client):
    client.post(PROPOSE, {"month_month": "11", "month_year": "2026"})
    return Repricing.objects.get()


def test_nobody_approves_the_repricing_they_proposed(client, colleague, bought_too_dear):
    sign_in_staff(client, colleague)
    proposal = proposal_of(client)

    page = client.post(reverse("dashboard:approve_repricing", args=[proposal.pk]), follow=True)

    assert "oleh orang lain" in page.content.decode()
    assert Repricing.objects.get().approved_by is None


def test_a_month_is_priced_anew_after_a_second_person_agrees(
    client, colleague, fisherman, bought_too_dear
):
    head = member(Role.HEAD_OF_BRANCH, email="kepala@kantor.contoh.test")
    sign_in_staff(client, colleague)
    approval = reverse("dashboard:approve_repricing", args=[proposal_of(client).pk])
    sign_in_staff(client, head)

    shown = client.get(approval).content.decode()
    client.post(approval)

    assert "Rp8.400" in shown
    assert Repricing.objects.get().approved_by == head
    assert Account.objects.with_sums().get(pk=fisherman.account_id).credit == 8_400


def test_a_month_that_stands_right_is_not_proposed(client, colleague, fisherman):
    make.bought(fisherman, NOVEMBER)
    sign_in_staff(client, colleague)

    page = client.post(PROPOSE, {"month_month": "11", "month_year": "2026"}).content.decode()

    assert "Tidak ada bulan yang dibeli di atas harga sekarang" in page
    assert not Repricing.objects.exists()
