"""From an e-mail address to a registration: links that prove an address, and tell nobody more."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cilegon_portal.accounts.models import Role, User
from cilegon_portal.outbox.models import Message
from employers.actions import registration
from employers.models import Employer, SignUp
from tests import make
from tests.accounts.helpers import PASSWORD, member

pytestmark = pytest.mark.django_db
EMAIL = "rini@selat-baja.test"


def send_form(client: Client, email: str = EMAIL, *, form_id: str = "a" * 22):
    given = {"name": "Rini", "email": email, "form_id": form_id}
    return client.post("/perusahaan/daftar/", given)


def link_in(email: str = EMAIL) -> str:
    text = Message.objects.filter(to=email).latest("pk").text
    return re.search(r"/perusahaan/\S*", text)[0]


def set_password(client: Client, link: str, *, form_id: str = "b" * 22, password: str = PASSWORD):
    return client.post(link, {"password1": password, "password2": password, "form_id": form_id})


def test_the_link_makes_an_approver_with_a_registration(client):
    answer = send_form(client)
    assert answer["Location"] == "/perusahaan/daftar/terkirim/"
    assert client.get(answer["Location"]).status_code == 200

    answer = set_password(client, link_in())

    user = User.objects.get(email=EMAIL)
    firm = Employer.objects.get()
    assert answer["Location"] == f"/perusahaan/{firm.reference}/pendaftaran/"
    assert firm.seats.get().user == user
    assert set(user.groups.values_list("name", flat=True)) == {Role.APPROVER}
    assert client.get(answer["Location"]).status_code == 200


def test_the_answer_is_the_same_for_an_address_with_an_account():
    member(Role.APPROVER, email="lama@selat-baja.test")
    met = []
    for email in ("lama@selat-baja.test", "baru@selat-baja.test"):
        with CaptureQueriesContext(connection) as queries:
            answer = send_form(Client(), email, form_id=email[:4] * 6)
        met.append((answer.status_code, answer["Location"], answer.content, len(queries)))

    assert met[0] == met[1]
    assert link_in("lama@selat-baja.test") == "/perusahaan/"
    assert link_in("baru@selat-baja.test").startswith("/perusahaan/mulai/")
    assert SignUp.objects.count() == 2


def test_one_press_more_sends_no_second_letter(client):
    send_form(client)
    send_form(client)

    assert Message.objects.filter(to=EMAIL).count() == 1


def test_an_address_gets_three_letters_a_day(client):
    for number in range(5):
        answer = send_form(client, form_id=f"{number}" * 22)
        assert answer["Location"] == "/perusahaan/daftar/terkirim/"

    assert Message.objects.filter(to=EMAIL).count() == 3


def test_a_second_press_is_led_to_the_same_registration(client):
    send_form(client)
    link = link_in()
    cookie = client.cookies.copy()

    first = set_password(client, link)
    again = Client()
    again.cookies = cookie
    second = set_password(again, link)

    assert first["Location"] == second["Location"]
    assert Employer.objects.count() == 1


@pytest.mark.parametrize("what", ["used", "old", "unknown"])
def test_a_dead_link_looks_the_same_whatever_killed_it(client, what):
    send_form(client)
    link = link_in() if what != "unknown" else "/perusahaan/mulai/tidak-ada/"
    if what == "used":
        set_password(Client(), link)
    if what == "old":
        SignUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    shown = client.get(link)
    tried = set_password(client, link, form_id="c" * 22)

    assert shown.status_code == tried.status_code == 404
    assert "Tautan ini tidak berlaku lagi" in shown.content.decode()
    assert Employer.objects.count() == (what == "used")


def test_the_link_is_kept_as_an_hmac_only(client):
    send_form(client)
    token = link_in().split("/")[3]

    row = SignUp.objects.get()

    assert len(token) >= 22
    assert bytes(row.token_hash) == registration.hash_of(token)
    with (
        pytest.raises(IntegrityError, match="sign_up_link_stands_once"),
        transaction.atomic(),
    ):
        SignUp.objects.create(
            email=EMAIL,
            token_hash=row.token_hash,
            asked_at=row.asked_at,
            expires_at=row.expires_at,
        )


def test_who_got_an_account_meanwhile_is_sent_to_sign_in(client):
    send_form(client)
    link = link_in()
    member(Role.REPORTER, email=EMAIL)

    answer = set_password(client, link)

    assert answer["Location"] == "/petugas/masuk/?next=/perusahaan/"


@pytest.mark.parametrize(
    ("password1", "password2", "sentence"),
    [
        ("", "", "Isi kata sandi"),
        ("pendek", "pendek", "Kata sandi harus paling sedikit 12 karakter."),
        (PASSWORD, "lain sama sekali", "Kata sandi kedua harus sama dengan yang pertama"),
        ("bpjs ketenagakerjaan", "bpjs ketenagakerjaan", "Jangan memakai kata yang mudah"),
    ],
)
def test_a_weak_password_is_refused_in_words(client, password1, password2, sentence):
    send_form(client)

    given = {"password1": password1, "password2": password2, "form_id": "b" * 22}
    answer = client.post(link_in(), given)

    assert sentence in answer.content.decode()
    assert not User.objects.exists()


def test_nothing_typed_is_told_field_by_field(client):
    answer = client.post("/perusahaan/daftar/", {"form_id": "a" * 22})

    body = answer.content.decode()
    assert "Isi nama Anda" in body
    assert "Isi alamat e-mail" in body
    assert "Kesalahan: " in body


def test_a_signed_in_user_registers_another_firm_and_takes_an_empty_one_again(client):
    user = make.firm_user(make.firm())
    client.force_login(user)

    client.post("/perusahaan/baru/", {"form_id": "0" * 22})
    answer = client.post("/perusahaan/baru/", {"form_id": "1" * 22})

    other = Employer.objects.get(state="DRAFT")
    assert answer["Location"] == f"/perusahaan/{other.reference}/pendaftaran/"
    page = client.get("/perusahaan/")
    assert other.reference in page.content.decode()


def test_an_empty_registration_of_a_colleague_is_not_taken(client):
    theirs = registration.start_firm(by=make.firm_user(), at=timezone.now())
    reporter = make.firm_user(theirs, Role.REPORTER)

    assert registration.start_firm(by=reporter, at=timezone.now()) != theirs


def test_staff_register_no_firm(client):
    client.force_login(member(Role.SERVICE))

    assert client.post("/perusahaan/baru/", {"form_id": "a" * 22}).status_code == 403


def test_one_firm_opens_at_once(client):
    firm = make.firm()
    client.force_login(make.firm_user(firm, Role.REPORTER))

    assert client.get("/perusahaan/")["Location"] == f"/perusahaan/{firm.reference}/"
    assert client.get(f"/perusahaan/{firm.reference}/").status_code == 200


def test_whoever_is_not_signed_in_gives_an_address_first(client):
    firm = make.firm()

    answer = client.get(f"/perusahaan/{firm.reference}/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/petugas/masuk/?next=")


def test_a_password_leads_somebody_of_a_firm_to_the_firm(client):
    user = make.firm_user(make.firm())

    answer = client.post(
        "/petugas/masuk/", {"login": user.email, "password": "perahu kecil di selat sunda"}
    )

    assert answer["Location"] == "/perusahaan/"


def test_a_person_begins_twenty_firms_a_day(client):
    client.force_login(make.firm_user())
    for number in range(20):
        answer = client.post("/perusahaan/baru/", {"form_id": chr(97 + number) * 22})
        assert answer.status_code == 302

    assert client.post("/perusahaan/baru/", {"form_id": "z" * 22}).status_code == 429
