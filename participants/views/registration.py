"""The questions of a registration, one page each (J1 steps 2-9)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import client_ip, form_owner, sign_in, too_many
from cilegon_portal.accounts.actions import (
    CodeExpired,
    TooMany,
    WrongCode,
    check_code,
    make_counter_code,
    once,
    send_code,
)
from cilegon_portal.accounts.models import PhoneCode, User
from cilegon_portal.people.models import Person
from cilegon_portal.reference.models import Kelurahan, Setting
from cilegon_portal.rules.nik import read_nik
from cilegon_portal.rules.phones import local_phone
from cilegon_portal.templatetags.portal import time_id
from participants import forms
from participants.actions import registration as actions
from participants.actions.registration import Proof, Standing
from participants.models import Occupation, RegistrationDraft
from participants.rules import Admission
from participants.views.steps import (
    address_of,
    address_of_step,
    ask,
    count_nik,
    held_draft,
    hold,
    new_ticket,
    posted,
    public,
    step,
)

LONG_WAIT = 120  # seconds: above this the time of day says more
REGISTER = PhoneCode.Purpose.REGISTER


@step("occupation")
def occupation(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    offered = list(Occupation.objects.offered())
    given = draft.given
    chosen = next((row for row in offered if row.pk == given.occupation), None)
    initial = forms.filled_with(chosen, given.occupation_note)
    form = forms.OccupationForm(posted(request), occupations=offered, initial=initial)
    if not form.is_valid():
        return ask(request, draft, "occupation", form)
    chosen = form.cleaned_data["occupation"]
    if chosen.is_priced_by_office:
        return redirect("participants:register_wage_like")
    note = form.cleaned_data["note"]
    draft = actions.answer(
        draft=draft, at=timezone.now(), occupation=chosen.pk, occupation_note=note
    )
    return redirect(address_of(draft))


@step("nik")
def nik(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Ask for the NIK; whether it is on record is looked up only after the phone code."""
    at = timezone.now()
    given = draft.given
    form = forms.NikForm(
        posted(request), on=timezone.localdate(at), initial={"nik": given.nik or None}
    )
    if not form.is_valid():
        return ask(request, draft, "nik", form)
    try:
        count_nik(request, at)
    except TooMany as limit:
        return too_many(request, limit.until, at)
    read = form.cleaned_data["nik"]
    fits = given.is_admitted and given.birth_date == read.birth_date
    draft = actions.answer(draft=draft, at=at, nik=read.number, is_admitted=fits)
    return redirect(address_of(draft))


@step("name")
def name(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Ask for name and birth date; a doubt is shown once and may be confirmed."""
    at = timezone.now()
    given = draft.given
    initial = {"name": given.name, "birth_date": given.birth_date}
    form = forms.NameForm(posted(request), on=timezone.localdate(at), initial=initial)
    if not form.is_valid():
        return ask(request, draft, "name", form)
    birth_date = form.cleaned_data["birth_date"]
    admission = actions.admission(birth_date, settings_of_today(), at=at)
    is_refused = admission in {Admission.TOO_YOUNG, Admission.TOO_OLD}
    differs = birth_date != read_nik(given.nik, on=timezone.localdate(at)).birth_date
    is_young = admission is Admission.WARN
    sure = f"{birth_date}{'-nik' * differs}{'-young' * is_young}"
    if not is_refused and (differs or is_young) and request.POST.get("sure") != sure:
        return ask(request, draft, "name", form, differs=differs, is_young=is_young, sure=sure)
    draft = actions.answer(draft=draft, at=at, is_admitted=not is_refused, **form.cleaned_data)
    return redirect("participants:register_age" if is_refused else address_of(draft))


def settings_of_today() -> dict[str, str]:
    return Setting.objects.values_on(timezone.localdate())


@step("phone")
def phone(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Ask for the phone; the code goes to the number typed, whoever the NIK belongs to."""
    given = draft.given
    initial = {
        "phone": local_phone(given.phone) if given.phone else "",
        "channel": given.channel or PhoneCode.Channel.SMS,
    }
    form = forms.PhoneForm(posted(request), initial=initial)
    if not form.is_valid():
        return ask(request, draft, "phone", form)
    try:
        return redirect(send_first_code(request, draft, **form.cleaned_data))
    except TooMany as limit:  # an older code, or one of the counter, can still be typed
        messages.warning(request, wait_text(limit))
        draft = actions.answer(draft=draft, at=timezone.now(), **form.cleaned_data)
        return redirect(address_of(draft))


def send_first_code(
    request: HttpRequest, draft: RegistrationDraft, *, phone: str, channel: str
) -> str:
    """Keep the phone and send it a code, once for one form; return the next page's address."""
    at = timezone.now()

    def do() -> str:
        kept = actions.answer(draft=draft, at=at, phone=phone, channel=channel)
        if not kept.phone_is_proven:
            send(request, kept, channel)
        return address_of(kept)

    return once(request.POST.get("form_id", ""), form_owner(request), at, do)


def send(request: HttpRequest, draft: RegistrationDraft, channel: str) -> None:
    send_code(
        phone=draft.given.phone,
        purpose=REGISTER,
        channel=channel,
        at=timezone.now(),
        draft=draft.reference,
        ip=client_ip(request),
    )


def wait_text(limit: TooMany) -> str:
    seconds = limit.seconds(timezone.now())
    if seconds <= LONG_WAIT:
        return f"Tunggu {seconds} detik sebelum meminta kode lagi"
    return f"Terlalu banyak percobaan. Coba lagi pukul {time_id(limit.until)} atau datang ke kantor"


@step("code")
def code(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Ask for the six digits; only the right ones open what the register knows."""
    if draft.phone_is_proven and "code" not in request.POST:
        return redirect(address_of(draft))
    form = forms.CodeForm(posted(request))
    if not form.is_valid():
        return ask_code(request, draft, form)
    at = timezone.now()
    try:
        check_code(
            phone=draft.given.phone,
            purpose=REGISTER,
            code=form.cleaned_data["code"],
            at=at,
            browser=form_owner(request),
        )
    except (WrongCode, CodeExpired) as refusal:
        form.add_error("code", refusal_text(refusal))
        return ask_code(request, draft, form)
    return let_in(request, draft, actions.prove_phone(draft=draft, at=at))


def ask_code(
    request: HttpRequest, draft: RegistrationDraft, form: forms.CodeForm, counter_code: str = ""
) -> HttpResponse:
    more = {
        "phone": local_phone(draft.given.phone),
        "ticket": new_ticket(draft),
        "counter_code": counter_code,
    }
    return ask(request, draft, "code", form, **more)


def refusal_text(refusal: WrongCode | CodeExpired) -> str:
    if isinstance(refusal, CodeExpired):
        return "Kode sudah lewat 10 menit. Minta kode baru"
    return f"Kode tidak sama dengan yang kami kirim. Sisa {refusal.tries_left} percobaan"


def let_in(request: HttpRequest, draft: RegistrationDraft, proof: Proof) -> HttpResponse:
    """Go on after the right code; the worker is signed in, except in the browser of the desk."""
    draft.refresh_from_db()
    if proof.standing is Standing.KNOWN and proof.person is not None:
        return welcome(request, draft, proof.person)
    if proof.user is None or draft.assisted_by_id:
        return redirect(address_of(draft))
    answer = sign_in(request, proof.user, address_of(draft))
    hold(request, draft)
    return answer


def welcome(request: HttpRequest, draft: RegistrationDraft, person: Person) -> HttpResponse:
    """Lead somebody who is registered already to the own pages, the desk to the person's page."""
    if draft.assisted_by_id:
        return redirect("dashboard:person", pk=person.pk)
    assert person.user is not None  # noqa: S101 (known means: with this phone)
    messages.info(request, "Anda sudah terdaftar. Ini halaman Anda.")
    return sign_in(request, person.user, reverse("participants:home"))


@step("code")
def send_again(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Send one more code by SMS or WhatsApp; the one before stays good."""
    form = forms.ResendForm(posted(request))
    if form.is_valid() and not draft.phone_is_proven:
        try:
            send(request, draft, form.cleaned_data["channel"])
        except TooMany as limit:
            messages.warning(request, wait_text(limit))
        else:
            messages.success(request, "Kode baru sudah kami kirim. Kode yang lama juga masih bisa.")
    return redirect(address_of_step("code"))


@step("code")
def counter_code(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Show the officer who helps a fresh code, once, on the answer to the button."""
    if "code" in request.POST:
        return code(request)
    if request.method != "POST" or not isinstance(request.user, User) or not draft.assisted_by_id:
        return redirect(address_of_step("code"))
    digits = make_counter_code(
        phone=draft.given.phone,
        purpose=REGISTER,
        by=request.user,
        at=timezone.now(),
        draft=draft.reference,
    )
    return ask_code(request, draft, forms.CodeForm(), counter_code=digits)


@step("place")
def place(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    form = forms.PlaceForm(
        posted(request),
        kelurahan=Kelurahan.objects.select_related("kecamatan").order_by("kecamatan__name", "name"),
        initial={"place": draft.given.place},
    )
    if not form.is_valid():
        return ask(request, draft, "place", form)
    draft = actions.answer(draft=draft, at=timezone.now(), **form.cleaned_data)
    return redirect(address_of(draft))


@public
def later(request: HttpRequest) -> HttpResponse:
    """Say until when the answers are kept, and how to come back to them."""
    draft = held_draft(request, timezone.now())
    if draft is None or draft.finished_at:
        return redirect("participants:register")
    context = {"draft": draft, "next_url": address_of(draft)}
    return render(request, "participants/register_later.html", context)


@public
def office(request: HttpRequest) -> HttpResponse:
    """One page for everything that does not agree with the register."""
    draft = held_draft(request, timezone.now())
    if draft is None or not draft.needs_office:
        return redirect(address_of(draft) if draft else "participants:register")
    return render(request, "participants/register_office.html", {"draft": draft})


@step("name")
def age(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Say for which age the registration is (M4: a limit is a page)."""
    if not draft.given.birth_date or draft.given.is_admitted:
        return redirect(address_of(draft))
    rules = settings_of_today()
    context = {"youngest": rules["BPU_MIN_AGE"], "oldest": int(rules["BPU_MAX_AGE"]) - 1}
    return render(request, "participants/register_age.html", context)


@step("occupation")
def wage_like(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """Say that the office prices this work: like wages, not by band (PP 44/2015)."""
    return render(request, "participants/register_wage_like.html")


@public
def sent(request: HttpRequest) -> HttpResponse:
    """Answer whoever comes back to a registration that was sent already."""
    draft = held_draft(request, timezone.now())
    if draft is None or not draft.finished_at:
        return redirect(address_of(draft) if draft else "participants:register")
    if draft.enrolment is None:
        return redirect("participants:home")
    context = {"code": actions.newest_code(draft.enrolment), "enrolment": draft.enrolment}
    return render(request, "participants/register_sent.html", context)
