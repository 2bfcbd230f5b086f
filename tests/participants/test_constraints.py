"""What the database refuses of enrolments and cards, whoever writes."""

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from participants.actions import cards
from participants.models import Card, Enrolment
from tests import make

pytestmark = pytest.mark.django_db


def test_a_number_stands_once():
    first, second = make.enrolment(), make.enrolment()

    with pytest.raises(IntegrityError, match="enrolment_number_stands_once"):
        Enrolment.objects.filter(pk=second.pk).update(number=first.number)


def test_a_first_month_is_a_first_day():
    member = make.enrolment()

    with (
        pytest.raises(IntegrityError, match="enrolment_first_month_is_a_first_day"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE participants_enrolment SET first_month = '2026-11-02' WHERE id = %s",
            [member.pk],
        )


def test_an_income_is_not_negative():
    member = make.enrolment()

    with pytest.raises(IntegrityError, match="enrolment_income_is_not_negative"):
        Enrolment.objects.filter(pk=member.pk).update(income=-1)


def test_a_token_stands_once():
    token = cards.new_token()
    Card.objects.create(enrolment=make.enrolment(), token=token, made_at=timezone.now())

    with pytest.raises(IntegrityError, match="card_token_stands_once"):
        Card.objects.create(enrolment=make.enrolment(), token=token, made_at=timezone.now())
