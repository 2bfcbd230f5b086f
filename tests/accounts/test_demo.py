"""The pages and people of a demo: there in a demo, and nowhere else."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import authenticate
from django.http import HttpResponse

from cilegon_portal.accounts import actions, demo
from cilegon_portal.accounts.access import demo_only, too_many
from cilegon_portal.accounts.models import STAFF_ROLES, Role, User
from tests.accounts.helpers import PHONE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
PAGES = ["/demo/totp/", "/demo/pesan/"]


@pytest.fixture
def marked(at):
    actions.mark_as_demo(at=at)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_exist_in_a_demo(client, marked, path):
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_do_not_exist_without_the_mark(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_do_not_exist_outside_demo_mode(client, marked, settings, path):
    settings.DEMO = False

    assert client.get(path).status_code == 404


def test_a_demo_page_needs_both(rf, at, settings):
    page = demo_only(lambda request: HttpResponse("terbuka"))
    actions.mark_as_demo(at=at)

    assert page(rf.get("/")).content == b"terbuka"


def test_everyone_of_the_staff_and_of_a_firm_is_there_once(marked, at):
    users = demo.create_demo_users(at)

    assert demo.create_demo_users(at) == users
    assert set(users) == STAFF_ROLES | {Role.REPORTER, Role.APPROVER, Role.WORKER}
    assert User.objects.count() == 11
    for sign_in in demo.demo_sign_ins()[:-1]:
        assert authenticate(email=sign_in.name, password=sign_in.password)


def test_no_demo_people_without_the_mark(at):
    with pytest.raises(actions.NotADemo):
        demo.create_demo_users(at)

    assert not User.objects.exists()


def test_the_code_on_the_page_opens_the_desk(client, marked, at):
    demo.create_demo_users(at)
    sign_in = demo.demo_sign_ins()[0]
    client.post("/petugas/masuk/", {"login": sign_in.name, "password": sign_in.password})

    shown = client.get("/demo/totp/").context["codes"]
    codes = {current.sign_in: current.code for current in shown}
    page = client.post("/akun/kode/", {"code": codes[sign_in]})

    assert page.url == "/kantor/"


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER])
def test_the_page_shows_the_code_of_who_acts_for_a_firm(client, marked, at, role):
    users = demo.create_demo_users(at)

    shown = {it.sign_in.role: it for it in client.get("/demo/totp/").context["codes"]}

    assert shown[role].sign_in.name == users[role].email
    assert TOTP(users[role].authenticator_set.get(type="totp")).validate_code(shown[role].code)
    assert not users[role].is_staff


def test_a_message_is_read_in_the_inbox(client, marked, at):
    actions.send_code(phone=PHONE, purpose="SIGN_IN", channel="WA", at=at)

    page = client.get("/demo/pesan/").content.decode()

    assert "WhatsApp ke +6281234567890" in page
    assert "adalah kode Anda" in page


def test_a_reached_limit_tells_when_to_come_back(rf, at):
    from datetime import timedelta

    request = rf.get("/")
    request.user = User()

    answer = too_many(request, at + timedelta(minutes=5), at)

    assert (answer.status_code, answer["Retry-After"]) == (429, "300")
    assert "pukul 10.05 WIB" in answer.content.decode()
