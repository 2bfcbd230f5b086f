"""Cards under several hands at once: things really commit here."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from participants.actions import cards
from participants.models import Card
from tests import make

HANDS = 8


def test_many_first_looks_at_once_make_one_card(committed, at):
    member = make.enrolment()
    start = threading.Barrier(HANDS)

    def look(_hand):
        start.wait()
        try:
            return cards.card_of(enrolment=member, at=at).token
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as hands:
        tokens = set(hands.map(look, range(HANDS)))

    assert len(tokens) == 1
    assert Card.objects.count() == 1


def test_many_renewals_at_once_leave_one_standing_card(committed, at):
    member = make.enrolment()
    start = threading.Barrier(HANDS)

    def renew(_hand):
        start.wait()
        try:
            cards.renew_card(enrolment=member, at=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(renew, range(HANDS)))

    assert Card.objects.count() == HANDS
    assert Card.objects.standing().count() == 1
