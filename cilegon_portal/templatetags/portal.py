"""Filters and tags of every template (builtins, so pages load nothing)."""

import re
import secrets
from datetime import date, datetime
from typing import Literal, TypeAlias

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, CheckboxInput, MultiWidget
from django.forms.widgets import ChoiceWidget, Select
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cilegon_portal.rules.money import PartsPerMillion, Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import mask_nik
from cilegon_portal.rules.phones import mask_phone

register = template.Library()

NOTHING = "–"
Missing: TypeAlias = Literal[""] | None  # a template's unknown name is ""
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
FORM_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
# One list of status words for the whole portal: kind (colour) and icon of each.
CHIPS = {
    "Belum dibayar": ("", "wallet"),
    "Menunggu pembayaran": ("calm", "clock"),
    "Aktif": ("good", "check"),
    "Masa tenggang": ("warn", "alert"),
    "Berakhir": ("bad", "ended"),
}
KIND_ICONS = {"good": "check", "calm": "info", "warn": "alert", "bad": "stop", "": "ended"}
NOTICES = {
    "info": "info",
    "success": "check",
    "warning": "alert",
    "danger": "stop",
    "error": "stop",
}


@register.filter
def rupiah(amount: Rupiah | Missing) -> str:
    """Return 16800 as "Rp16.800"; a missing amount as a dash."""
    if amount is None or amount == "":
        return NOTHING
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{grouped(abs(amount))}"


@register.filter
def grouped(number: int) -> str:
    """Return 16800 as "16.800"."""
    return f"{number:,}".replace(",", ".")


@register.filter
def percent(rate: PartsPerMillion | Missing) -> str:
    """Return 875000 parts per million as "87,5%"."""
    if rate is None or rate == "":
        return NOTHING
    sign = "-" if rate < 0 else ""
    whole, rest = divmod(abs(rate), 10_000)
    decimals = f"{rest:04}".rstrip("0")
    return f"{sign}{grouped(whole)}{',' if decimals else ''}{decimals}%"


@register.filter
def month_name(month: Month | date | None) -> str:
    """Return a month, or the month of a day, as "November 2026"."""
    if not month:
        return NOTHING
    number = month.number if isinstance(month, Month) else month.month
    return f"{MONTHS[number - 1]} {month.year}"


@register.filter
def date_id(day: date | None) -> str:
    """Return a day, or the day in WIB of a moment, as "27 November 2026"."""
    if not day:
        return NOTHING
    if isinstance(day, datetime) and timezone.is_aware(day):
        day = timezone.localtime(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@register.filter
def time_id(moment: datetime | None) -> str:
    """Return the time of a moment as "14.05 WIB"."""
    if not moment:
        return NOTHING
    if timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return f"{moment:%H.%M} WIB"


@register.filter
def masked_nik(number: str | None) -> str:
    """Return "3672991509850001" as "3672••••••••0001"."""
    return mask_nik(number) if number else NOTHING


@register.filter
def masked_phone(number: str | None) -> str:
    """Return "+6281234567890" with its middle digits hidden."""
    return mask_phone(number) if number else NOTHING


@register.filter
def reversed_sort(name: str) -> str:
    """Return the same column, sorted the other way: "jumlah" ↔ "-jumlah"."""
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw `components/icons/<name>.svg`; the words beside it carry the meaning."""
    return render_to_string(f"components/icons/{name}.svg")


@register.simple_tag
def demo_mode() -> bool:
    return bool(settings.DEMO)


@register.simple_tag
def chip(label: str, *, kind: str | None = None) -> SafeString:
    """Draw a state as word, icon and colour; `kind` is good, calm, warn, bad or ""."""
    known_kind, known_icon = CHIPS.get(label, ("", "ended"))
    if kind is not None:
        known_kind, known_icon = kind, KIND_ICONS[kind]
    return render_to_string(
        "components/chip.html", {"label": label, "kind": known_kind, "icon_name": known_icon}
    )


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context,
    label: str,
    url_name: str,
    icon_name: str,
    *,
    reference: str = "",
    count: int | None = None,
) -> SafeString:
    """Draw one entry of a menu; nothing for a page that is not there or not allowed.

    `reference`: of the firm whose page it is; the pages below the address belong to the entry.
    """
    try:
        address = reverse(url_name, args=[reference] if reference else [])
    except NoReverseMatch:
        return SafeString("")
    request = context.get("request")
    if not may_open(request, address):
        return SafeString("")
    here = getattr(getattr(request, "resolver_match", None), "view_name", "")
    is_below = bool(reference) and not address.endswith(f"/{reference}/")
    is_current = here == url_name or (is_below and getattr(request, "path", "").startswith(address))
    return render_to_string(
        "components/nav_item.html",
        {
            "label": label,
            "address": address,
            "icon_name": icon_name,
            "count": count,
            "is_current": is_current,
        },
    )


def may_open(request: object, address: str) -> bool:
    """Tell whether the view behind `address` names no roles, or one that this request holds."""
    allowed = getattr(resolve(address).func, "allowed_roles", None)
    return allowed is None or bool(allowed & getattr(request, "roles", frozenset()))


@register.simple_tag(takes_context=True)
def form_id(context: Context, form: BaseForm | None = None) -> SafeString:
    """Draw the hidden one-use id; a form that came back with faults keeps the id it had."""
    form = form if form is not None else context.get("form")
    posted = form.data.get("form_id", "") if isinstance(form, BaseForm) and form.is_bound else ""
    value = posted if FORM_ID.fullmatch(str(posted)) else secrets.token_urlsafe(18)
    return format_html('<input type="hidden" name="form_id" value="{}">', value)


@register.simple_tag
def field(
    bound: BoundField,
    *,
    hide_label: bool = False,
    optional: bool | None = None,
    label: str | None = None,
) -> SafeString:
    """Draw label, hint, error and input of one field, tied together for screen readers."""
    bound.form.use_required_attribute = False  # the browser's own bubbles are not in Indonesian
    shape = shape_of(bound)
    return render_to_string(
        "components/field.html",
        {
            "field": bound,
            "label": label or bound.label,
            "hide_label": hide_label,
            "shape": shape,
            "input": bound.as_widget(attrs={"class": input_class(bound)}),
            "is_optional": not bound.field.required if optional is None else optional,
        },
    )


def shape_of(bound: BoundField) -> str:
    """Return how the field is laid out: choices, checkbox, parts, hidden or plain."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "checkbox"
    if isinstance(widget, MultiWidget):
        return "parts"
    if isinstance(widget, ChoiceWidget) and not isinstance(widget, Select):
        return "choices"
    return "plain"


def input_class(bound: BoundField) -> str:
    """Return the classes of the input: those of the widget, of its kind, and of a fault."""
    widget = bound.field.widget
    kind = "form-control"
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    own = widget.attrs.get("class", "")
    return " ".join(filter(None, (kind, own, "is-invalid" if bound.errors else "")))


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """Draw every visible field of a form, in order, and the hidden ones."""
    return SafeString("".join(field(bound) for bound in form))


@register.simple_tag
def error_summary(*forms: BaseForm | None) -> SafeString:
    """Draw "Ada yang perlu diperbaiki" with a link to each faulty field; nothing without faults."""
    faults = [fault for form in forms if isinstance(form, BaseForm) for fault in faults_of(form)]
    if not faults:
        return SafeString("")
    return render_to_string("components/error_summary.html", {"faults": faults})


def faults_of(form: BaseForm) -> list[tuple[str, str]]:
    """Return (id of the input, or nothing; sentence) of each fault, fields in their order."""
    faults = [("", str(message)) for message in form.non_field_errors()]
    for bound in form:
        faults += [(first_input(bound), str(message)) for message in bound.errors]
    return faults


def first_input(bound: BoundField) -> str:
    """Return the id of the input to put right: of a date the faulty part, of choices the first."""
    if shape_of(bound) == "choices":
        return f"{bound.auto_id}_0"
    if shape_of(bound) == "parts":
        code = bound.form.errors[bound.name].as_data()[0].code or ""
        return f"{bound.auto_id}_{code[-1] if re.fullmatch('part_[0-9]', code) else 0}"
    return str(bound.id_for_label)


@register.simple_block_tag(takes_context=True)
def question(
    context: Context,
    content: str,
    title: str,
    *,
    form: BaseForm | None = None,
    step: int | None = None,
    steps: int | None = None,
    button: str = "Lanjut",
    later: str = "",
    cancel: str = "",
    danger: bool = False,
) -> SafeString:
    """Draw a page that asks one thing: step, faults, heading, form with the block in it, button.

    `later` and `cancel` are addresses; `danger` colours the button of an act that cannot be undone.
    """
    form = form if form is not None else context.get("form")
    return render_to_string(
        "components/question.html",
        {
            "title": title,
            "content": content,
            "form": form,
            "step": step,
            "steps": steps,
            "button": button,
            "later": later,
            "cancel": cancel,
            "danger": danger,
            "has_files": isinstance(form, BaseForm) and form.is_multipart(),
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_block_tag
def panel(content: str, title: str = "", *, quiet: bool = False) -> SafeString:
    return render_to_string(
        "components/panel.html", {"content": content, "title": title, "quiet": quiet}
    )


@register.simple_block_tag
def notice(content: str, kind: str = "info", *, title: str = "") -> SafeString:
    """Draw a notice; `kind` is info, success, warning or danger."""
    return render_to_string(
        "components/notice.html",
        {"content": content, "kind": kind, "title": title, "icon_name": NOTICES.get(kind, "info")},
    )


@register.simple_block_tag
def tile(
    content: str,
    title: str,
    value: str,
    *,
    url: str = "",
    unit: str = "",
    kind: str = "",
) -> SafeString:
    """Draw one number of the desk; the block says in words how it compares."""
    return render_to_string(
        "components/tile.html",
        {
            "content": content,
            "title": title,
            "value": value,
            "url": url,
            "unit": unit,
            "kind": kind,
            "icon_name": KIND_ICONS.get(kind, ""),
            "element_id": f"tile-{secrets.token_hex(4)}",
        },
    )


@register.simple_block_tag
def table_region(content: str, label: str, *, tall: bool = False) -> SafeString:
    """Wrap a wide table so that it scrolls sideways alone, by keyboard too."""
    return render_to_string(
        "components/table_region.html", {"content": content, "label": label, "tall": tall}
    )
