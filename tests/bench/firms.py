"""Firms for a bench: crews in the books, and half a million workers of others around them."""

from datetime import datetime

from tests.bench.rosters import RISK_GROUP, SIZE, STARTED_ON, Crew

OTHER_FIRMS = 500

PEOPLE = """
INSERT INTO people_person
    (id_kind, id_number, id_index, name, birth_date, sex, phone_proven_by, registered_at)
SELECT 'NIK', decode(md5('n' || n) || md5('m' || n), 'hex'),
       decode(md5('i' || n) || md5('j' || n), 'hex'), 'Orang Lain ' || n,
       date '1970-01-01' + n %% 12000, 'P', '', %(at)s
FROM generate_series(1, %(others)s) n
RETURNING id
"""
# Their firms have no account and no report: they stand in the way of look-ups, nothing else.
EMPLOYMENTS = """
WITH other AS (
    SELECT id, name, birth_date, row_number() OVER (ORDER BY id) AS n
    FROM people_person WHERE name LIKE 'Orang Lain %%'
), firm AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n
            FROM employers_employer WHERE name LIKE 'PT Lain %%')
INSERT INTO employers_employment
    (employer_id, person_id, reported_name, reported_birth_date, kpj, started_on, cause,
     is_different, settled_note)
SELECT firm.id, other.id, other.name, other.birth_date, '', date '2020-01-01', '', false, ''
FROM other JOIN firm ON firm.n = other.n %% %(firms)s
"""


def add_others(others: int, *, at: datetime) -> None:
    """Write `others` people who work elsewhere."""
    from django.db import connection

    from cilegon_portal.rules.reference import new_reference
    from employers.models import Employer

    Employer.objects.bulk_create(
        Employer(
            reference=new_reference(),
            name=f"PT Lain {number} Contoh",
            state="DRAFT",
            began_at=at,
        )
        for number in range(OTHER_FIRMS)
    )
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"others": others, "at": at})
        cursor.execute(EMPLOYMENTS, {"firms": OTHER_FIRMS})


def open_firm(crew: Crew, *, at: datetime) -> None:
    """Take the crew's firm in: account, terms, who approves, and its people at work."""
    from cilegon_portal.accounts.actions import make_member
    from cilegon_portal.accounts.models import Role
    from cilegon_portal.contributions.actions import open_account
    from cilegon_portal.rules.reference import new_reference
    from employers.models import Employer, Seat, Terms

    crew.approver = make_member(
        email=f"{crew.name}@perusahaan.contoh.test".lower().replace(" ", "-"),
        name=crew.name,
        roles=[Role.APPROVER],
        password="tidak-dipakai-di-sini",
        at=at,
    )
    crew.employer = Employer.objects.create(
        reference=new_reference(),
        name=crew.name,
        state="ACTIVE",
        nib=f"{crew.first_key:013}"[-13:],
        account=open_account(kind="PU", name=crew.name, at=at),
        first_month=crew.month,
        may_upload_large=True,
        began_at=at,
        decided_at=at,
        decided_by=crew.approver,
    )
    Seat.objects.create(
        employer=crew.employer, user=crew.approver, role=Role.APPROVER, invited_at=at, taken_at=at
    )
    Terms.objects.create(
        employer=crew.employer,
        valid_from=crew.month,
        size=SIZE,
        risk_group=RISK_GROUP,
        reason="Untuk ukuran waktu",
        by=crew.approver,
        at=at,
    )
    put_to_work(crew, at=at)


def put_to_work(crew: Crew, *, at: datetime) -> None:
    from cilegon_portal.fields import blind_index
    from cilegon_portal.people.models import Person
    from employers.models import Employment

    people = Person.objects.bulk_create(
        (
            Person(
                id_number=hand.nik,
                id_index=blind_index("person.id", hand.nik),
                name=hand.name,
                birth_date=hand.birth_date,
                sex="L",
                registered_at=at,
            )
            for hand in crew.hands
        ),
        batch_size=5_000,
    )
    Employment.objects.bulk_create(
        (
            Employment(
                employer=crew.employer,
                person=person,
                reported_name=hand.name,
                reported_birth_date=hand.birth_date,
                started_on=STARTED_ON,
            )
            for hand, person in zip(crew.hands, people, strict=True)
        ),
        batch_size=5_000,
    )
