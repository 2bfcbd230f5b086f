"""The people of a firm: invitations that expire, seats that end, roles that follow them."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.actions import set_roles
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.outbox.models import Message
from employers.actions import team
from employers.models import Employer, Seat
from tests import make
from tests.accounts.helpers import PASSWORD, member

pytestmark = pytest.mark.django_db
GUEST = "sari@baja.test"


@pytest.fixture
def firm() -> Employer:
    return make.firm()


@pytest.fixture
def approver(firm: Employer) -> User | None:
    return firm.seats.get().user


@pytest.fixture
def browser(client: Client, approver: User) -> Client:
    client.force_login(approver)
    return client


def page(firm: Employer, name: str = "pengguna/") -> str:
    return f"/perusahaan/{firm.reference}/{name}"


def invite(
    browser: Client, firm: Employer, email: str | None = GUEST, *, role="REPORTER", form_id="a"
):
    given = {"email": email, "role": role, "form_id": form_id * 22}
    return browser.post(page(firm, "pengguna/undang/"), given)


def link_in(email: str | None = GUEST) -> str:
    return re.search(
        r"/perusahaan/undangan/\S*", Message.objects.filter(to=email).latest("pk").text
    )[0]


def accept(client: Client, link: str, *, form_id: str = "b"):
    given = {"name": "Sari", "password1": PASSWORD, "password2": PASSWORD}
    return client.post(link, given | {"form_id": form_id * 22})


def roles_of(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_an_invited_colleague_gets_an_account_and_the_role(browser, firm):
    assert invite(browser, firm)["Location"] == page(firm)
    guest = Client()
    assert firm.name in guest.get(link_in()).content.decode()

    answer = accept(guest, link_in())

    user = User.objects.get(email=GUEST)
    assert answer["Location"] == page(firm, "")
    assert roles_of(user) == {Role.REPORTER}
    assert guest.get(page(firm, "")).status_code == 200
    assert "Sari" in browser.get(page(firm)).content.decode()


def test_a_second_press_is_the_first_one(browser, firm):
    invite(browser, firm)
    invite(browser, firm)
    assert Seat.objects.invited().count() == 1
    assert Message.objects.filter(to=GUEST).count() == 1

    first = accept(Client(), link_in())
    again = accept(Client(), link_in())

    assert first["Location"] == again["Location"]
    assert Seat.objects.taken().filter(user__email=GUEST).count() == 1


def test_whoever_has_an_account_signs_in_before_accepting(browser, firm):
    other = make.firm_user(make.firm())
    invite(browser, firm, other.email, role="APPROVER")
    link = link_in(other.email)
    stranger = Client()

    assert "Masuk dulu" in stranger.get(link).content.decode()
    assert accept(stranger, link)["Location"] == link
    stranger.force_login(other)
    assert "Terima undangan" in stranger.get(link).content.decode()
    assert accept(stranger, link, form_id="c")["Location"] == page(firm, "")

    assert roles_of(other) == {Role.APPROVER}
    assert Employer.objects.of_seats(other).count() == 2


@pytest.mark.parametrize("what", ["used", "old", "cancelled", "replaced", "unknown"])
def test_a_dead_invitation_looks_the_same_whatever_killed_it(browser, firm, what):
    invite(browser, firm)
    link = link_in() if what != "unknown" else "/perusahaan/undangan/tidak-ada/"
    if what == "used":
        accept(Client(), link)
    if what == "old":
        Seat.objects.invited().update(expires_at=timezone.now() - timedelta(seconds=1))
    if what == "cancelled":
        seat = Seat.objects.invited().get()
        browser.post(page(firm, f"pengguna/{seat.pk}/akhiri/"), {"form_id": "d" * 22})
    if what == "replaced":
        invite(browser, firm, form_id="e")

    shown = Client().get(link)
    tried = accept(Client(), link, form_id="f")

    assert shown.status_code == 404
    assert "Tautan ini tidak berlaku lagi" in shown.content.decode()
    assert tried.status_code in {302, 404}
    assert Seat.objects.taken().filter(user__email=GUEST).count() == (what == "used")


def test_an_invitation_says_nothing_of_accounts_elsewhere(browser, firm):
    known = make.firm_user(make.firm())

    for email, form_id in ((known.email, "a"), ("baru@baja.test", "b")):
        answer = invite(browser, firm, email, form_id=form_id)
        assert answer["Location"] == page(firm)


def test_nobody_is_seated_twice_in_one_firm(browser, firm, approver):
    answer = invite(browser, firm, approver.email)

    assert "Orang ini sudah menjadi pengguna perusahaan ini" in answer.content.decode()
    with (
        pytest.raises(IntegrityError, match="seat_is_one_a_user_and_firm"),
        transaction.atomic(),
    ):
        team.take_seat(employer=firm, user=approver, role=Role.REPORTER, at=timezone.now())


def test_an_ended_seat_opens_nothing_from_the_next_request_on(browser, firm):
    reporter = make.firm_user(firm, Role.REPORTER)
    theirs = Client()
    theirs.force_login(reporter)
    assert theirs.get(page(firm, "")).status_code == 200
    seat = firm.seats.get(user=reporter)
    address = page(firm, f"pengguna/{seat.pk}/akhiri/")
    assert reporter.name in browser.get(address).content.decode()

    browser.post(address, {"form_id": "a" * 22})

    assert roles_of(reporter) == set()
    assert theirs.get(page(firm, "")).status_code == 403
    assert "diakhiri" in Message.objects.filter(to=reporter.email).latest("pk").text


def test_a_seat_elsewhere_keeps_its_role(firm):
    other = make.firm()
    user = make.firm_user(firm, Role.REPORTER)
    team.take_seat(employer=other, user=user, role=Role.APPROVER, at=timezone.now())

    team.end_seat(seat=firm.seats.get(user=user), by=make.user(), at=timezone.now())

    assert roles_of(user) == {Role.APPROVER}


def test_the_last_approver_stays(browser, firm, approver):
    seat = firm.seats.get()

    answer = browser.post(
        page(firm, f"pengguna/{seat.pk}/akhiri/"), {"form_id": "a" * 22}, follow=True
    )

    assert "Tunjuk penyetuju lain dulu" in answer.content.decode()
    assert Seat.objects.taken().filter(user=approver).exists()


def test_a_reporter_sees_the_team_and_changes_nothing(client, firm):
    client.force_login(make.firm_user(firm, Role.REPORTER))

    assert "Minta penyetuju" in client.get(page(firm)).content.decode()
    assert invite(client, firm).status_code == 403


def test_an_approver_elsewhere_who_reports_here_invites_nobody_here(client, firm):
    user = make.firm_user(firm, Role.REPORTER)
    team.take_seat(employer=make.firm(), user=user, role=Role.APPROVER, at=timezone.now())
    client.force_login(user)

    assert client.get(page(firm, "pengguna/undang/")).status_code == 404
    assert invite(client, firm).status_code == 404


def test_who_works_at_the_office_takes_no_seat(browser, firm):
    clerk = member(Role.SERVICE)
    invite(browser, firm, clerk.email)
    theirs = Client()
    theirs.force_login(clerk)

    assert "petugas kantor" in theirs.get(link_in(clerk.email)).content.decode()
    accept(theirs, link_in(clerk.email))

    assert not Seat.objects.taken().filter(user=clerk).exists()


def test_a_firm_invites_twenty_times_a_day(browser, firm):
    for number in range(20):
        answer = invite(browser, firm, f"orang{number}@baja.test", form_id=chr(97 + number))
        assert answer.status_code == 302

    assert invite(browser, firm, "satu@lagi.test", form_id="z").status_code == 429


def test_a_person_invites_twenty_times_a_day_in_all_firms_together(browser, firm, approver):
    second = make.firm()
    team.take_seat(employer=second, user=approver, role=Role.APPROVER, at=timezone.now())
    for number in range(20):
        into = (firm, second)[number % 2]
        answer = invite(browser, into, f"orang{number}@baja.test", form_id=chr(97 + number))
        assert answer.status_code == 302

    assert invite(browser, second, "satu@lagi.test", form_id="z").status_code == 429


def test_who_came_to_the_office_is_given_no_role_by_an_old_seat(firm, approver):
    other = make.firm()
    clerk = make.firm_user(firm, Role.REPORTER)
    team.take_seat(employer=other, user=clerk, role=Role.APPROVER, at=timezone.now())
    set_roles(user=clerk, roles=[Role.OFFICER])

    team.end_seat(seat=firm.seats.get(user=clerk), by=approver, at=timezone.now())

    assert roles_of(clerk) == {Role.OFFICER}
