"""Users, roles, the log of revealed values, the demo mark, and the trail of all of them."""

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import DemoMark, Reveal, Role, User
from cilegon_portal.accounts.passwords import LongEnough, NotOurWords
from tests.accounts.helpers import PHONE, member, worker

pytestmark = pytest.mark.django_db
UserEvent = apps.get_model("accounts", "UserEvent")


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def changes(user: User) -> list[tuple[str, list[str]]]:
    events = UserEvent.objects.filter(pgh_obj_id=user.pk).order_by("pgh_id")
    return list(events.values_list("pgh_label", "changed"))


def test_every_role_but_anonymous_has_its_group():
    names = set(Group.objects.values_list("name", flat=True))

    assert names == set(Role.values) - {Role.ANONYMOUS}
    assert len(Role) == 14


def test_a_fresh_database_has_no_users():
    assert not User.objects.exists()


def test_a_proven_phone_is_one_user_with_the_role_of_a_worker(at):
    first = actions.user_of_phone(phone=PHONE, at=at)

    again = actions.user_of_phone(phone=PHONE, at=at)

    assert again == first
    assert not first.has_usable_password()
    assert [group.name for group in first.groups.all()] == [Role.WORKER]


def test_a_technical_name_says_nothing(at):
    user = worker()

    assert len(user.username) >= 22
    assert PHONE not in user.username
    assert str(user) == f"Pengguna {user.pk}"


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("user_has_a_phone_or_an_email", {"phone": None, "email": None}),
        ("user_email_is_lower_case", {"email": "A@b.id"}),
        ("user_phone_is_e164", {"phone": "081234567890"}),
    ],
)
def test_the_database_refuses_a_user_without_a_sound_name(constraint, values):
    user = worker()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**values)


def test_a_role_of_the_staff_makes_staff(at):
    user = member(Role.OFFICER)
    before = user.is_staff

    actions.set_roles(user=user, roles=[Role.PARTNER])

    assert (before, user.is_staff) == (True, False)
    assert [group.name for group in user.groups.all()] == [Role.PARTNER]


@pytest.mark.parametrize(
    ("is_staff", "password", "is_good"),
    [
        (False, "x" * 11, False),
        (False, "x" * 12, True),
        (True, "x" * 14, False),
        (True, "x" * 15, True),
        (True, "x" * 128, True),
    ],
)
def test_a_password_is_long_enough(is_staff, password, is_good):
    user = User(is_staff=is_staff)

    if is_good:
        LongEnough().validate(password, user)
    else:
        with pytest.raises(ValidationError, match="paling sedikit"):
            LongEnough().validate(password, user)


@pytest.mark.parametrize("password", ["Cilegon-2026-indah", "bpjsketenagakerjaan!!"])
def test_words_of_this_place_are_refused(password):
    with pytest.raises(ValidationError, match="mudah ditebak"):
        NotOurWords().validate(password)


def test_passwords_are_kept_by_scrypt(settings):
    from cilegon_portal import settings as ours  # noqa: TID251 (the hasher that tests replace)

    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS

    assert member(Role.SERVICE).password.startswith("scrypt$")


def test_a_reveal_is_written_once_and_has_a_reason(at):
    clerk = member(Role.SERVICE)
    actions.record_reveal(
        person_key=7, what=Reveal.What.NIK, reason="Mencocokkan KTP di loket", by=clerk, at=at
    )

    for sql in (
        "UPDATE accounts_reveal SET reason = 'x'",
        "DELETE FROM accounts_reveal",
    ):
        with pytest.raises(DatabaseError, match="written once"):
            run(sql)
    with pytest.raises(DatabaseError, match="never emptied"):
        run("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE accounts_reveal")
    with pytest.raises(IntegrityError, match="reveal_has_a_reason"), transaction.atomic():
        actions.record_reveal(person_key=7, what=Reveal.What.NIK, reason="", by=clerk, at=at)


def test_a_database_with_people_is_never_marked(at):
    worker()

    with pytest.raises(actions.NotADemo):
        actions.mark_as_demo(at=at)


def test_an_empty_database_is_marked_once(at):
    actions.mark_as_demo(at=at)
    worker()

    actions.mark_as_demo(at=at)

    assert actions.is_demo_database()
    with pytest.raises(IntegrityError, match="demo_mark_is_a_single_row"), transaction.atomic():
        DemoMark.objects.create(pk=2, marked_at=at)


def test_every_way_of_writing_leaves_an_event_that_names_columns():
    user = member(Role.SERVICE)
    start = len(changes(user))

    user.name = "Nama baru"
    user.save()
    User.objects.filter(pk=user.pk).update(phone=PHONE)
    User.objects.bulk_update([User(pk=user.pk, is_active=False)], ["is_active"])
    run(f"UPDATE accounts_user SET email = 'lain@b.id' WHERE id = {user.pk}")  # noqa: S608

    assert changes(user)[start:] == [
        ("update", ["name"]),
        ("update", ["phone"]),
        ("update", ["is_active"]),
        ("update", ["email"]),
    ]


def test_a_bulk_insert_leaves_an_event_a_row(at):
    users = User.objects.bulk_create(
        [User(email=f"a{number}@b.id", joined_at=at) for number in range(3)]
    )

    assert [changes(user) for user in users] == [[("insert", [])]] * 3


def test_what_changes_nothing_or_only_the_last_sign_in_leaves_no_event(at):
    user = member(Role.SERVICE)
    before = changes(user)

    User.objects.update(last_login=at)
    user.save()

    assert changes(user) == before


def test_an_event_holds_no_personal_value():
    member(Role.SERVICE, email="rahasia@b.id")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(to_jsonb(e)::text, '') FROM accounts_userevent e")
        events = cursor.fetchone()[0]

    assert "rahasia" not in events
    assert {field.name for field in UserEvent._meta.fields} == {
        "pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context",
        "is_active", "is_staff", "is_superuser", "changed",
    }  # fmt: skip


def test_a_role_given_and_taken_leaves_events():
    user = member(Role.SERVICE)
    actions.set_roles(user=user, roles=[Role.AUDITOR])

    events = apps.get_model("accounts", "MembershipEvent").objects.filter(user=user)

    labels = list(events.order_by("pgh_id").values_list("pgh_label", "group__name"))
    assert labels == [("insert", "SERVICE"), ("delete", "SERVICE"), ("insert", "AUDITOR")]


@pytest.mark.parametrize("table", ["userevent", "membershipevent", "secondfactorevent"])
def test_events_are_written_once(table):
    user = member(Role.SERVICE)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})

    for verb in ("UPDATE {} SET changed = '{{}}'", "DELETE FROM {}"):
        with pytest.raises(DatabaseError, match="written once"):
            run(verb.format(f"accounts_{table}"))
    with pytest.raises(DatabaseError, match="never emptied"):
        run(f"TRUNCATE accounts_{table}")


def test_the_tracked_table_is_never_emptied():
    with pytest.raises(DatabaseError, match="never emptied"):
        run("TRUNCATE accounts_user CASCADE")
