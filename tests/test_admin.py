"""Django's admin: who comes in, what each page answers, and what it refuses in words."""

from datetime import date, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import NoReverseMatch, reverse

from cilegon_portal.accounts.models import STAFF_ROLES, Role
from cilegon_portal.admin import LEDGER, REFERENCE
from cilegon_portal.contributions.models import Account, CodeLine, PaymentCode, Rate
from cilegon_portal.fields import blind_index
from cilegon_portal.people.models import Person
from cilegon_portal.reference.models import (
    Holiday,
    Kecamatan,
    Kelurahan,
    MinimumWage,
    Setting,
)
from cilegon_portal.rules.months import Month
from employers.models import LineOfBusiness
from participants.models import Occupation
from tests.accounts.helpers import member, sign_in_staff, sign_in_worker, worker

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

NOVEMBER = Month(2026, 11)
OURS = {model._meta.label_lower: model for model in admin.site._registry}


def signed_in(client: Client, role: Role) -> Client:
    sign_in_staff(client, member(role))
    return client


@pytest.fixture
def keeper(client: Client) -> Client:
    """Return a browser in which an admin has signed in."""
    return signed_in(client, Role.ADMIN)


@pytest.fixture
def used_rate(at: datetime) -> Rate:
    """Return the rate of JKM, used by a code for November 2026."""
    rate = Rate.objects.get(programme="JKM", segment="BPU", role="BASE")
    account = Account.objects.create(
        kind=Account.Kind.BPU, virtual_account="880012345678", name="Sari", opened_at=at
    )
    code = PaymentCode.objects.create(
        reference="CLG-0000-0000", account=account, amount=8_400, made_at=at, expires_at=at
    )
    CodeLine.objects.create(
        code=code, position=1, account=account, month=NOVEMBER, jkk=5_000, jkm=3_400,
        due_on=NOVEMBER.last_day, sector="OTHER", funding="SELF", income=1_000_000, rates=[rate.pk],
    )  # fmt: skip
    return rate


def posted(row: models.Model, **changed: Any) -> dict[str, Any]:
    """Return a row as its admin form would send it, with some fields changed."""
    values = {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    kept = {name: v for name, v in (values | changed).items() if v is not None and v is not False}
    return {name: "on" if value is True else value for name, value in kept.items()}


def first_row(label: str) -> models.Model:
    found: models.Model = OURS[label]._default_manager.order_by("pk")[0]
    return found


def test_a_stranger_is_sent_to_the_sign_in_of_the_staff(client):
    answer = client.get("/admin/reference/setting/")

    assert answer.status_code == 302
    assert answer.url == "/petugas/masuk/?next=/admin/reference/setting/"


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_only_the_admin_and_the_auditor_come_in(client, role):
    signed_in(client, role)

    status = client.get("/admin/").status_code

    assert status == (200 if role in {Role.ADMIN, Role.AUDITOR} else 403)


def test_a_worker_is_refused(client):
    sign_in_worker(client, worker())

    assert client.get("/admin/").status_code == 403


def test_the_password_alone_is_not_enough(client):
    sign_in_staff(client, member(Role.ADMIN), second_factor=False)

    answer = client.get("/admin/")

    assert answer.status_code == 302
    assert answer.url.startswith("/akun/")


def test_somebody_switched_off_may_do_nothing(client):
    user = member(Role.ADMIN)
    user.is_active = False

    assert not user.has_perm("reference.change_setting")
    assert not user.has_module_perms("reference")


@pytest.mark.parametrize("name", ["login", "logout", "password_change", "password_change_done"])
def test_signing_in_and_out_happens_on_our_own_pages_only(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}")


def test_the_index_shows_the_reference_data_and_the_ledger_and_nothing_else(keeper):
    shown = {
        model["model"]._meta.label_lower
        for app in keeper.get("/admin/").context["app_list"]
        for model in app["models"]
    }

    assert shown == REFERENCE | LEDGER


@pytest.mark.parametrize("label", sorted(REFERENCE | LEDGER))
@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_each_list_answers_with_a_search_and_without(client, role, label):
    signed_in(client, role)
    address = reverse(f"admin:{label.replace('.', '_')}_changelist")

    assert client.get(address).status_code == 200
    assert client.get(address, {"q": "JKK"}).status_code in {200, 302}
    assert client.get(address, {"p": "nonsense", "o": "x"}).status_code in {200, 302}


@pytest.mark.parametrize("label", sorted(REFERENCE | LEDGER))
def test_rows_are_added_to_reference_data_only(keeper, label):
    status = keeper.get(reverse(f"admin:{label.replace('.', '_')}_add")).status_code

    assert status == (200 if label in REFERENCE else 403)


@pytest.mark.parametrize("label", sorted(REFERENCE))
def test_the_auditor_reads_a_row_and_changes_none(client, label):
    signed_in(client, Role.AUDITOR)
    name = label.replace(".", "_")
    row = first_row(label)
    address = reverse(f"admin:{name}_change", args=[row.pk])

    assert client.get(address).status_code == 200
    assert b'name="_save"' not in client.get(address).content
    assert client.post(address, posted(row)).status_code == 403
    assert client.get(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("label", sorted(REFERENCE))
def test_the_admin_opens_and_saves_each_row(keeper, label):
    row = first_row(label)
    address = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])

    assert keeper.get(address).status_code == 200
    answer = keeper.post(address, posted(row))

    assert answer.status_code == 302, answer.context["adminform"].form.errors


@pytest.mark.parametrize("label", ["contributions.account", "contributions.paymentcode"])
def test_a_row_of_the_ledger_is_read_and_not_changed(keeper, used_rate, label):
    name = label.replace(".", "_")
    row = OURS[label]._default_manager.get()
    address = reverse(f"admin:{name}_change", args=[row.pk])

    page = keeper.get(address)

    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert keeper.post(address, posted(row)).status_code == 403
    assert keeper.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403


def test_the_ledger_names_nobody(keeper, used_rate):
    row = Account.objects.get()

    listed = keeper.get(reverse("admin:contributions_account_changelist")).content
    shown = keeper.get(reverse("admin:contributions_account_change", args=[row.pk])).content

    assert b"880012345678" in listed
    assert b"Sari" not in listed + shown
    assert Person not in admin.site._registry
    assert blind_index("person.id", "3672990101900001") not in listed + shown


def test_a_list_takes_as_many_queries_for_a_hundred_rows_as_for_ten(
    keeper, django_assert_max_num_queries
):
    with django_assert_max_num_queries(15):
        keeper.get(reverse("admin:contributions_rate_changelist"))


def test_an_overlap_is_told_so_that_a_clerk_understands(keeper):
    row = Setting.objects.get(key="BPU_CODE_DAYS")

    page = keeper.post(reverse("admin:reference_setting_add"), posted(row, valid_from="2026-12-01"))

    assert page.status_code == 200
    assert "Tanggal berlaku bertumpuk dengan baris lain" in page.content.decode()


def test_the_next_rate_is_a_row_once_the_old_one_is_ended(keeper):
    row = Rate.objects.get(programme="JKM", segment="BPU", role="BASE")
    address = reverse("admin:contributions_rate_change", args=[row.pk])

    keeper.post(address, posted(row, valid_until="2027-01-01"))
    answer = keeper.post(
        reverse("admin:contributions_rate_add"),
        posted(row, valid_from="2027-01-01", value=7_000, legal_basis="PP 1/2027"),
    )

    assert answer.status_code == 302
    assert (
        Rate.objects.in_force_on(date(2027, 1, 1))
        .get(programme="JKM", segment="BPU", role="BASE")
        .value
        == 7_000
    )


@pytest.mark.parametrize("label", sorted(REFERENCE))
def test_a_row_without_its_legal_source_is_refused(keeper, label):
    row = first_row(label)
    address = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])

    page = keeper.post(address, posted(row, legal_basis=""))

    assert page.status_code == 200
    assert "legal_basis" in page.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"value": "tujuh"}, "value"), ({"key": "BPU_CODE_DAY"}, "key")],
)
def test_a_setting_that_nobody_could_read_is_refused(keeper, changed, field):
    row = Setting.objects.get(key="BPU_CODE_DAYS")

    page = keeper.post(
        reverse("admin:reference_setting_change", args=[row.pk]), posted(row, **changed)
    )

    assert field in page.context["adminform"].form.errors


def test_an_end_before_the_beginning_is_refused(keeper):
    row = MinimumWage.objects.get(valid_from=date(2026, 1, 1))

    page = keeper.post(
        reverse("admin:reference_minimumwage_change", args=[row.pk]),
        posted(row, valid_until="2025-12-31"),
    )

    assert "Tanggal berakhir harus sesudah tanggal mulai." in page.content.decode()


def test_a_day_stands_once_among_the_holidays(keeper):
    row = Holiday.objects.get(day=date(2026, 12, 25))

    page = keeper.post(reverse("admin:reference_holiday_add"), posted(row))

    assert "Tanggal ini sudah ada di daftar hari libur." in page.content.decode()


def test_a_used_rate_shows_what_can_still_be_changed(keeper, used_rate):
    page = keeper.get(reverse("admin:contributions_rate_change", args=[used_rate.pk]))

    assert "Tarif ini sudah dipakai" in page.content.decode()
    assert set(page.context["adminform"].form.fields) == {
        "valid_until",
        "checked_until",
        "legal_basis",
        "is_uncertain",
    }


def test_the_value_of_a_used_rate_does_not_change(keeper, used_rate):
    address = reverse("admin:contributions_rate_change", args=[used_rate.pk])

    keeper.post(address, posted(used_rate, value=1))

    assert Rate.objects.get(pk=used_rate.pk).value == 6_800


def test_a_used_rate_may_end_after_the_month_it_priced_and_not_before(keeper, used_rate):
    address = reverse("admin:contributions_rate_change", args=[used_rate.pk])

    early = keeper.post(address, posted(used_rate, valid_until="2026-11-01"))
    later = keeper.post(address, posted(used_rate, valid_until="2026-12-01"))

    assert "Tarif ini dipakai sampai November 2026." in early.content.decode()
    assert later.status_code == 302


def test_a_used_rate_is_not_deleted(keeper, used_rate):
    address = reverse("admin:contributions_rate_delete", args=[used_rate.pk])

    assert keeper.get(address).status_code == 403
    assert keeper.post(address, {"post": "yes"}).status_code == 403


def test_a_used_rate_is_not_deleted_among_others(keeper, used_rate):
    answer = keeper.post(
        reverse("admin:contributions_rate_changelist"),
        {"action": "delete_selected", "_selected_action": [used_rate.pk], "post": "yes"},
    )

    assert answer.status_code in {200, 403}
    assert Rate.objects.filter(pk=used_rate.pk).exists()


def test_a_rate_used_in_the_very_moment_is_refused_with_a_sentence(keeper, used_rate, monkeypatch):
    monkeypatch.setattr(Rate, "last_used_month", lambda self: None)  # not used yet, it looked like
    address = reverse("admin:contributions_rate_change", args=[used_rate.pk])

    changed = keeper.post(address, posted(used_rate, value=1), follow=True)
    deleted = keeper.post(
        reverse("admin:contributions_rate_delete", args=[used_rate.pk]),
        {"post": "yes"},
        follow=True,
    )

    assert "Tarif ini sudah dipakai untuk menghitung iuran" in changed.content.decode()
    assert "Tarif ini sudah dipakai untuk menghitung iuran" in deleted.content.decode()
    assert Rate.objects.get(pk=used_rate.pk).value == 6_800


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("reference_setting", Setting),
        ("reference_kecamatan", Kecamatan),
        ("reference_kelurahan", Kelurahan),
        ("participants_occupation", Occupation),
        ("employers_lineofbusiness", LineOfBusiness),
    ],
)
def test_what_others_remember_by_its_key_is_not_deleted(keeper, name, model):
    row = model.objects.order_by("pk")[0]

    assert keeper.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()
