"""The card of a member: a public token, made when it is first looked at, counted, renewed."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F

from cilegon_portal.rules.reference import ALPHABET
from participants.models import Card, Enrolment

TOKEN_LENGTH = 26  # of 32 characters: 130 random bits, so that a token is not guessed


def new_token() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def is_token(text: str) -> bool:
    return len(text) == TOKEN_LENGTH and set(text) <= set(ALPHABET)


def card_of(*, enrolment: Enrolment, at: datetime) -> Card:
    """Return the standing card of `enrolment`; the first look makes it, a parallel one finds it."""
    card, _ = Card.objects.standing().get_or_create(
        enrolment=enrolment,
        revoked_at=None,
        defaults={"token": new_token(), "made_at": at},
    )
    return card


@transaction.atomic
def renew_card(*, enrolment: Enrolment, at: datetime) -> Card:
    """Give `enrolment` a new token; the old card is unknown from now on."""
    Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    Card.objects.standing().filter(enrolment=enrolment).update(revoked_at=at)
    return Card.objects.create(enrolment=enrolment, token=new_token(), made_at=at)


def count_check(*, card: Card) -> None:
    """Count one look at the public page of `card`; its owner sees how many there were."""
    Card.objects.filter(pk=card.pk).update(checks=F("checks") + 1)
