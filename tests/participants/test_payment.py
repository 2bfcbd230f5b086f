"""From the way to pay to the money: pages of the payment code (J1 steps 10-12)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import DemoMark, Role
from cilegon_portal.contributions.actions import close_expired_codes
from cilegon_portal.contributions.models import Bill, Charge, Payment, PaymentCode
from cilegon_portal.outbox.models import Message
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.months import Month
from tests import make
from tests.accounts import helpers

pytestmark = pytest.mark.django_db
OTHER_PHONE = "+6281234567899"


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages of this file stand at `at`."""


@pytest.fixture(autouse=True)
def demo_database(db, at):
    DemoMark.objects.get_or_create(pk=1, defaults={"marked_at": at})


@pytest.fixture
def user():
    return helpers.worker()


@pytest.fixture
def signed_in(client, user):
    helpers.sign_in_worker(client, user)
    return client


@pytest.fixture
def member(user):
    return make.enrolment(user)


@pytest.fixture
def code(member, at):
    return make.code(member.account, 3, at=at)


def page(name, code):
    return reverse(f"participants:{name}", args=[code.reference])


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


PAGES = ["pay", "code", "paid"]
POSTS = ["send_payment_code", "demo_pay"]


@pytest.mark.parametrize("name", [*PAGES, *POSTS])
def test_each_page_asks_a_stranger_to_sign_in(client, code, name):
    answer = client.post(page(name, code)) if name in POSTS else client.get(page(name, code))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/masuk/")


@pytest.mark.parametrize("name", [*PAGES, *POSTS])
def test_someone_elses_code_is_as_unknown_as_no_code(signed_in, at, name):
    theirs = make.code(make.enrolment(helpers.worker(OTHER_PHONE)).account, at=at)
    ask = signed_in.post if name in POSTS else signed_in.get

    assert ask(page(name, theirs)).status_code == 404
    for reference in ("CLG-0000-0000", "0", "%00", "x" * 300):
        address = reverse(f"participants:{name}", args=[reference])
        assert ask(address).status_code == 404
    assert not Payment.objects.exists()


@pytest.mark.parametrize("name", POSTS)
def test_looking_at_a_page_that_writes_is_refused(signed_in, code, name):
    assert signed_in.get(page(name, code)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_sending_something_to_a_page_that_only_shows_is_refused(signed_in, code, name):
    assert signed_in.post(page(name, code)).status_code == 405


def test_the_counter_sees_the_code_of_a_member(client, code):
    helpers.sign_in_staff(client, helpers.member(Role.SERVICE))

    assert code.reference in text(client.get(page("code", code)))


def test_the_code_of_a_firm_is_no_page_of_a_member(client, at):
    helpers.sign_in_staff(client, helpers.member(Role.SERVICE))
    firm = make.code(make.account("GROUP"), members=[make.account()], at=at)

    assert client.get(page("code", firm)).status_code == 404


def test_every_way_that_the_branch_has_switched_on_is_one_line(signed_in, code):
    found = text(signed_in.get(page("pay", code)))

    assert "Rp33.600" in found
    assert found.index("?cara=QRIS") < found.index("?cara=VA") < found.index("?cara=GERAI")


def test_a_way_that_is_switched_off_is_not_shown(signed_in, code):
    Setting.objects.filter(key="PAY_CHANNELS").update(value="VA,QRIS")

    found = text(signed_in.get(page("pay", code)))

    assert "GERAI" not in found
    assert found.index("?cara=VA") < found.index("?cara=QRIS")


def test_a_single_way_needs_no_choice(signed_in, code):
    Setting.objects.filter(key="PAY_CHANNELS").update(value="VA")

    assert signed_in.get(page("pay", code))["Location"] == page("code", code)
    assert "Ganti cara bayar" not in text(signed_in.get(page("code", code)))


def test_the_code_shows_amount_deadline_and_a_line_a_month(signed_in, code):
    found = text(signed_in.get(page("code", code)))

    for words in (
        code.reference, "Rp33.600", "30 November 2026, 10.00 WIB", "November 2026",
        "Desember 2026", "Januari 2027", "Rp8.400", "Rp16.800", "Menunggu pembayaran",
        "Periksa status", "Kirim ke HP saya", "Ganti cara bayar",
    ):  # fmt: skip
        assert words in found
    assert "<svg viewBox" in found


def test_the_qr_code_is_not_passed_off_as_qris(signed_in, code):
    found = text(signed_in.get(page("code", code) + "?cara=QRIS"))

    assert "Kode QR di atas bukan QRIS" in found
    assert "teller" in found


def test_a_transfer_shows_the_virtual_account_number(signed_in, code):
    found = text(signed_in.get(page("code", code) + "?cara=VA"))

    assert code.account.virtual_account in found
    assert "virtual account" in found


@pytest.mark.parametrize("way", ["", "XYZ", "%00", "x" * 500])
def test_an_unknown_way_falls_back_to_the_first(signed_in, code, way):
    found = text(signed_in.get(page("code", code) + f"?cara={way}"))

    assert "Bayar lewat QRIS" in found


def test_the_waiting_part_may_be_asked_for_with_and_without_a_script(signed_in, code):
    found = text(signed_in.get(page("code", code)))

    assert f'data-poll="{page("code", code)}?cara=QRIS"' in found
    assert 'http-equiv="refresh"' not in found


def test_the_page_of_the_code_asks_few_queries_however_many_months(
    signed_in, member, at, django_assert_max_num_queries
):
    one = make.code(member.account, 1, at=at)
    signed_in.get(page("code", one))
    with django_assert_max_num_queries(15) as few:
        signed_in.get(page("code", one))
    twelve = make.code(member.account, 12, at=at)

    with django_assert_max_num_queries(15) as many:
        signed_in.get(page("code", twelve))

    assert len(few) == len(many)


def test_credit_lowers_what_is_asked(signed_in, member, at):
    make.payment(5_000, account=member.account, at=at)
    code = make.code(member.account, at=at)

    found = text(signed_in.get(page("code", code)))

    assert "Rp3.400" in found
    assert "Saldo Anda Rp5.000 sudah mengurangi jumlah ini" in found


def test_part_of_the_money_asks_for_the_rest(signed_in, code, at):
    make.payment(8_400, code=code, at=at)

    found = text(signed_in.get(page("code", code)))

    assert "Rp25.200" in found
    assert "November 2026</th>" not in found  # it is bought


def test_the_code_is_sent_to_the_members_phone_once_a_day(signed_in, code):
    answers = [signed_in.post(page("send_payment_code", code), {"cara": "VA"}) for _ in range(3)]

    assert answers[-1]["Location"] == page("code", code) + "?cara=VA"
    message = Message.objects.get()
    assert message.to == helpers.PHONE
    assert message.purpose == Message.Purpose.PAYMENT
    for words in (code.reference, "Rp33.600", "30 November 2026", page("code", code)):
        assert words in message.text


def test_a_member_without_a_phone_is_offered_no_message(client, at):
    code = make.code(make.enrolment().account, at=at)
    helpers.sign_in_staff(client, helpers.member(Role.SERVICE))

    assert "Kirim ke HP saya" not in text(client.get(page("code", code)))
    assert client.post(page("send_payment_code", code)).status_code == 404


def test_an_expired_code_says_so_and_offers_a_new_one(signed_in, user, member, code, clock):
    clock.move(days=7)
    helpers.sign_in_worker(signed_in, user)

    found = text(signed_in.get(page("code", code)))

    assert (
        "Kode bayar sudah lewat waktu. Buat kode baru; uang yang terlanjur dibayar tetap tercatat"
        in found
    )
    assert reverse("participants:renew", args=[member.number]) in found
    assert signed_in.get(page("pay", code))["Location"] == page("code", code)


def test_an_expired_code_leaves_no_bill_and_no_charge(code, at):
    assert close_expired_codes(at=at + timedelta(days=8)) == 1

    assert not Bill.objects.exists()
    assert not Charge.objects.exists()


def test_a_replaced_code_names_the_newer_one_as_the_reason(signed_in, member, code, at):
    make.code(member.account, at=at)

    assert "sudah diganti kode yang lebih baru" in text(signed_in.get(page("code", code)))


def test_money_on_an_expired_code_is_explained(signed_in, user, code, clock):
    clock.move(days=8)
    helpers.sign_in_worker(signed_in, user)
    close_expired_codes(at=clock.at)
    make.payment(code.amount, code=code, at=clock.at)

    found = text(signed_in.get(page("code", code), follow=True))

    assert "Uang datang setelah kode ini tidak berlaku" in found


def test_money_shows_as_active_in_the_next_request(signed_in, member, code, at):
    make.payment(code.amount, code=code, at=at)

    answer = signed_in.get(page("code", code))
    found = text(signed_in.get(answer["Location"]))

    assert answer["Location"] == page("paid", code)
    for words in (
        "Aktif",
        member.number,
        "31 Januari 2027",
        "Lihat kartu",
        "Unduh PDF",
        "Rp33.600",
    ):
        assert words in found
    assert "ahli waris" not in found.lower()


def test_an_unpaid_code_is_not_shown_as_done(signed_in, code):
    assert signed_in.get(page("paid", code))["Location"] == page("code", code)


def test_a_code_that_credit_paid_whole_is_done_at_once(signed_in, member, at):
    make.payment(8_400, account=member.account, at=at)
    code = make.code(member.account, at=at)

    found = text(signed_in.get(page("code", code), follow=True))

    assert code.closed_because == PaymentCode.Closed.PAID
    assert "Anda sudah terlindungi" in found


def test_too_much_money_is_shown_as_credit(signed_in, code, at):
    make.payment(code.amount + 500, code=code, at=at)

    assert "Ada sisa Rp500" in text(signed_in.get(page("paid", code)))


def test_the_demo_button_brings_money_as_a_bank_would(signed_in, member, code):
    answer = signed_in.post(page("demo_pay", code), {"form_id": "a" * 20}, follow=True)

    payment = Payment.objects.get()
    assert (payment.channel, payment.amount) == (Payment.Channel.DEMO, 33_600)
    assert [bill.month for bill in Bill.objects.oldest_first()] == [
        Month(2026, 11),
        Month(2026, 12),
        Month(2027, 1),
    ]
    assert "Anda sudah terlindungi" in text(answer)


def test_the_demo_button_pays_once_however_often_it_is_pressed(signed_in, code):
    for form_id in ("a" * 20, "a" * 20, "b" * 20):
        signed_in.post(page("demo_pay", code), {"form_id": form_id})

    assert Payment.objects.count() == 1


def test_there_is_no_demo_button_outside_demo_mode(signed_in, code, settings):
    settings.DEMO = False

    assert "Mode contoh" not in text(signed_in.get(page("code", code)))
    assert signed_in.post(page("demo_pay", code), {"form_id": "a" * 20}).status_code == 404
    assert not Payment.objects.exists()


def test_there_is_no_demo_button_on_a_database_that_is_not_marked(signed_in, code):
    DemoMark.objects.all().delete()

    assert signed_in.post(page("demo_pay", code), {"form_id": "a" * 20}).status_code == 404
    assert not Payment.objects.exists()
