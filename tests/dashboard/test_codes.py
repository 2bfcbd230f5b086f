import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import PhoneCode, Role
from participants.models import RegistrationDraft
from tests import make
from tests.accounts.helpers import member, sign_in_staff
from tests.participants.journey import PATHS, text_of, walk

pytestmark = pytest.mark.django_db
PAGE = "/kantor/orang/kode/"
NOBODY = "Nomor ini tidak sedang menunggu kode. Periksa lagi nomornya"


def digits_on(answer):
    return re.search(r"\b[0-9]{6}\b", text_of(answer).partition("Bacakan kode ini")[2])[0]


def test_a_worker_at_the_counter_gets_a_code_for_the_own_registration(desk, clerk):
    phone = Client()
    walk(phone, until="phone")

    page = desk.post(PAGE, {"number": RegistrationDraft.objects.get().reference.lower()})

    answer = phone.post(PATHS["code"], {"code": digits_on(page)})
    assert answer["Location"] == PATHS["place"]
    assert PhoneCode.objects.latest("pk").made_by == clerk


def test_a_member_at_the_counter_gets_a_code_to_sign_in(desk, fisherman):
    phone = Client()
    phone.post("/masuk/", {"phone": fisherman.person.user.phone, "channel": "SMS"})
    ticket = re.search(r'name="ticket" value="([^"]+)"', phone.get("/masuk/kode/").content.decode())

    page = desk.post(PAGE, {"number": fisherman.number})

    phone.post("/masuk/kode/", {"code": digits_on(page), "ticket": ticket[1]})
    assert phone.session["_auth_user_id"] == str(fisherman.person.user_id)
    assert "0812••••0123" in text_of(page)


@pytest.mark.parametrize("number", ["CLG-0000-0000", "CLG-7K3M-9QXX", "", "\x00", "9" * 41])
def test_a_number_that_waits_for_no_code_gets_none(desk, number):
    assert "Ada yang perlu diperbaiki" in text_of(desk.post(PAGE, {"number": number}))
    assert not PhoneCode.objects.exists()


def test_a_registration_that_needs_no_code_gets_none(desk):
    walk(Client(), until="code")

    page = desk.post(PAGE, {"number": RegistrationDraft.objects.get().reference})

    assert NOBODY in text_of(page)


def test_somebody_without_a_proven_phone_gets_no_code(desk):
    assert NOBODY in text_of(desk.post(PAGE, {"number": make.enrolment().number}))


def test_a_number_that_got_its_codes_of_the_day_can_still_use_one_of_the_counter(desk):
    walk(Client(), until="phone")
    PhoneCode.objects.update(made_at=timezone.now())
    phone = Client()

    walk(phone, until="phone")

    draft = RegistrationDraft.objects.latest("pk")
    page = desk.post(PAGE, {"number": draft.reference})
    assert "sebelum meminta kode lagi" in text_of(phone.get(PATHS["code"]))
    assert phone.post(PATHS["code"], {"code": digits_on(page)})["Location"] == PATHS["place"]


def test_an_auditor_makes_no_code(client, fisherman):
    sign_in_staff(client, member(Role.AUDITOR))

    assert client.get(reverse("dashboard:counter_code")).status_code == 403
    assert client.post(PAGE, {"number": fisherman.number}).status_code == 403
