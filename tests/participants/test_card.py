"""The card, its copies, receipts, and the public check."""

import io
import secrets

import pytest
from django.db import IntegrityError
from django.urls import reverse
from pypdf import PdfReader

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.actions import reverse as reverse_money
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.names import mask_name
from cilegon_portal.rules.reference import ALPHABET
from participants.actions import cards
from participants.models import Card
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
def member(user, at):
    """Return a member who is covered in November 2026."""
    member = make.enrolment(user, name="Siti Rahayu")
    make.bought(member, Month(2026, 11), at=at)
    return member


def page(name, enrolment):
    return reverse(f"participants:{name}", args=[enrolment.number])


def look(client, token):
    return client.get(reverse("participants:check", args=[token]))


def words(answer):
    """Return the text of a PDF that was sent."""
    assert answer.status_code == 200
    reader = PdfReader(io.BytesIO(answer.content))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def receipt_of(payment):
    return reverse("participants:receipt", args=[payment.pk])


COPIES = ["card_pdf", "card_png"]


def test_the_card_exists_the_moment_the_money_posts(signed_in, member):
    found = signed_in.get(page("card", member)).content.decode()

    for text in ("Siti Rahayu", member.number, "Aktif", "30 November 2026", "JKK · JKM", "<svg"):
        assert text in found
    assert "JHT" not in found
    assert len(Card.objects.get().token) == 26


def test_the_card_names_the_programmes_that_were_paid(signed_in, member):
    make.bought(member, Month(2026, 12), with_jht=True)

    assert "JKK · JKM · JHT" in signed_in.get(page("card", member)).content.decode()


def test_before_the_first_payment_there_is_no_card(signed_in, user):
    applicant = make.enrolment(user)

    found = signed_in.get(page("card", applicant)).content.decode()

    assert "Belum ada pembayaran. Kartu aktif setelah pembayaran pertama." in found
    assert not Card.objects.exists()
    for copy in COPIES:
        assert signed_in.get(page(copy, applicant)).status_code == 404


def test_my_card_leads_home_when_it_is_not_active(signed_in, member, clock, user):
    clock.move(days=9)
    helpers.sign_in_worker(signed_in, user)

    assert signed_in.get("/kartu/")["Location"] == reverse("participants:home")


def test_looking_twice_makes_one_card(signed_in, member):
    for _ in range(3):
        signed_in.get(page("card", member))

    assert Card.objects.count() == 1


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_saved_and_kept_nowhere_else(signed_in, member, copy):
    answer = signed_in.get(page(copy, member))

    assert answer["Content-Disposition"].startswith(f'attachment; filename="kartu-{member.number}.')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_page_of_the_card_is_kept_nowhere(signed_in, member):
    assert "no-store" in signed_in.get(page("card", member))["Cache-Control"]


def test_the_pdf_of_the_card_holds_no_nik_and_no_phone(signed_in, member):
    found = words(signed_in.get(page("card_pdf", member)))

    assert "Siti Rahayu" in found
    assert member.number in found
    assert member.person.id_number not in found
    assert helpers.PHONE[3:] not in found.replace(" ", "")


def test_the_picture_of_the_card_is_a_png(signed_in, member):
    assert signed_in.get(page("card_png", member)).content[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", [*COPIES, "renew_card"])
def test_someone_elses_card_is_as_unknown_as_no_card(signed_in, at, name):
    theirs = make.enrolment(helpers.worker(OTHER_PHONE))
    make.bought(theirs, Month(2026, 11), at=at)
    ask = signed_in.post if name == "renew_card" else signed_in.get

    assert ask(page(name, theirs)).status_code == 404
    assert ask(reverse(f"participants:{name}", args=["CLG-0000-0000"])).status_code == 404


@pytest.mark.parametrize("name", [*COPIES, "renew_card"])
def test_a_card_asks_a_stranger_to_sign_in(client, member, name):
    ask = client.post if name == "renew_card" else client.get

    assert ask(page(name, member))["Location"].startswith("/masuk/")


@pytest.mark.parametrize("name", ["card", *COPIES])
def test_sending_something_to_a_card_is_refused(signed_in, member, name):
    assert signed_in.post(page(name, member)).status_code == 405


def test_my_card_leads_to_the_only_card_else_home(signed_in, user, member):
    assert signed_in.get("/kartu/")["Location"] == page("card", member)

    make.enrolment(user)

    assert signed_in.get("/kartu/")["Location"] == reverse("participants:home")


def test_the_card_asks_few_queries(signed_in, member, django_assert_max_num_queries):
    signed_in.get(page("card", member))

    with django_assert_max_num_queries(15):
        signed_in.get(page("card", member))


def test_the_eleventh_document_of_a_minute_waits(signed_in, member):
    answers = [signed_in.get(page("card_pdf", member)).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_anyone_may_check_a_card_and_sees_no_more_than_needed(client, member, at):
    card = cards.card_of(enrolment=member, at=at)

    answer = look(client, card.token)
    found = answer.content.decode()

    assert answer.status_code == 200
    for text in (
        "<span>AKTIF<",
        "S*** R*****",
        "November 2026",
        "10.00 WIB",
        "Cocokkan dengan KTP",
    ):
        assert text in found
    for secret in ("Siti", "Rahayu", member.number, helpers.PHONE[3:], member.person.id_number):
        assert secret not in found
    assert len(answer.content) <= 10_000
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]


def test_the_end_of_cover_shows_at_once(client, member, at, clock):
    card = cards.card_of(enrolment=member, at=at)

    clock.move(days=9)  # 2 December

    assert "<span>TIDAK AKTIF<" in look(client, card.token).content.decode()


def test_unknown_revoked_and_malformed_tokens_look_the_same(client, member, at):
    old = cards.card_of(enrolment=member, at=at)
    cards.renew_card(enrolment=member, at=at)

    tokens = [old.token, cards.new_token(), "x", "x" * 500, "a/b", "%00", "'; --", old.token + "0"]
    answers = [look(client, token) for token in tokens]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer["Content-Type"] for answer in answers}) == 1
    assert len(answers[0].content) <= 10_000


def test_a_hundred_thousand_random_guesses_hit_nothing(member, at):
    cards.card_of(enrolment=member, at=at)
    guesses = [cards.new_token() for _ in range(100_000)]

    assert not Card.objects.filter(token__in=guesses).exists()
    assert len(set(guesses)) == 100_000


def test_a_token_has_more_than_128_bits():
    token = cards.new_token()

    assert len(ALPHABET) ** len(token) >= 2**128
    assert cards.is_token(token)


def test_checks_are_counted_for_the_owner(signed_in, member, at, client):
    card = cards.card_of(enrolment=member, at=at)
    for _ in range(3):
        look(client, card.token)

    assert "diperiksa 3 kali" in signed_in.get(page("card", member)).content.decode()


def test_a_new_token_closes_the_old_one(signed_in, member, at):
    old = cards.card_of(enrolment=member, at=at)

    form = {"form_id": secrets.token_urlsafe(18)}
    answers = [signed_in.post(page("renew_card", member), form) for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {page("card", member)}
    assert Card.objects.count() == 2
    new = Card.objects.standing().get()
    assert new.token != old.token
    assert look(signed_in, old.token).status_code == 404
    assert look(signed_in, new.token).status_code == 200


def test_the_31st_check_of_a_minute_waits(client, member, at):
    card = cards.card_of(enrolment=member, at=at)

    answers = [look(client, card.token).status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]


def test_a_check_asks_few_queries(client, member, at, django_assert_max_num_queries):
    card = cards.card_of(enrolment=member, at=at)

    with django_assert_max_num_queries(15):
        look(client, card.token)


def test_the_database_keeps_one_standing_card_an_enrolment(member, at):
    cards.card_of(enrolment=member, at=at)

    with pytest.raises(IntegrityError, match="card_stands_once_an_enrolment"):
        Card.objects.create(enrolment=member, token=cards.new_token(), made_at=at)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("Siti Rahayu", "S*** R*****"), ("Sarmin", "S*****"), ("  A  Bakri ", "A B****"), ("", "")],
)
def test_a_masked_name_keeps_first_letters_only(name, masked):
    assert mask_name(name) == masked


def test_a_receipt_says_what_was_paid_and_for_which_months(signed_in, user, at):
    member = make.enrolment(user, name="Siti Rahayu")
    payment = make.bought(member, Month(2026, 12), Month(2027, 1), at=at)

    answer = signed_in.get(receipt_of(payment))
    found = words(answer)

    for text in (
        f"KW-{payment.pk:08d}", "Siti Rahayu", member.number, "Rp25.200", "Desember 2026",
        "Rp8.400", "Januari 2027", "Rp16.800", payment.external_reference,
        payment.code.reference, "Transfer VA", "Portal, otomatis", "23 November 2026, 10.00 WIB",
    ):  # fmt: skip
        assert text in found
    assert member.person.id_number not in found
    assert helpers.PHONE[3:] not in found.replace(" ", "")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]


def test_a_receipt_names_the_member_of_staff_who_took_the_money(signed_in, member, at):
    clerk = helpers.member(Role.SERVICE)
    payment = make.payment(8_400, account=member.account, by=clerk, at=at)

    found = words(signed_in.get(receipt_of(payment)))

    assert "Dicatat oleh Petugas" in found
    assert "Disimpan sebagai saldo" in found


def test_a_receipt_of_money_taken_back_says_so(signed_in, member, at):
    payment = member.account.payments.get()
    reverse_money(payment=payment, reason="Salah orang", by=make.user(), at=at)

    found = words(signed_in.get(receipt_of(payment)))

    assert "DIBATALKAN" in found
    assert "Salah orang" in found
    assert "Rp8.400" in found


def test_someone_elses_receipt_is_as_unknown_as_none(signed_in, at):
    theirs = make.enrolment(helpers.worker(OTHER_PHONE))
    payment = make.bought(theirs, Month(2026, 11), at=at)

    assert signed_in.get(receipt_of(payment)).status_code == 404
    for pk in (0, 999_999_999, 10**30):
        address = reverse("participants:receipt", args=[pk])
        assert signed_in.get(address).status_code == 404


def test_a_receipt_asks_a_stranger_to_sign_in(client, member):
    payment = member.account.payments.get()

    assert client.get(receipt_of(payment))["Location"].startswith("/masuk/")


def test_the_auditor_reads_a_receipt(client, member):
    helpers.sign_in_staff(client, helpers.member(Role.AUDITOR))

    assert client.get(receipt_of(member.account.payments.get())).status_code == 200
