from datetime import timedelta

import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from participants.actions import registration
from participants.models import RegistrationDraft
from tests import make
from tests.accounts.helpers import member, sign_in_staff

TYPED = "+6281299990777"


@pytest.fixture
def draft(fisherman):
    """Somebody typed the fisherman's NIK with another phone, and proved that phone."""
    begun = registration.begin(at=make.AT)
    registration.answer(
        draft=begun,
        at=make.AT,
        nik=fisherman.person.id_number,
        name="Rahmat Hidayat",
        birth_date=fisherman.person.birth_date,
        phone=TYPED,
    )
    registration.prove_phone(draft=begun, at=make.AT)
    RegistrationDraft.objects.update(expires_at=make.AT + timedelta(days=36_500))
    return RegistrationDraft.objects.get()


def page_of(draft):
    return reverse("dashboard:match", args=[draft.pk])


def test_the_counter_sees_both_sides_masked(desk, draft, fisherman):
    page = desk.get(page_of(draft)).content.decode()

    assert "0812••••0777" in page
    assert "0812••••0123" in page
    assert fisherman.person.id_number not in page


def test_a_waiting_registration_is_listed(desk, draft):
    assert page_of(draft) in desk.get(reverse("dashboard:matches")).content.decode()


def test_the_list_names_the_form_as_its_sender_does(desk, draft):
    assert draft.reference in desk.get(reverse("dashboard:matches")).content.decode()
    assert draft.reference in desk.get(page_of(draft)).content.decode()


@pytest.mark.parametrize("chosen", ["same", "other"])
def test_an_answered_registration_is_listed_no_more(desk, draft, chosen):
    desk.post(page_of(draft), {"answer": chosen})

    assert page_of(draft) not in desk.get(reverse("dashboard:matches")).content.decode()


def test_a_second_press_changes_nothing_and_says_so(desk, draft, fisherman):
    desk.post(page_of(draft), {"answer": "other"})

    answer = desk.post(page_of(draft), {"answer": "same"}, follow=True)

    fisherman.person.refresh_from_db()
    assert "Permintaan ini sudah dijawab." in answer.content.decode()
    assert fisherman.person.user.phone == "+6281299990123"


def test_a_matching_card_puts_the_new_phone_in_place_and_empties_the_draft(desk, draft, fisherman):
    desk.post(page_of(draft), {"answer": "same"})

    fisherman.person.refresh_from_db()
    fisherman.account.refresh_from_db()
    draft.refresh_from_db()
    assert fisherman.person.user.phone == TYPED
    assert fisherman.person.phone_proven_by == "COUNTER"
    assert fisherman.account.phone == TYPED
    assert draft.given.nik == ""


def test_somebody_elses_registration_is_closed_and_emptied(desk, draft, fisherman):
    desk.post(page_of(draft), {"answer": "other"})

    fisherman.person.refresh_from_db()
    draft.refresh_from_db()
    assert fisherman.person.user.phone == "+6281299990123"
    assert draft.given.nik == ""
    assert desk.get(page_of(draft)).status_code == 404


def test_a_finished_registration_has_no_page(desk, fisherman):
    open_draft = registration.begin(at=make.AT)

    assert desk.get(reverse("dashboard:match", args=[open_draft.pk])).status_code == 404


def test_an_auditor_does_not_match(client, draft):
    sign_in_staff(client, member(Role.AUDITOR))

    assert client.get(page_of(draft)).status_code == 403
    assert client.post(page_of(draft), {"answer": "same"}).status_code == 403
