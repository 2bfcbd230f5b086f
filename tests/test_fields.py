"""Months, rupiah and encrypted texts go into their columns and come back."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Max, Q, Value, When
from django.test.utils import isolate_apps
from hypothesis import given, strategies as st

from cilegon_portal.fields import (
    EncryptedField,
    MonthField,
    RupiahField,
    Unreadable,
    blind_index,
    decrypt,
    encrypt,
)
from cilegon_portal.rules.months import Month

NIK = "3672991509850001"
NOVEMBER = Month(2026, 11)
PLACE = "outbox_note.number"


@pytest.fixture
def note(db: None) -> Iterator[type[models.Model]]:
    """Return a model with one field of each kind, its table made for this test only."""
    with isolate_apps("cilegon_portal.outbox"):

        class Note(models.Model):
            """A note with one of each."""

            month = MonthField()
            later = MonthField(null=True, blank=True)
            amount = RupiahField(default=0)
            number = EncryptedField(null=True, blank=True)
            other = EncryptedField(null=True)

            class Meta:
                app_label = "outbox"
                constraints = [
                    models.CheckConstraint(name="note_month_is_a_first", condition=Q(month__day=1))
                ]

            def __str__(self) -> str:
                return f"{self.month}"

        with connection.schema_editor() as editor:
            editor.create_model(Note)
        yield Note


# Months


def test_a_month_comes_back_as_a_month(note):
    note.objects.create(month=NOVEMBER)

    found = note.objects.get()
    assert (found.month, found.later) == (NOVEMBER, None)


def test_months_filter_sort_and_list(note):
    for months in (2, 0, 1):
        note.objects.create(month=NOVEMBER.plus(months))

    assert list(note.objects.order_by("-month").values_list("month", flat=True)) == [
        Month(2027, 1), Month(2026, 12), NOVEMBER,
    ]  # fmt: skip
    assert note.objects.filter(month=NOVEMBER).count() == 1
    assert note.objects.filter(month__gt=NOVEMBER).count() == 2
    assert note.objects.filter(month__in=[NOVEMBER, Month(2026, 12)]).count() == 2
    assert note.objects.filter(month__range=(NOVEMBER, Month(2026, 12))).count() == 2
    assert note.objects.filter(month__year=2026).count() == 2
    assert note.objects.filter(month=date(2026, 11, 1)).count() == 1
    assert note.objects.filter(month="2026-11").count() == 1
    assert note.objects.aggregate(last=Max("month")) == {"last": Month(2027, 1)}


def test_months_work_in_expressions(note):
    note.objects.create(month=NOVEMBER, later=NOVEMBER)
    note.objects.create(month=NOVEMBER, later=NOVEMBER.plus(1))

    note.objects.filter(later=F("month")).update(later=F("month"), amount=1)
    named = note.objects.annotate(
        copy=F("later"),
        first=Case(
            When(later__gt=F("month"), then=Value(NOVEMBER, MonthField())),
            default=F("later"),
        ),
    ).order_by("pk")

    assert [row.copy for row in named] == [NOVEMBER, Month(2026, 12)]
    assert [row.first for row in named] == [NOVEMBER, NOVEMBER]
    assert note.objects.get(amount=1).later == NOVEMBER


def test_months_are_written_in_bulk(note):
    made = note.objects.bulk_create([note(month=NOVEMBER.plus(n)) for n in range(3)])
    for row in made:
        row.later = row.month.plus(1)
    note.objects.bulk_update(made, ["later"])

    assert list(note.objects.order_by("pk").values_list("later", flat=True)) == [
        Month(2026, 12), Month(2027, 1), Month(2027, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [date(2026, 11, 2), datetime(2026, 11, 1), "2026-11-02", "2026-13", "November", "", 11],  # noqa: DTZ001
)
def test_what_is_no_month_is_refused_not_rounded(value):
    with pytest.raises(ValidationError, match="bukan bulan"):
        MonthField().to_python(value)


@pytest.mark.parametrize("value", [NOVEMBER, date(2026, 11, 1), "2026-11", "2026-11-01"])
def test_a_month_is_read_from_its_spellings(value):
    assert MonthField().to_python(value) == NOVEMBER


def test_a_date_in_mid_month_never_reaches_the_column(note):
    with pytest.raises(ValidationError):
        note.objects.create(month=date(2026, 11, 15))
    with pytest.raises(ValidationError):
        list(note.objects.filter(month=date(2026, 11, 15)))


def test_the_database_refuses_a_mid_month_date_too(note):
    note.objects.create(month=NOVEMBER)

    with (
        pytest.raises(IntegrityError, match="note_month_is_a_first"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {note._meta.db_table} SET month = '2026-11-15'")  # noqa: S608


def test_a_model_with_a_month_is_cleaned(note):
    row = note(month=date(2026, 11, 1), number=NIK, other=NIK)

    row.full_clean()

    assert row.month == NOVEMBER


def test_a_month_is_dumped_as_its_first_day(note):
    field = note._meta.get_field("month")

    assert field.value_to_string(note(month=NOVEMBER)) == "2026-11-01"
    assert note._meta.get_field("later").value_to_string(note(month=NOVEMBER)) == ""


def test_the_fields_are_written_into_migrations():
    for field in (MonthField(null=True), RupiahField(default=1), EncryptedField(null=True)):
        _, path, args, kwargs = field.deconstruct()

        assert path == f"cilegon_portal.fields.{type(field).__name__}"
        assert type(field)(*args, **kwargs).deconstruct()[1:] == (path, args, kwargs)


# Encrypted texts


def test_an_encrypted_text_comes_back(note):
    note.objects.create(month=NOVEMBER, number=NIK, other="é")

    found = note.objects.get()
    assert (found.number, found.other) == (NIK, "é")
    assert note.objects.values_list("number", flat=True).get() == NIK


def test_an_absent_text_stays_absent(note):
    note.objects.create(month=NOVEMBER)

    assert note.objects.get().number is None
    assert note.objects.filter(number__isnull=True).count() == 1
    assert note.objects.filter(number=None).count() == 1
    assert note.objects.exclude(number=None).count() == 0


def test_encrypted_texts_are_written_in_bulk(note):
    made = note.objects.bulk_create([note(month=NOVEMBER, number=str(n)) for n in range(3)])
    for row in made:
        row.number = row.number * 2
    note.objects.bulk_update(made, ["number"])
    note.objects.filter(pk=made[0].pk).update(number="zero")

    assert list(note.objects.order_by("pk").values_list("number", flat=True)) == [
        "zero", "11", "22",
    ]  # fmt: skip


def test_the_column_holds_nothing_readable(note):
    note.objects.bulk_create([note(month=NOVEMBER, number=NIK) for _ in range(2)])

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {note._meta.db_table}")  # noqa: S608
        one, other = (bytes(value) for (value,) in cursor.fetchall())

    assert NIK.encode() not in one
    assert one != other
    assert one[0] == max(settings.FIELD_KEYS)


def test_a_value_copied_to_another_column_does_not_open(note):
    note.objects.create(month=NOVEMBER, number=NIK)

    note.objects.update(other=F("number"))

    with pytest.raises(Unreadable):
        note.objects.get()


@pytest.mark.parametrize("lookup", ["number", "number__contains", "number__in"])
def test_an_encrypted_text_cannot_be_looked_up(note, lookup):
    with pytest.raises(FieldError, match="blind index"):
        list(note.objects.filter(**{lookup: [NIK]}))


def test_an_encrypted_text_is_not_dumped(note):
    with pytest.raises(FieldError, match="dump"):
        note._meta.get_field("number").value_to_string(note(number=NIK))


@given(st.text())
def test_any_text_is_decrypted_to_itself(text):
    assert decrypt(encrypt(text, place=PLACE), place=PLACE) == text


@given(st.integers(0, 300), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place, change):
    stored = bytearray(encrypt(NIK, place=PLACE))
    stored[place % len(stored)] ^= change

    with pytest.raises(Unreadable):
        decrypt(bytes(stored), place=PLACE)


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x01" + b"n" * 12, b"\xff" + b"n" * 40])
def test_what_was_never_encrypted_does_not_open(stored):
    with pytest.raises(Unreadable):
        decrypt(stored, place=PLACE)


def test_a_new_key_writes_and_the_old_one_still_reads(settings):
    old = encrypt(NIK, place=PLACE)

    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 7: b"n" * 32}
    new = encrypt(NIK, place=PLACE)

    assert (old[0], new[0]) == (1, 7)
    assert decrypt(old, place=PLACE) == decrypt(new, place=PLACE) == NIK


# Blind index


def test_a_blind_index_finds_the_same_value_for_the_same_purpose_only(settings):
    index = blind_index("person.id", NIK)

    assert len(index) == 32
    assert index == blind_index("person.id", NIK)
    assert index != blind_index("person.id", NIK[:-1] + "2")
    assert index != blind_index("person.family_card", NIK)
    settings.INDEX_KEY = b"j" * 32
    assert index != blind_index("person.id", NIK)
