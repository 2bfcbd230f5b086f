"""The tasks of a registration, one question a page, and what became of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import form_owner
from cilegon_portal.accounts.actions import once
from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import SizeProgramme
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.phones import local_phone
from cilegon_portal.templatetags.portal import grouped, month_name, rupiah
from employers.actions import decisions, drafts, registration
from employers.actions.first_workers import FirstWorkers, first_workers
from employers.actions.months import due_dates
from employers.forms import registration as forms
from employers.models import Contact, Decision, Employer, WageReport
from employers.views.guard import READ, FirmRequest, Page, firm_page
from employers.views.steps import STEPS

STATES = {  # colour of the chip
    Employer.State.DRAFT: "",
    Employer.State.SENT: "calm",
    Employer.State.RETURNED: "warn",
    Employer.State.REJECTED: "bad",
    Employer.State.ACTIVE: "good",
    Employer.State.CLOSED: "bad",
}
KINDS = {
    registration.Progress.DONE: "good",
    registration.Progress.STARTED: "calm",
    registration.Progress.NEW: "",
    registration.Progress.NOT_YET: "",
}


@firm_page(methods=READ)
def tasks(request: FirmRequest, firm: Employer) -> HttpResponse:
    """Show the five tasks and how far each is."""
    if not firm.is_being_filled:
        return redirect("employers:status", firm.reference)
    found = [
        (task, KINDS[task.progress], address_of(firm, task)) for task in registration.tasks_of(firm)
    ]
    context = {
        "firm": firm,
        "tasks": found,
        "done": sum(task.is_done for task, _, _ in found),
        "next_page": address_of(firm, registration.next_task(firm)),
        "returned": last_reason(firm),
        "kept_until": registration.kept_until(firm),
    }
    return render(request, "employers/tasks.html", context)


def address_of(firm: Employer, task: registration.Task) -> str:
    """Return the page on which a task goes on; the workers are listed on those of their month."""
    of_month = [firm.first_month] if task.page == "month" else []
    return reverse(f"employers:{task.page}", args=[firm.reference, *of_month])


def last_reason(firm: Employer) -> str:
    """Return why the office gave the registration back, while it is not sent again."""
    if firm.state != Employer.State.RETURNED:
        return ""
    return firm.decisions.latest("pk").reason


def step(name: str) -> Callable[[Page], Page]:
    """Return the decorator of one question: open until the registration is sent."""

    def decorate(view: Page) -> Page:
        @firm_page()
        @wraps(view)
        def guarded(request: FirmRequest, firm: Employer) -> HttpResponseBase:
            is_again = name == "check" and request.method == "POST"  # pressed a second time
            if not (firm.is_being_filled or is_again):
                return redirect("employers:status", firm.reference)
            return view(request, firm)

        return guarded

    return decorate


def posted(request: FirmRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def ask(
    request: FirmRequest, firm: Employer, name: str, form: BaseForm, **more: Any
) -> HttpResponse:
    """Show the page of step `name`: its number, the way back, the way to go on later."""
    before = STEPS.index(name) - 1
    back = f"employers:{STEPS[before]}" if before >= 0 else "employers:tasks"
    context = {
        "firm": firm,
        "form": form,
        "step": STEPS.index(name) + 1,
        "steps": len(STEPS),
        "back_url": reverse(back, args=[firm.reference]),
        "later_url": reverse("employers:tasks", args=[firm.reference]),
    }
    return render(request, f"employers/register_{name}.html", context | more)


def keep(firm: Employer, name: str, changes: dict[str, Any]) -> HttpResponse:
    """Keep the answers of step `name` and go on: to the next page, or to what is missing."""
    try:
        firm = registration.answer(employer=firm, **changes)
    except registration.NotOpen:
        return redirect("employers:status", firm.reference)
    return go_on(firm, name)


def go_on(firm: Employer, name: str) -> HttpResponse:
    """Go from step `name` to the next one, or to the check when nothing is missing."""
    if not registration.open_tasks(firm):
        return redirect("employers:check", firm.reference)
    if name == "workers":
        return redirect(address_of(firm, registration.next_task(firm)))
    return redirect(f"employers:{STEPS[STEPS.index(name) + 1]}", firm.reference)


@step("facts")
def facts(request: FirmRequest, firm: Employer) -> HttpResponse:
    names = ("name", "nib", "npwp", "npp")
    form = forms.FactsForm(posted(request), initial={name: getattr(firm, name) for name in names})
    if not form.is_valid():
        return ask(request, firm, "facts", form)
    return keep(firm, "facts", form.cleaned_data)


@step("address")
def address(request: FirmRequest, firm: Employer) -> HttpResponse:
    kelurahan = Kelurahan.objects.select_related("kecamatan").order_by("kecamatan__name", "name")
    place = forms.OUTSIDE if firm.is_outside else str(firm.kelurahan_id or "")
    initial = {"address": firm.address, "place": place}
    form = forms.AddressForm(posted(request), kelurahan=kelurahan, initial=initial)
    if not form.is_valid():
        return ask(request, firm, "address", form)
    return keep(firm, "address", form.answers)


@firm_page()
def contact(request: FirmRequest, firm: Employer) -> HttpResponse:
    """Ask whom the office calls; this one may be changed whenever it changes."""
    found = firm.contacts.filter(kind=Contact.Kind.HR).first()
    initial = {}
    if found:
        phone = local_phone(found.phone)
        initial = {"name": found.name, "phone": phone, "email": found.email}
    form = forms.ContactForm(posted(request), initial=initial)
    if not form.is_valid():
        return ask(request, firm, "contact", form, is_step=firm.is_being_filled)
    registration.save_contact(employer=firm, kind=Contact.Kind.HR, **form.cleaned_data)
    if firm.is_being_filled:
        return go_on(firm, "contact")
    return redirect("employers:home", firm.reference)


@step("programmes")
def programmes(request: FirmRequest, firm: Employer) -> HttpResponse:
    initial = {
        "line_of_business": firm.line_of_business_id,
        "size": firm.stated_size,
        "wants_jht": firm.wants_jht,
        "wants_jp": firm.wants_jp,
    }
    compulsory = compulsory_programmes()
    form = forms.ProgrammesForm(posted(request), compulsory=compulsory, initial=initial)
    if not form.is_valid():
        return ask(request, firm, "programmes", form)
    return keep(firm, "programmes", form.answers)


def compulsory_programmes() -> dict[str, list[str]]:
    """Return what each size has to take part in now, in the usual order."""
    rows = SizeProgramme.objects.in_force_on(timezone.localdate()).compulsory().as_rules()
    this_month = Month.of(timezone.localdate())
    order = ("JKK", "JKM", "JHT", "JP")
    return {
        size: [name for name in order if name in rules.programmes_of(size, this_month, rows)]
        for size in SizeProgramme.Size.values
    }


@step("workers")
def workers(request: FirmRequest, firm: Employer) -> HttpResponse:
    initial = {
        "head_count": firm.head_count,
        "first_month": str(firm.first_month or Month.of(timezone.localdate())),
    }
    listed = first_workers(firm)
    form = forms.WorkersForm(
        posted(request), months=first_months(firm), asks_how=listed is None, initial=initial
    )
    if not form.is_valid():
        return ask(request, firm, "workers", form, listed=listed)
    try:
        firm = registration.answer_workers(employer=firm, at=timezone.now(), **form.answers)
    except registration.NotOpen:
        return redirect("employers:status", firm.reference)
    if listed and listed.draft.month != firm.first_month:
        messages.warning(request, moved_text(listed, firm))
    return list_workers(request, firm, form.way)


def moved_text(listed: FirstWorkers, firm: Employer) -> str:
    return (
        f"Data pekerja {month_name(listed.draft.month)} dibuang karena bulan pertamanya diganti. "
        f"Isi lagi untuk {month_name(firm.first_month)}."
    )


def list_workers(request: FirmRequest, firm: Employer, how: str) -> HttpResponse:
    """Go on to the list of workers: to a file, to the screen, or past it when it is there."""
    month = firm.first_month
    if not how or month is None:
        return go_on(firm, "workers")
    if how == WageReport.Source.UPLOAD:
        return redirect("employers:report_upload", firm.reference, month)
    at = timezone.now()

    def begin() -> str:
        drafts.prepare_screen(employer=firm, month=month, by=request.user, at=at)
        return reverse("employers:report_add", args=[firm.reference, month])

    return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, begin))


def first_months(firm: Employer) -> dict[Month, Any]:
    """Return the months that may be the first one, with their due dates: last, this, next."""
    this = Month.of(timezone.localdate())
    months = {this.plus(-1), this, this.plus(1)}
    if firm.first_month:
        months.add(firm.first_month)
    return dict(sorted(due_dates(months).items()))


@step("check")
def check(request: FirmRequest, firm: Employer) -> HttpResponse:
    """Show every answer; whoever comes too early goes to the first missing one."""
    if firm.is_being_filled and registration.open_tasks(firm):
        return redirect(address_of(firm, registration.next_task(firm)))
    form = forms.SendForm(posted(request))
    if not form.is_valid():
        return ask(request, firm, "check", form, rows=summary_of(firm), listed=first_workers(firm))
    return send(request, firm)


def send(request: FirmRequest, firm: Employer) -> HttpResponse:
    at = timezone.now()

    def do() -> str:
        decisions.send(employer=firm, by=request.user, at=at)
        return reverse("employers:status", args=[firm.reference])

    try:
        return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, do))
    except decisions.NotWaiting:
        return redirect("employers:status", firm.reference)
    except decisions.Unfinished:
        return redirect("employers:tasks", firm.reference)


def summary_of(firm: Employer) -> list[tuple[str, str, str]]:
    """Return label, answer and the page to change it, of everything that was asked."""
    contact = firm.contacts.get(kind=Contact.Kind.HR)
    place = "Di luar Cilegon"
    if firm.kelurahan:
        place = f"{firm.kelurahan}, Kecamatan {firm.kelurahan.kecamatan}"
    chosen = [name for name, wanted in (("JHT", firm.wants_jht), ("JP", firm.wants_jp)) if wanted]
    must = compulsory_programmes()[firm.stated_size]
    answers = [
        ("Nama badan usaha", firm.name, "facts"),
        ("NIB", firm.nib or "–", "facts"),
        ("NPWP", firm.npwp or "–", "facts"),
        ("NPP", firm.npp or "Belum punya", "facts"),
        ("Alamat", f"{firm.address}, {place}", "address"),
        ("Penanggung jawab", f"{contact.name}, {local_phone(contact.phone)}", "contact"),
        ("E-mail penanggung jawab", contact.email, "contact"),
        ("Bidang usaha", f"{firm.line_of_business}", "programmes"),
        ("Skala usaha", firm.get_stated_size_display(), "programmes"),
        ("Program", ", ".join([*must, *chosen]), "programmes"),
        ("Jumlah pekerja", grouped(firm.head_count or 0), "workers"),
        ("Bulan iuran pertama", month_name(firm.first_month), "workers"),
    ]
    rows = [
        (label, value, reverse(f"employers:{page}", args=[firm.reference]))
        for label, value, page in answers
    ]
    listed = first_workers(firm)
    if listed:
        at = [firm.reference, firm.first_month]
        text = f"{grouped(listed.workers)} pekerja, jumlah upah {rupiah(listed.wages)}"
        rows.append(("Data pekerja", text, reverse("employers:report_edit", args=at)))
    return rows


@firm_page(methods=READ)
def status(request: FirmRequest, firm: Employer) -> HttpResponse:
    """Show where the registration stands, why, and what happens next."""
    if firm.state == Employer.State.DRAFT:
        return redirect("employers:tasks", firm.reference)
    answer_by = None
    if firm.state == Employer.State.SENT and firm.sent_at:
        answer_by = registration.answer_due_on(timezone.localdate(firm.sent_at))
    context = {
        "firm": firm,
        "kind": STATES[Employer.State(firm.state)],
        "answer_by": answer_by,
        "last": firm.decisions.latest("pk"),
        "events": events_of(firm),
        "listed": first_workers(firm),
    }
    return render(request, "employers/status.html", context)


def events_of(firm: Employer) -> list[dict[str, Any]]:
    """Return what was decided, newest first; of the office no names are told."""
    icons = {Decision.Kind.APPROVED: "check", Decision.Kind.SENT: "message"}
    return [
        {
            "at": row.at,
            "title": row.get_kind_display(),
            "actor": row.by.name if row.kind == Decision.Kind.SENT else "Kantor",
            "icon": icons.get(Decision.Kind(row.kind), "info"),
            "text": row.reason,
        }
        for row in firm.decisions.select_related("by").order_by("-pk")
    ]
