"""What to pay, and the last look before it is sent (J1 steps 8 and 9)."""

from datetime import date, datetime
from typing import Any, Literal, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import PaymentCode, Rate
from cilegon_portal.reference.models import Kelurahan, Setting
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.phones import local_phone
from cilegon_portal.templatetags.portal import date_id, masked_nik, month_name, rupiah
from participants import forms, prices
from participants.actions import registration as actions
from participants.answers import LOWEST_INCOME, MONTH_CHOICES, Answers
from participants.models import Occupation, RegistrationDraft
from participants.prices import Offer
from participants.rules import first_month
from participants.views.registration import welcome
from participants.views.steps import address_of, address_of_step, ask, posted, step


def first_month_of(on: date) -> Month:
    rule = Setting.objects.value("BPU_FIRST_MONTH", on=on)
    return first_month(on, cast(Literal["SAME", "NEXT"], rule))


@step("months")
def months(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Ask how many months, each choice with its total month by month."""
    given = draft.given
    sector = Occupation.objects.get(pk=given.occupation).sector
    first = first_month_of(timezone.localdate())
    rates = Rate.objects.of_segment("BPU").billed().as_rules()

    def offer(number: int, *, with_jht: bool) -> Offer:
        return prices.offer(
            first, number, rates=rates, sector=sector, income=given.income, with_jht=with_jht
        )

    offers = [(offer(n, with_jht=False), offer(n, with_jht=True)) for n in MONTH_CHOICES]
    initial = {"months": given.months or None, "with_jht": given.with_jht}
    form = forms.MonthsForm(posted(request), offers=offers, initial=initial)
    if not form.is_valid():
        more: dict[str, Any] = {
            "longest": offers[-1][0],
            "with_jht": [(n, both[1].total) for n, both in zip(MONTH_CHOICES, offers, strict=True)],
            "lines": lines_of(offers[-1][0]),
            "income": given.income,
            "is_lowest": given.income == LOWEST_INCOME,
        }
        return ask(request, draft, "months", form, **more)
    draft = actions.answer(draft=draft, at=timezone.now(), **form.cleaned_data)
    return redirect(address_of(draft))


@step("months")
def band(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Offer the higher income bands, and say what they buy."""
    given = draft.given
    sector = Occupation.objects.get(pk=given.occupation).sector
    first = first_month_of(timezone.localdate())
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    priced = [
        (row, prices.price(first, rates=rates, sector=sector, income=row.basis).total)
        for row in prices.bands(first, rates=rates)
    ]
    form = forms.BandForm(posted(request), bands=priced, initial={"income": given.income})
    if not form.is_valid():
        more: dict[str, Any] = {"bands": priced, "back_url": address_of_step("months")}
        return ask(request, draft, "months", form, template="band", **more)
    actions.answer(draft=draft, at=timezone.now(), **form.cleaned_data)
    return redirect("participants:register_months")


@step("check")
def check(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Show every answer once more; the button registers, once however often it is pressed."""
    at = timezone.now()
    given = draft.given
    form = forms.CheckForm(posted(request))
    if form.is_valid():
        return send(request, draft, at=at, wants_reminders=form.cleaned_data["wants_reminders"])
    worker = Occupation.objects.get(pk=given.occupation)
    offer = prices.offer(
        first_month_of(timezone.localdate(at)),
        given.months,
        rates=Rate.objects.of_segment("BPU").billed().as_rules(),
        sector=worker.sector,
        income=given.income,
        with_jht=given.with_jht,
    )
    more: dict[str, Any] = {
        "rows": rows_of(given, worker, offer),
        "lines": lines_of(offer),
        "total": offer.total,
        "shown": actions.mark_of(offer.first, offer.total),
    }
    return ask(request, draft, "check", form, **more)


def send(
    request: HttpRequest, draft: RegistrationDraft, *, at: datetime, wants_reminders: bool
) -> HttpResponse:
    """Register and lead to the payment code, or to the page that says what stands in the way.

    The draft is its own one-use form: whoever presses again, in any tab, gets the same code.
    """
    try:
        code = actions.register(
            draft=draft,
            by=actor(request),
            at=at,
            wants_reminders=wants_reminders,
            shown=request.POST.get("shown", ""),
        )
        return redirect(address_after(draft, code))
    except actions.NeedsOffice:
        actions.hand_to_office(draft=draft, at=at)
        return redirect("participants:register_office")
    except actions.AlreadyMember as known:
        actions.close(draft=draft, at=at)
        return welcome(request, draft, known.person)
    except actions.OfferChanged:  # midnight of a month's last day, or a new rate
        messages.warning(request, "Bulan atau iurannya baru saja berubah. Periksa lagi di bawah.")
        return redirect("participants:register_check")
    except actions.Unfinished:  # another tab changed an answer or sent it to the office meanwhile
        draft.refresh_from_db()
        return redirect(address_of(draft))
    except actions.NotAdmitted:
        actions.answer(draft=draft, at=at, is_admitted=False)
        return redirect("participants:register_age")


def actor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def address_after(draft: RegistrationDraft, code: PaymentCode) -> str:
    """Return where it goes on: to the payment code, or at the desk to the person's page."""
    if draft.assisted_by_id:
        return reverse("dashboard:person", args=[code.account.enrolment.person_id])
    return reverse("participants:pay", args=[code.reference])


def rows_of(given: Answers, worker: Occupation, offer: Offer) -> list[tuple[str, str, str]]:
    """Return (question, answer, page on which it is changed) of each answer."""
    where = "Di luar Cilegon"
    if given.kelurahan:
        ward = Kelurahan.objects.select_related("kecamatan").get(pk=given.kelurahan)
        where = f"{ward.name}, Kecamatan {ward.kecamatan.name}"
    span = month_name(offer.first)
    if given.months > 1:
        span = f"{given.months} bulan, {span} sampai {month_name(offer.last)}"
    rows = [
        ("Pekerjaan", given.occupation_note or worker.name, "occupation"),
        ("NIK", masked_nik(given.nik), "nik"),
        ("Nama", given.name, "name"),
        ("Tanggal lahir", date_id(given.birth_date), "name"),
        ("Nomor HP", local_phone(given.phone), "phone"),
        ("Tempat kerja", where, "place"),
        ("Bulan yang dibayar", span, "months"),
        ("Tabungan hari tua (JHT)", "Ya" if given.with_jht else "Tidak", "months"),
        ("Dasar iuran", f"{rupiah(given.income)} sebulan", "band"),
    ]
    return [(label, value, address_of_step(name)) for label, value, name in rows]


def lines_of(offer: Offer) -> list[tuple[str, int]]:
    return [(month_name(month), price.total) for month, price in offer.lines]
