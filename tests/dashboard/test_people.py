import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import Reveal, Role
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from participants.actions import registration
from participants.models import Enrolment, RegistrationDraft
from tests import make
from tests.accounts.helpers import member, sign_in_staff, sign_in_worker, worker

PEOPLE = reverse("dashboard:people")


def person_page(enrolment):
    return reverse("dashboard:person", args=[enrolment.person_id])


@pytest.mark.parametrize(
    "words",
    [
        "rahmat",
        "HIDAYAT",
        "Rahmad Hidayatt",  # misspelt
        "0123",
        "081299990123",
        "+62 812-9999-0123",
    ],
)
def test_a_person_is_found_by_name_misspelt_name_and_phone(desk, fisherman, words):
    answer = desk.post(PEOPLE, {"words": words}, follow=True)

    assert "Rahmat Hidayat" in answer.content.decode()


def test_a_name_that_reads_like_a_reference_is_found(desk):
    make.enrolment(name="Dewi Sari")

    page = desk.post(PEOPLE, {"words": "dewi sari"}, follow=True).content.decode()

    assert "Dewi Sari" in page


def test_a_reference_without_digits_leads_to_the_person(desk, fisherman):
    Enrolment.objects.filter(pk=fisherman.pk).update(number="CLG-XPMF-PFYM")

    answer = desk.post(PEOPLE, {"words": "clg-xpmf-pfym"})

    assert answer.headers["Location"] == person_page(fisherman)


def test_a_nik_is_looked_up_exactly_and_leads_to_the_person(desk, fisherman):
    nik = fisherman.person.id_number

    answer = desk.post(PEOPLE, {"words": f"{nik[:6]} {nik[6:12]} {nik[12:]}"})

    assert answer.headers["Location"] == person_page(fisherman)


def test_cards_codes_virtual_accounts_and_bank_references_lead_to_the_person(desk, fisherman):
    code = make.code(fisherman.account)
    make.payment(code.amount, code=code, reference="BRI-99/A1")
    numbers = [
        fisherman.number,
        fisherman.number.lower().replace("-", ""),
        code.reference,
        fisherman.account.virtual_account,
        "BRI-99/A1",
    ]

    answers = [desk.post(PEOPLE, {"words": number}) for number in numbers]

    assert [answer.headers.get("Location") for answer in answers] == [person_page(fisherman)] * 5


def test_a_name_may_stand_in_an_address_and_a_number_may_not(desk, fisherman):
    name = desk.post(PEOPLE, {"words": "rahmat"})
    number = desk.post(PEOPLE, {"words": "999"})

    assert name.headers["Location"] == f"{PEOPLE}?q=rahmat"
    assert number.status_code == 200


def test_a_search_that_finds_nobody_says_what_to_do_next(desk, fisherman):
    page = desk.post(PEOPLE, {"words": "3672990101900001"}).content.decode()

    assert "Tidak ada orang yang cocok" in page
    assert reverse("dashboard:assist") in page


def test_an_empty_search_names_the_fault(desk):
    page = desk.post(PEOPLE, {"words": "  "}).content.decode()

    assert "Isi nama atau nomor yang dicari" in page
    assert "<title>Kesalahan: Cari orang" in page


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"; --', "\x00", "a" * 5000, "🐟", "٣٦٧٢"])
def test_no_words_break_the_search(desk, fisherman, words):
    assert desk.post(PEOPLE, {"words": words}, follow=True).status_code == 200
    assert desk.get(PEOPLE, {"q": words}).status_code == 200


def test_the_search_asks_as_often_for_ten_people_as_for_one(
    desk, fisherman, django_assert_num_queries, django_assert_max_num_queries
):
    desk.get(PEOPLE)  # the first page of a web session also notes that it began
    with django_assert_max_num_queries(15) as one:
        desk.get(PEOPLE, {"q": "rahmat"})
    for _ in range(9):
        make.enrolment(name="Rahmat Basuki")

    with django_assert_num_queries(len(one)):
        desk.get(PEOPLE, {"q": "rahmat"})


def test_the_person_page_shows_cover_money_and_a_masked_nik(desk, fisherman):
    make.bought(fisherman, Month(2026, 11), Month(2026, 12))

    page = desk.get(person_page(fisherman)).content.decode()

    assert "November 2026" in page
    assert "Rp16.800" in page  # two months at 8.400, in one payment
    assert fisherman.person.id_number not in page
    assert "3672••••••••" in page
    assert "0812••••0123" in page
    assert "+6281299990123" not in page


def test_the_person_page_asks_as_often_for_twelve_months_as_for_one(
    desk, fisherman, django_assert_num_queries, django_assert_max_num_queries
):
    make.bought(fisherman, Month(2026, 11))
    desk.get(PEOPLE)  # the first page of a web session also notes that it began
    with django_assert_max_num_queries(15) as one:
        desk.get(person_page(fisherman))
    make.bought(fisherman, *[Month(2026, 12).plus(number) for number in range(11)])

    with django_assert_num_queries(len(one)):
        desk.get(person_page(fisherman))


def test_a_person_without_enrolment_has_a_page_too(desk):
    alone = make.person(name="Belum Daftar")

    page = desk.get(reverse("dashboard:person", args=[alone.pk])).content.decode()

    assert "belum terdaftar sebagai peserta BPU" in page


def test_an_unknown_person_is_not_found(desk):
    assert desk.get(reverse("dashboard:person", args=[987654321])).status_code == 404


def test_a_nik_is_revealed_with_a_reason_that_is_kept(desk, clerk, fisherman):
    address = reverse("dashboard:reveal", args=[fisherman.person_id])

    without = desk.post(address, {"reason": ""}).content.decode()
    shown = desk.post(address, {"reason": "Mencocokkan dengan KTP di loket"}).content.decode()

    assert fisherman.person.id_number not in without
    assert "Isi alasan" in without
    assert fisherman.person.id_number in shown
    kept = Reveal.objects.get()
    assert (kept.by, kept.person_key) == (clerk, fisherman.person_id)
    assert "Mencocokkan dengan KTP" in desk.get(person_page(fisherman)).content.decode()


def test_a_revealed_nik_may_not_be_kept_by_the_browser(desk, fisherman):
    address = reverse("dashboard:reveal", args=[fisherman.person_id])

    answer = desk.post(address, {"reason": "Mencocokkan dengan KTP di loket"})

    assert "no-store" in answer.headers["Cache-Control"]


def test_an_auditor_reads_but_neither_reveals_nor_takes_money(client, fisherman):
    sign_in_staff(client, member(Role.AUDITOR))

    page = client.get(person_page(fisherman))
    closed = [
        client.get(reverse(f"dashboard:{name}", args=[fisherman.person_id]))
        for name in ("reveal", "receive")
    ]

    assert "Lihat NIK" not in page.content.decode()
    assert [answer.status_code for answer in closed] == [403, 403]


def test_the_system_admin_cannot_read_people(client, fisherman):
    sign_in_staff(client, member(Role.ADMIN))

    assert client.get(person_page(fisherman)).status_code == 403


def test_strangers_and_workers_do_not_reach_the_desk(client, fisherman):
    stranger = client.get(person_page(fisherman))
    sign_in_worker(client, worker("+6281299990999"))
    other = client.get(person_page(fisherman))

    assert stranger.status_code == 302
    assert stranger.headers["Location"].startswith("/petugas/masuk/")
    assert other.status_code == 403


def test_staff_without_their_second_factor_do_not_reach_the_desk(client, clerk, fisherman):
    sign_in_staff(client, clerk, second_factor=False)

    answer = client.get(person_page(fisherman))

    assert answer.status_code == 302
    assert "/akun/totp/" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.SERVICE, "/kantor/orang/"),
        (Role.OFFICER, "/kantor/perusahaan/"),
        (Role.HEAD_OF_BRANCH, "/kantor/orang/"),
        (Role.AUDITOR, "/kantor/orang/"),
        (Role.ADMIN, "/admin/"),
    ],
)
def test_each_role_starts_on_its_own_page(client, db, role, address):
    sign_in_staff(client, member(role))

    assert client.get("/kantor/").headers["Location"] == address


def test_assisted_registration_starts_the_workers_own_pages(desk, clerk):
    answer = desk.post(reverse("dashboard:assist"))

    draft = RegistrationDraft.objects.get()
    assert answer.headers["Location"] == reverse("participants:register")
    assert draft.assisted_by == clerk
    assert desk.session["draft"] == draft.token


def test_opening_the_page_for_assistance_starts_nothing(desk):
    assert desk.get(reverse("dashboard:assist")).status_code == 200
    assert not RegistrationDraft.objects.exists()


def test_the_desk_survives_a_wrong_method(desk, fisherman):
    assert desk.delete(PEOPLE).status_code == 405
    assert desk.post(person_page(fisherman)).status_code == 405


def test_two_clients_do_not_share_a_sign_in(desk, fisherman):
    assert Client().get(person_page(fisherman)).status_code == 302
    assert Person.objects.count() == 1


def test_the_menu_holds_what_the_role_may_open(client, desk, fisherman):
    service = desk.get(PEOPLE).content.decode()
    sign_in_staff(client, member(Role.AUDITOR))
    auditor = client.get(PEOPLE).content.decode()

    assert "Daftarkan orang" in service
    assert "Data acuan" not in service
    assert "Daftarkan orang" not in auditor
    assert "Data acuan" in auditor


@pytest.fixture
def begun(db):
    """A registration that somebody began on a phone and did not finish."""
    draft = registration.begin(at=timezone.now())
    return registration.answer(draft=draft, at=timezone.now(), name="Rohmah", phone="+628129999")


def test_the_counter_goes_on_with_what_was_begun_on_a_phone(desk, clerk, begun):
    answer = desk.post(reverse("dashboard:assist"), {"number": begun.reference.lower()})

    begun.refresh_from_db()
    assert answer.headers["Location"] == reverse("participants:register")
    assert desk.session["draft"] == begun.token
    assert begun.assisted_by == clerk
    assert begun.given.name == "Rohmah"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Isi nomor formulir"),
        ("123", "Nomor harus seperti"),
        ("CLG-PFXE-X7VR", "Tidak ada formulir belum selesai dengan nomor ini"),
    ],
)
def test_a_number_that_leads_nowhere_says_so(desk, begun, number, sentence):
    page = desk.post(reverse("dashboard:assist"), {"number": number}).content.decode()

    assert sentence in page
    begun.refresh_from_db()
    assert begun.assisted_by is None


def test_what_waits_for_the_office_is_not_gone_on_with(desk, begun):
    RegistrationDraft.objects.update(needs_office=True)

    page = desk.post(reverse("dashboard:assist"), {"number": begun.reference}).content.decode()

    assert "Tidak ada formulir belum selesai" in page
