"""Every address of the portal with something behind it: one worker's, one firm's, all tables."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from cilegon_portal.accounts import actions as accounts
from cilegon_portal.accounts.models import STAFF_ROLES, Role, User
from cilegon_portal.contributions.models import PaymentCode, Repricing
from cilegon_portal.rules.months import Month
from employers.actions import decisions, team
from employers.models import Employer
from participants.actions import cards, registration
from participants.models import Enrolment, RegistrationDraft
from tests import make
from tests.accounts.helpers import member, sign_in_staff, sign_in_worker, worker
from tests.employers.world import firm_world
from tests.roles import table

NOT_OURS = {"admin:None", "admin:view_on_site", "admin:autocomplete"}  # Django's: no page of ours


@dataclass(frozen=True)
class Belongings:
    """What one worker has: an enrolment with a paid month, a card, a payment, an open code."""

    user: User
    enrolment: Enrolment
    payment: Any
    code: PaymentCode
    token: str
    firm: Employer | None = None  # in which the people of firms have their seats

    @property
    def secrets(self) -> list[str]:
        """Return what nobody else may be shown."""
        account = self.enrolment.account
        return [
            self.enrolment.person.name,
            self.enrolment.number,
            self.code.reference,
            account.virtual_account,
            str(self.user.phone),
        ]


def belongings(*, phone: str, name: str, at: datetime) -> Belongings:
    owner = worker(phone)
    enrolment = make.enrolment(owner, name=name, at=at)
    month = Month.of(at.date())
    payment = make.bought(enrolment, month, at=at)
    code = make.code(enrolment.account, 2, first=month.plus(1), at=at)
    card = cards.card_of(enrolment=enrolment, at=at)
    return Belongings(owner, enrolment, payment, code, card.token)


def waiting_draft(owner: Belongings, at: datetime) -> RegistrationDraft:
    """Return a registration with the NIK of `owner` that somebody began on another phone."""
    person = owner.enrolment.person
    draft = registration.begin(at=at)
    registration.answer(
        draft=draft,
        at=at,
        nik=person.id_number,
        name=person.name,
        birth_date=person.birth_date,
        phone="+6281299998888",
    )
    registration.hand_to_office(draft=draft, at=at)
    return draft


def firms_of_the_desk(at: datetime) -> dict[str, dict[str, Any]]:
    """Return what stands in the addresses of the desk's pages of firms, by their names."""
    active, closed = make.firm(at=at), make.firm(at=at)
    decisions.close_firm(
        employer=closed,
        cause="DISSOLVED",
        last_month=Month.of(at.date()),
        evidence=[decisions.Proof("FIRM_LETTER", "1"), decisions.Proof("AGENCY_LETTER", "2")],
        reason="Bubar",
        by=make.user(),
        at=at,
    )
    here = {"reference": active.reference}
    names = ("firm", "change_terms", "close_firm", "upload_limit", "registration")
    return {f"dashboard:{name}": here for name in names} | {
        "dashboard:reopen_firm": {"reference": closed.reference},
        "dashboard:difference": {"pk": make.employment(active, is_different=True).pk},
    }


@dataclass(frozen=True)
class Page:
    """One URL pattern under its full name, and an address that it answers."""

    name: str
    address: str
    route: str


def patterns(
    resolver: URLResolver | None = None, route: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield (full name, route, pattern) of every page that the resolver knows."""
    for found in (resolver or get_resolver()).url_patterns:
        path = route + str(found.pattern)
        if isinstance(found, URLResolver):
            inner = f"{space}{found.namespace}:" if found.namespace else space
            yield from patterns(found, path, inner)
        else:
            yield table.RENAMED.get(path, f"{space}{found.name}"), path, found


def all_pages(
    owner: Belongings,
    draft: RegistrationDraft,
    repricing: Repricing,
    of_firms: dict[str, dict[str, Any]],
) -> list[Page]:
    """Return every page, filled in with the things of `owner` and with firms."""
    given = {
        "reference": owner.code.reference,
        "number": owner.enrolment.number,
        "token": owner.token,
        "uidb36": "1",
        "key": "set-password",
        "app_label": "reference",
    }
    keys = {
        "dashboard:match": draft.pk,
        "dashboard:approve_repricing": repricing.pk,
        "dashboard:reverse_payment": owner.payment.pk,
        "participants:receipt": owner.payment.pk,
    }
    found = []
    for name, route, pattern in patterns():
        if name in NOT_OURS:
            continue
        values = given | {"pk": keys.get(name, owner.enrolment.person_id)}
        values |= of_firms.get(name, {})
        if name.startswith("admin:"):
            values["object_id"] = first_key(name)
        found.append(Page(name, address_of(route, pattern, values), route))
    return found


def address_of(route: str, pattern: URLPattern, values: dict[str, Any]) -> str:
    """Put values in a route; the admin and allauth write theirs as regular expressions."""
    if "(?P<" in route:
        if "uidb36" in route:
            return f"/akun/kata-sandi/baru/{values['uidb36']}-{values['key']}/"
        return f"/admin/{values['app_label']}/"
    address = route
    for name, value in values.items():
        for kind in ("int", "str", "path", "slug", "month"):
            address = address.replace(f"<{kind}:{name}>", str(value))
    for name, converter in getattr(pattern.pattern, "converters", {}).items():
        address = address.replace(f"<{name}>", converter.to_url(values[name]))
    return f"/{address}"


def first_key(name: str) -> str:
    label, model = [*name.removeprefix("admin:").split("_"), ""][:2]
    if not model or label not in {config.label for config in apps.get_app_configs()}:
        return "1"
    row = apps.get_model(label, model).objects.order_by("pk").first()
    return str(row.pk) if row else "1"


def client_of(role: Role, owner: Belongings) -> Client:
    """Return a browser in which somebody of this role has signed in, staff with its TOTP."""
    client = Client(raise_request_exception=False)
    if role == Role.WORKER:
        sign_in_worker(client, owner.user)
    elif role != Role.ANONYMOUS:
        user = member(role, email=f"{role.lower()}@contoh.test")
        if role in STAFF_ROLES:
            RecoveryCodes.activate(user)
        if role in team.SEAT_ROLES and owner.firm:
            team.take_seat(employer=owner.firm, user=user, role=role, at=user.joined_at)
        sign_in_staff(client, user, second_factor=role in STAFF_ROLES)
    return client


def somebody_of_the_staff(at: datetime) -> None:
    """Let there be a row in each table of the packages that Django's admin knows."""
    user = member(Role.HEAD_OF_BRANCH, email="lain@contoh.test")
    TOTP.activate(user, generate_totp_secret())
    UserSession.objects.create(user=user, session_key="x" * 32, ip="127.0.0.1", last_seen_at=at)


def everything(at: datetime) -> tuple[Belongings, list[Page]]:
    """Return a worker and a firm with all that they can have, and every page, filled in with it."""
    accounts.mark_as_demo(at=at)
    somebody_of_the_staff(at)
    owner = belongings(phone="+6281211110001", name="Wulandari Kusuma", at=at)
    asked = Repricing.objects.create(
        month=Month.of(at.date()), bills=1, surplus=0, asked_by=make.user(), asked_at=at
    )
    world = firm_world(at)
    owner = replace(owner, firm=world.firm)
    of_firms = firms_of_the_desk(at) | {
        name: world.values(name.removeprefix("employers:"))
        for name, _, _ in patterns()
        if name.startswith("employers:")
    }
    return owner, all_pages(owner, waiting_draft(owner, at), asked, of_firms)
