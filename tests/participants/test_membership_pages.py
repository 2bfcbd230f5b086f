"""The member's home, renewal, terms and history."""

from datetime import date

import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.actions import reverse as reverse_money
from cilegon_portal.contributions.models import Bill, Charge, PaymentCode
from cilegon_portal.rules.months import Month
from participants.actions import membership as actions
from participants.models import Enrolment
from tests import make
from tests.accounts import helpers

pytestmark = pytest.mark.django_db
OTHER_PHONE = "+6281234567899"


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages of this file stand at `at`."""


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


def page(name, enrolment):
    return reverse(f"participants:{name}", args=[enrolment.number])


def ordered(enrolment):
    """Return the lines of the open code: (month, total)."""
    code = PaymentCode.objects.open().get(account=enrolment.account)
    return [(str(line.month), line.total) for line in code.lines.order_by("position")]


def choose(client, enrolment, how_many, *missed, form_id="a" * 20):
    data = {"how_many": how_many, "missed": missed, "form_id": form_id}
    return client.post(page("renew", enrolment), data)


PAGES = ["renew", "terms", "history", "card"]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_works_for_its_member(signed_in, member, name):
    assert signed_in.get(page(name, member)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_each_page_asks_a_stranger_to_sign_in(client, member, name):
    answer = client.get(page(name, member))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/masuk/")


@pytest.mark.parametrize("name", PAGES)
def test_someone_elses_number_is_as_unknown_as_no_number(signed_in, name):
    theirs = make.enrolment(helpers.worker(OTHER_PHONE))

    assert signed_in.get(page(name, theirs)).status_code == 404
    for number in ("CLG-0000-0000", "0", "%00", "x" * 300):
        assert signed_in.get(reverse(f"participants:{name}", args=[number])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_the_system_administrator_sees_no_member(client, member, name):
    helpers.sign_in_staff(client, helpers.member(Role.ADMIN))

    assert client.get(page(name, member)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_the_counter_sees_a_member(client, member, name):
    helpers.sign_in_staff(client, helpers.member(Role.SERVICE))

    assert client.get(page(name, member)).status_code == 200


def test_an_auditor_reads_and_orders_nothing(client, member):
    helpers.sign_in_staff(client, helpers.member(Role.AUDITOR))

    assert client.get(page("history", member)).status_code == 200
    assert choose(client, member, 1).status_code == 403


def test_home_shows_every_person_of_a_family_phone(signed_in, user, at):
    applicant = make.enrolment(user, name="Ani Belum")
    waiting = make.enrolment(user, name="Budi Menunggu")
    make.code(waiting.account, at=at)
    active = make.enrolment(user, name="Cici Aktif")
    make.bought(active, Month(2026, 11), at=at)
    grace = make.enrolment(user, name="Dedi Tenggang")
    make.bought(grace, Month(2026, 9), at=at)
    ended = make.enrolment(user, name="Endang Berakhir")
    make.bought(ended, Month(2026, 7), at=at)

    text = signed_in.get(reverse("participants:home")).content.decode()

    order = [
        text.index(word)
        for word in (
            "Ani Belum", "Belum dibayar", "Budi Menunggu", "Menunggu pembayaran", "Cici Aktif",
            "Bayar bulan berikutnya", "Dedi Tenggang", "Masa tenggang", "Aktifkan lagi",
            "Endang Berakhir", "Daftar ulang",
        )
    ]  # fmt: skip
    assert order == sorted(order)
    assert "30 November 2026" in text
    assert applicant.number in text


def test_home_without_anyone_says_what_to_do(signed_in):
    assert "Belum ada pendaftaran di nomor HP ini" in signed_in.get("/saya/").content.decode()


def test_home_asks_the_same_number_of_queries_for_one_person_and_for_six(
    signed_in, user, django_assert_max_num_queries
):
    make.bought(make.enrolment(user), Month(2026, 11))
    signed_in.get("/saya/")
    with django_assert_max_num_queries(15) as one:
        signed_in.get("/saya/")
    for number in range(5):
        make.bought(make.enrolment(user, name=f"Orang {number}"), Month(2026, 11))

    with django_assert_max_num_queries(15) as six:
        signed_in.get("/saya/")

    assert len(one) == len(six)


def test_an_active_member_is_offered_the_next_months_at_each_months_price(signed_in, member):
    make.bought(member, Month(2026, 11))

    text = signed_in.get(page("renew", member)).content.decode()

    assert "Desember 2026 sampai Februari 2027" in text
    assert "Rp8.400" in text  # December 2026
    assert "Rp42.000" in text  # 8.400 + 16.800 + 16.800: the relief of PP 50/2025 ends
    assert "terlewat" not in text


def test_renewal_prices_december_with_and_january_without_the_relief(signed_in, member):
    make.bought(member, Month(2026, 11))

    answer = choose(signed_in, member, 3)

    assert ordered(member) == [("2026-12", 8_400), ("2027-01", 16_800), ("2027-02", 16_800)]
    code = PaymentCode.objects.open().get()
    assert answer["Location"] == reverse("participants:code", args=[code.reference])


def test_a_member_in_grace_is_offered_the_missed_months_one_by_one(signed_in, member):
    make.bought(member, Month(2026, 8))

    text = signed_in.get(page("renew", member)).content.decode()

    assert text.index("September 2026") < text.index("Oktober 2026") < text.index("November 2026")
    assert "Boleh dibeli, boleh dilewati" in text
    assert "Masa tenggang" in text
    for word in ("denda", "tunggak", "utang", "masih terlindungi", "checked"):
        assert word not in text.lower()


def test_missed_months_are_bought_oldest_first_with_the_months_ahead(signed_in, member):
    make.bought(member, Month(2026, 8))

    choose(signed_in, member, 1, "2026-10", "2026-09")

    assert ordered(member) == [("2026-09", 8_400), ("2026-10", 8_400), ("2026-11", 8_400)]


def test_missed_months_may_be_left_alone(signed_in, member):
    make.bought(member, Month(2026, 8))

    choose(signed_in, member, 1)

    assert ordered(member) == [("2026-11", 8_400)]


def test_a_month_too_long_ago_is_refused_with_a_sentence(signed_in, member):
    make.bought(member, Month(2026, 8))

    answer = choose(signed_in, member, 1, "2026-08")

    assert "Pilih bulan dari daftar ini" in answer.content.decode()
    assert not PaymentCode.objects.open().exists()


def test_nothing_chosen_asks_for_a_choice(signed_in, member):
    text = signed_in.post(page("renew", member), {"form_id": "a" * 20}).content.decode()

    assert text.count("Pilih berapa bulan yang dibayar") == 2  # summary and field
    assert "<title>Kesalahan: " in text


@pytest.mark.parametrize("how_many", ["2", "0", "-1", "twelve", "99999999999999999999"])
def test_other_numbers_of_months_are_refused(signed_in, member, how_many):
    answer = choose(signed_in, member, how_many)

    assert "Pilih 1, 3, 6, atau 12 bulan" in answer.content.decode()


def test_a_member_whose_membership_ended_starts_this_month_without_old_months(signed_in, member):
    make.bought(member, Month(2026, 7))

    text = signed_in.get(page("renew", member)).content.decode()
    choose(signed_in, member, 1)

    assert "Bulan yang lama tidak perlu dibayar" in text
    assert "Agustus 2026" not in text
    assert "Nelayan" in text  # the answers of before are filled in
    assert ordered(member) == [("2026-11", 8_400)]


def test_a_sold_month_is_never_offered_again(signed_in, member):
    make.bought(member, Month(2026, 11), Month(2027, 1))

    choose(signed_in, member, 3)

    assert [month for month, _ in ordered(member)] == ["2026-12", "2027-02", "2027-03"]


def test_a_month_sold_a_moment_ago_is_not_ordered_again(member, at):
    make.bought(member, Month(2026, 9), Month(2026, 11))
    stale = actions.on_offer(actions.membership_of(member, at=at))
    make.bought(member, Month(2026, 10))

    assert stale.months(missed=["2026-10"], how_many=1)
    with pytest.raises(actions.NotOnOffer):
        actions.order_months(enrolment=member, missed=["2026-10"], how_many=1, by=None, at=at)


def test_one_form_makes_one_code_however_often_it_is_sent(signed_in, member):
    first = choose(signed_in, member, 3)
    second = choose(signed_in, member, 3)

    assert first["Location"] == second["Location"]
    assert PaymentCode.objects.count() == 1


def test_a_new_code_replaces_the_open_one_and_says_so_before(signed_in, member):
    choose(signed_in, member, 1)

    text = signed_in.get(page("renew", member)).content.decode()
    choose(signed_in, member, 3, form_id="b" * 20)

    assert "Kode baru menggantikannya" in text
    assert PaymentCode.objects.open().count() == 1


def test_renewal_takes_at_most_four_pages_from_the_link_to_the_code(client, member):
    """Phone, code, months, payment code: no page stands between the months and the code."""
    helpers.sign_in_worker(client, member.person.user)

    answer = client.post(page("renew", member), {"how_many": 1, "form_id": "a" * 20}, follow=True)

    assert len(answer.redirect_chain) == 1
    assert "Kode bayar Anda" in answer.content.decode()


def test_renewal_asks_few_queries(signed_in, member, django_assert_max_num_queries):
    make.bought(member, Month(2026, 8))
    signed_in.get(page("renew", member))

    with django_assert_max_num_queries(15):
        signed_in.get(page("renew", member))


def test_a_first_payment_at_65_goes_to_the_office(signed_in, user):
    member = make.enrolment(user, born=date(1961, 11, 23))

    text = signed_in.get(page("renew", member)).content.decode()

    assert "Pembayaran pertama harus sebelum usia 65 tahun" in text


def test_a_first_payment_at_65_is_refused_by_the_action(user, at):
    member = make.enrolment(user, born=date(1961, 11, 23))

    with pytest.raises(actions.TooOld):
        actions.order_months(enrolment=member, missed=(), how_many=1, by=user, at=at)


def test_a_member_of_65_who_keeps_working_goes_on(signed_in, user):
    member = make.enrolment(user, born=date(1961, 11, 23))
    make.bought(member, Month(2026, 11))

    choose(signed_in, member, 1)

    assert ordered(member) == [("2026-12", 8_400)]


def test_new_terms_price_the_months_to_come(signed_in, member):
    make.bought(member, Month(2026, 11))
    driver = actions.occupations_for(member).get(name="Pengemudi ojek online")

    answer = signed_in.post(
        page("terms", member), {"occupation": driver.pk, "income": 2_000_000, "with_jht": "on"}
    )
    choose(signed_in, member, 3)

    assert answer["Location"] == page("renew", member)
    # Half of JKK 20.000 and of JKM 6.800, and JHT 40.000 whole; the drivers' relief goes on to
    # March 2027 (PP 50/2025 Ps. 4).
    assert ordered(member) == [("2026-12", 53_400), ("2027-01", 53_400), ("2027-02", 53_400)]
    assert Enrolment.objects.get(pk=member.pk).account.sector == "TRANSPORT"


def test_terms_leave_what_was_bought_alone(signed_in, member):
    make.bought(member, Month(2026, 11))
    before = list(Charge.objects.values_list("jkk", "jkm", "jht"))

    signed_in.post(
        page("terms", member),
        {"occupation": member.occupation_id, "income": 2_000_000, "with_jht": "on"},
    )

    assert list(Charge.objects.values_list("jkk", "jkm", "jht")) == before


def test_work_that_the_office_prices_cannot_be_chosen(signed_in, member):
    offered = actions.occupations_for(member)

    assert not offered.filter(is_priced_by_office=True).exists()


def test_unknown_terms_are_refused_with_a_sentence(signed_in, member):
    text = signed_in.post(
        page("terms", member), {"occupation": "0", "income": "7"}
    ).content.decode()

    assert "Pilih salah satu pekerjaan di daftar" in text
    assert "Pilih penghasilan dari daftar" in text


def test_history_lists_payments_and_months_with_the_law_of_each_price(signed_in, member):
    make.bought(member, Month(2026, 11), Month(2027, 1))

    text = signed_in.get(page("history", member)).content.decode()

    assert text.index("Januari 2027") < text.index(">November 2026")
    assert "PP 44/2015" in text
    assert "PP 50/2025" in text
    assert "Rp25.200" in text


def test_money_taken_back_is_shown_and_its_month_is_for_sale_again(signed_in, member, at):
    payment = make.bought(member, Month(2026, 11))
    reverse_money(payment=payment, reason="Salah orang", by=make.user(), at=at)

    text = signed_in.get(page("history", member)).content.decode()
    choose(signed_in, member, 1)

    for words in ("Diterima", "Dibatalkan", "-Rp8.400", "Alasan: Salah orang", "Belum dibayar"):
        assert words in text
    assert ordered(member) == [("2026-11", 8_400)]


def test_history_without_payments_says_why_the_card_waits(signed_in, member):
    text = signed_in.get(page("history", member)).content.decode()

    assert "Belum ada pembayaran. Kartu aktif setelah pembayaran pertama." in text


def test_history_asks_the_same_number_of_queries_for_one_month_and_for_twelve(
    signed_in, member, django_assert_max_num_queries
):
    make.bought(member, Month(2026, 11))
    signed_in.get(page("history", member))
    with django_assert_max_num_queries(15) as one:
        signed_in.get(page("history", member))
    for number in range(12):
        make.bought(member, Month(2026, 12).plus(number))

    with django_assert_max_num_queries(15) as many:
        signed_in.get(page("history", member))

    assert len(one) == len(many)


def test_looking_at_prices_leaves_no_bill(signed_in, member):
    signed_in.get(page("renew", member))
    choose(signed_in, member, 12)

    assert not Bill.objects.exists()
