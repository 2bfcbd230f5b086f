"""A link that was used opens nothing more, whatever form its holder has sent before."""

import pytest
from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.models import User
from employers.actions import registration
from employers.models import Seat, SignUp
from tests import make
from tests.accounts.helpers import PASSWORD
from tests.employers.world import token_sent_to

pytestmark = pytest.mark.django_db
OWNER = "rini@selat-baja.test"
FORM = "z" * 22  # of a form that the stranger has sent, and that led somewhere
WORDS = {"name": "Rini", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def stranger() -> Client:
    browser = Client()
    given = {"name": "Orang Lain", "email": "lain@selat-baja.test", "form_id": FORM}
    assert browser.post("/perusahaan/daftar/", given).status_code == 302
    return browser


@pytest.fixture
def sign_up() -> str:
    registration.ask(email=OWNER, name="Rini", at=timezone.now())
    return f"/perusahaan/mulai/{token_sent_to(OWNER)}/"


@pytest.fixture
def invitation() -> str:
    firm = make.firm()
    browser = Client()
    owner = firm.seats.get().user
    assert owner is not None
    browser.force_login(owner)
    given = {"email": OWNER, "role": "APPROVER", "form_id": "i" * 22}
    browser.post(f"/perusahaan/{firm.reference}/pengguna/undang/", given)
    return f"/perusahaan/undangan/{token_sent_to(OWNER)}/"


@pytest.mark.parametrize("kind", ["sign_up", "invitation"])
@pytest.mark.parametrize("words", [WORDS, {}])
def test_a_used_link_signs_nobody_in(request, stranger, kind, words):
    link = request.getfixturevalue(kind)
    assert Client().post(link, WORDS | {"form_id": "a" * 22}).status_code == 302

    answer = stranger.post(link, words | {"form_id": FORM})

    assert answer.status_code == 404
    assert OWNER not in answer.content.decode()
    assert "_auth_user_id" not in stranger.session


def test_an_invitation_of_somebody_with_an_account_signs_nobody_in(stranger, invitation):
    owner = make.firm_user(make.firm())
    User.objects.filter(pk=owner.pk).update(email=OWNER)
    theirs = Client()
    theirs.force_login(owner)
    theirs.post(invitation, {"form_id": "a" * 22})
    assert Seat.objects.taken().filter(user=owner).count() == 2

    stranger.post(invitation, {"form_id": FORM})

    assert "_auth_user_id" not in stranger.session


def test_the_form_of_another_page_still_opens_a_fresh_link(stranger, sign_up):
    answer = stranger.post(sign_up, WORDS | {"form_id": FORM})

    assert answer["Location"].endswith("/pendaftaran/")
    assert SignUp.objects.get(email=OWNER).used_at is not None
