"""What the database refuses of occupations and drafts, whoever writes."""

import pytest
from django.db import IntegrityError

from participants.actions import registration as actions
from participants.models import Occupation, RegistrationDraft
from tests import make

pytestmark = pytest.mark.django_db


def test_an_occupation_stands_once() -> None:
    with pytest.raises(IntegrityError, match="occupation_name_stands_once"):
        Occupation.objects.create(name="Nelayan", group="Lain", sector="OTHER", legal_basis="-")


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("token", "registration_draft_token_stands_once"),
        ("reference", "registration_draft_reference_stands_once"),
    ],
)
def test_a_draft_is_one_of_its_kind(column: str, name: str) -> None:
    first = actions.begin(at=make.AT)
    second = actions.begin(at=make.AT)

    with pytest.raises(IntegrityError, match=name):
        RegistrationDraft.objects.filter(pk=second.pk).update(**{column: getattr(first, column)})
