"""A month in preparation beside the one before: who joins, who is missing, whose wage moved."""

import json
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Max, Q

from cilegon_portal.templatetags.portal import grouped
from employers.actions.drafts import (
    DraftIsBeingRead,
    DraftIsClosed,
    State,
    opened,
    write_missing,
)
from employers.actions.last_month import LastMonth, minimum_wage_in
from employers.models import DraftRow, Employer, ReportDraft
from employers.models.draft import DraftRowQuerySet
from employers.rules.rows import CHANGE_PERCENT


@dataclass(frozen=True)
class Comparison:
    """The rows of a draft that somebody should look at, each list in the order of the file."""

    draft: ReportDraft
    joiners: DraftRowQuerySet
    leavers: DraftRowQuerySet  # whom the file no longer names, or names as gone
    unanswered: DraftRowQuerySet  # of the leavers: nobody said yet when they left
    changed_over_20: DraftRowQuerySet
    under_minimum: DraftRowQuerySet
    warned: DraftRowQuerySet  # with warnings that nobody answered yet

    @property
    def is_proposed(self) -> bool:
        """A row that was not understood may be one of those missing: nobody has left yet."""
        return self.draft.faulty > 0

    def counts(self) -> dict[str, int]:
        """Return how many rows each list has, in one query a list."""
        lists = (
            "joiners", "leavers", "unanswered", "changed_over_20", "under_minimum", "warned",
        )  # fmt: skip
        return {name: getattr(self, name).count() for name in lists}


@dataclass(frozen=True)
class Missing:
    """What a draft still lacks before it can be approved."""

    key: str  # state, empty, faulty, warned, absent
    count: int
    sentence: str


def comparison_of(draft: ReportDraft) -> Comparison:
    rows = DraftRow.objects.filter(draft=draft).in_order()
    minimum = minimum_wage_in(draft.month)
    listed = rows.listed()
    moved = listed.alias(
        by=(F("wage") - F("last_wage")) * 100, fifth=F("last_wage") * CHANGE_PERCENT
    )
    return Comparison(
        draft=draft,
        joiners=rows.joining(),
        leavers=rows.absent(),
        unanswered=rows.unanswered(),
        changed_over_20=moved.filter(Q(by__gt=F("fifth")) | Q(by__lt=-F("fifth")), last_wage__gt=0),
        under_minimum=listed.filter(wage__lt=minimum) if minimum else rows.none(),
        warned=rows.warned(),
    )


def ready_to_approve(draft: ReportDraft) -> list[Missing]:
    """Return what keeps `draft` from being approved, nothing when it can be."""
    if draft.closed_at or draft.state != State.READY:
        return [Missing("state", 0, "Data upah bulan ini belum siap diperiksa")]
    counts = DraftRow.objects.filter(draft=draft).aggregate(
        workers=Count("pk", filter=Q(is_absent=False)),
        faulty=Count("pk", filter=~Q(faults=[])),
        warned=Count("pk", filter=~Q(warnings=[]) & Q(reason="", is_absent=False)),
        absent=Count("pk", filter=Q(is_absent=True, ended_on=None)),
    )
    sentences = {
        "faulty": "Masih ada {n} baris yang perlu diperbaiki. Perbaiki dulu sebelum menyetujui",
        "warned": "Masih ada {n} peringatan yang belum dijawab. Benarkan atau beri alasan",
        "absent": "Ada {n} pekerja yang tidak disebut lagi. Pilih kapan mereka keluar",
    }
    missing = [
        Missing(key, counts[key], sentence.format(n=grouped(counts[key])))
        for key, sentence in sentences.items()
        if counts[key]
    ]
    if not counts["workers"]:
        missing.append(Missing("empty", 0, "Belum ada pekerja di bulan ini. Tambahkan dulu"))
    return missing


def value_of(row: DraftRow, column: str) -> str:
    """Return what stands in a cell of the row: as it was sent, else as it was understood."""
    return cells_of(row).get(column, "")


def cells_of(row: DraftRow) -> dict[str, str]:
    """Return the filled cells of a row as its sender would write them."""
    if row.raw:
        return dict(json.loads(row.raw))
    found = {
        "nik" if row.id_kind == "NIK" else "paspor": row.id_number or "",
        "nama": row.name,
        "tanggal_lahir": f"{row.birth_date:%d/%m/%Y}" if row.birth_date else "",
        "jenis_kelamin": row.sex,
        "kpj": row.kpj,
        "mulai_kerja": f"{row.started_on:%d/%m/%Y}" if row.started_on else "",
        "upah": "" if row.wage is None else str(row.wage),
        "tanggal_keluar": f"{row.ended_on:%d/%m/%Y}" if row.ended_on else "",
        "sebab_keluar": row.get_cause_display() if row.cause else "",
    }
    return {name: text for name, text in found.items() if text}


@transaction.atomic
def refresh(*, draft: ReportDraft) -> None:
    """Set an open draft beside the last month anew: another month was approved meanwhile.

    Missing workers come and go; wages that somebody looked at are not asked about again.
    """
    locked = opened(draft)
    here = LastMonth(locked.employer, locked.month)
    known = here.known()
    rows = DraftRow.objects.filter(draft=locked)
    named = set(rows.listed().values_list("id_index", flat=True)) | set(
        rows.absent().exclude(ended_on=None).values_list("id_index", flat=True)
    )
    rows.unanswered().delete()
    changed = []
    for row in rows.listed().exclude(id_index=None).defer("id_number", "raw"):
        before = known.get(bytes(row.id_index or b""))
        was = row.is_new, row.last_wage
        row.is_new, row.last_wage = before is None, before.wage if before else None
        if was != (row.is_new, row.last_wage):
            changed.append(row)
    DraftRow.objects.bulk_update(changed, ["is_new", "last_wage"], batch_size=1_000)
    write_missing(locked, here, set(known) - named, number=last_number(locked))


def last_number(draft: ReportDraft) -> int:
    found = DraftRow.objects.filter(draft=draft).aggregate(last=Max("number"))["last"]
    return int(found or 1)


def refresh_open_drafts(*, employer: Employer) -> None:
    """Refresh the other months that this firm prepares; called when a report was approved.

    One that a colleague throws away at this moment needs it no more.
    """
    for draft in ReportDraft.objects.open().filter(employer=employer, state=State.READY):
        with suppress(DraftIsClosed, DraftIsBeingRead):
            refresh(draft=draft)
