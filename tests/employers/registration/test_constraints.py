"""What the database refuses of firms, contacts, seats and decisions, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from cilegon_portal.rules.months import Month
from employers.models import Contact, Decision, Employer, Evidence, LineOfBusiness, Seat
from tests import make

pytestmark = pytest.mark.django_db


def refused(name: str):
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("employer_npp_has_eight_characters", {"npp": "123"}),
        ("employer_nib_has_thirteen_digits", {"nib": "12345"}),
        ("employer_npwp_has_fifteen_or_sixteen_digits", {"npwp": "12345"}),
        ("employer_active_has_an_account", {"state": "ACTIVE"}),
        ("employer_decision_is_whole", {"decided_at": timezone.now()}),
        ("employer_closed_has_a_last_month", {"state": "CLOSED"}),
        ("employer_sent_has_nib_or_npwp", {"state": "SENT", "nib": "", "npwp": ""}),
    ],
)
def test_the_database_refuses_a_firm(name, values):
    firm = make.registering() if name != "employer_closed_has_a_last_month" else make.firm()

    with refused(name), transaction.atomic():
        Employer.objects.filter(pk=firm.pk).update(**values)


def test_a_reference_stands_once():
    firm, other = make.registering(), make.registering()

    with refused("employer_reference_stands_once"), transaction.atomic():
        Employer.objects.filter(pk=firm.pk).update(reference=other.reference)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("first_month", "employer_first_month_is_a_first_day"),
        ("last_month", "employer_last_month_is_a_first_day"),
    ],
)
def test_the_months_of_a_firm_are_first_days(column, name):
    firm = make.registering()

    with (
        refused(name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE employers_employer SET {column} = '2026-11-02' WHERE id = %s",  # noqa: S608
            [firm.pk],
        )


def test_a_line_of_business_stands_once_with_a_group_of_one_to_five():
    row = make.line_of_business(name="Peleburan baja")

    with refused("line_of_business_name_stands_once"), transaction.atomic():
        LineOfBusiness.objects.create(name=row.name, risk_group=1, legal_basis="x")
    with refused("line_of_business_risk_group_is_one_to_five"), transaction.atomic():
        LineOfBusiness.objects.create(name="Lain", risk_group=6, legal_basis="x")


def test_a_firm_has_one_contact_of_a_kind():
    firm = make.registering()

    with refused("contact_is_one_a_kind"), transaction.atomic():
        Contact.objects.create(employer=firm, kind="HR", name="Lain", phone="+628111111111")


def test_a_seat_is_taken_by_somebody_and_an_invitation_stands_once():
    firm, at = make.registering(), timezone.now()

    with refused("seat_is_taken_by_somebody"), transaction.atomic():
        Seat.objects.create(employer=firm, role="REPORTER", invited_at=at, taken_at=at)
    given = {"employer": firm, "role": "REPORTER", "invited_at": at, "token_hash": b"x" * 32}
    Seat.objects.create(**given)
    with refused("seat_invitation_stands_once"), transaction.atomic():
        Seat.objects.create(**given)


def decision(**more) -> Decision:
    given = {"employer": make.firm(), "by": make.user(), "at": timezone.now(), "reason": "Karena"}
    return Decision.objects.create(**given | more)


def test_a_decision_has_its_reason_and_a_closing_its_cause():
    with refused("decision_against_a_firm_has_a_reason"), transaction.atomic():
        decision(kind="RETURNED", reason="")
    with refused("decision_to_close_names_its_cause"), transaction.atomic():
        decision(kind="CLOSED")
    with refused("decision_to_close_names_its_cause"), transaction.atomic():
        decision(kind="RETURNED", cause="IDLE")


@pytest.mark.parametrize("model", [Decision, Evidence])
def test_decisions_and_their_evidence_are_never_changed(model):
    row = decision(kind="CLOSED", cause="IDLE")
    column = "reason"
    if model is Evidence:
        Evidence.objects.create(decision=row, kind="FIRM_LETTER", number="1/X/2026")
        column = "number"

    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        model.objects.update(**{column: "lain"})
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        model.objects.all().delete()


def test_a_firm_is_like_another_with_one_of_its_numbers():
    firm = make.registering(nib="1" * 13)
    twin = make.registering(nib="1" * 13)
    make.registering(nib="2" * 13)

    assert list(Employer.objects.like(firm)) == [twin]
    assert list(Employer.objects.like(Employer())) == []
    assert Month(2026, 11) == firm.first_month
