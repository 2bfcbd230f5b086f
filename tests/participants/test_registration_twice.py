"""The button of the check page, pressed many times at once: one person, one enrolment, one code."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from cilegon_portal.contributions.models import Account, Bill, PaymentCode
from cilegon_portal.people.models import Person
from participants.actions import registration as actions
from participants.models import Enrolment, RegistrationDraft
from tests.participants.conftest import Clock
from tests.participants.journey import PATHS, form_id_of, walk

PRESSES = 50


def press_at_once(presses: list[Callable[[], Any]]) -> list[Any]:
    """Run all of them at the same moment, each in a thread and a connection of its own."""
    start = threading.Barrier(len(presses))
    answers: list[Any] = []

    def run(press: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers.append(press())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[press]) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def same_browser(client: Client) -> Client:
    twin = Client()
    twin.cookies = client.cookies
    return twin


@pytest.mark.parametrize("tabs", [1, PRESSES])
def test_many_presses_make_one_registration(committed: None, clock: Clock, tabs: int) -> None:
    client = Client()
    walk(client, until="months")
    form_ids = [form_id_of(client.get(PATHS["check"])) for _ in range(tabs)] * (PRESSES // tabs)

    def press(form_id: str) -> Callable[[], Any]:
        return lambda: same_browser(client).post(PATHS["check"], {"form_id": form_id})

    answers = press_at_once([press(form_id) for form_id in form_ids])

    code = PaymentCode.objects.get()
    assert len(answers) == PRESSES
    assert {answer.status_code for answer in answers} == {302}
    assert {answer["Location"] for answer in answers} == {f"/bayar/{code.reference}/"}
    assert Person.objects.count() == Enrolment.objects.count() == Account.objects.count() == 1
    assert not Bill.objects.exists()


def test_one_nik_from_many_phones_at_once_is_one_person(committed: None, clock: Clock) -> None:
    clients = [Client() for _ in range(5)]
    for number, client in enumerate(clients):
        walk(client, until="months", phone=f"0812 3456 71{number:02}")

    def press(client: Client) -> Callable[[], Any]:
        form_id = form_id_of(client.get(PATHS["check"]))
        return lambda: client.post(PATHS["check"], {"form_id": form_id})

    answers = press_at_once([press(client) for client in clients])

    assert {answer.status_code for answer in answers} == {302}
    places = [answer["Location"] for answer in answers]
    assert places.count("/daftar/kantor/") == 4
    assert Person.objects.count() == Enrolment.objects.count() == PaymentCode.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_is_registered_once(client: Client, clock: Clock) -> None:
    walk(client)
    draft = RegistrationDraft.objects.get()

    again = actions.register(draft=draft, by=None, at=clock.at)

    assert again == PaymentCode.objects.get()


@pytest.mark.django_db
def test_an_unfinished_draft_is_not_registered(client: Client, clock: Clock) -> None:
    walk(client, until="place")

    with pytest.raises(actions.Unfinished):
        actions.register(draft=RegistrationDraft.objects.get(), by=None, at=clock.at)


@pytest.mark.django_db
def test_who_grew_too_old_meanwhile_is_told(client: Client, clock: Clock) -> None:
    walk(client, until="months", nik="3672992711610001", birth_date=(27, 11, 1961))
    form_id = form_id_of(client.get(PATHS["check"]))
    draft = RegistrationDraft.objects.get()
    clock.move(days=4)

    with pytest.raises(actions.NotAdmitted):
        actions.register(draft=draft, by=None, at=clock.at)
    assert form_id


@pytest.mark.django_db
def test_drafts_are_forgotten_after_a_week(client: Client, clock: Clock) -> None:
    walk(client, until="nik")
    clock.move(days=7, seconds=1)

    assert actions.forget_drafts(at=clock.at) == 1
    assert not RegistrationDraft.objects.exists()
