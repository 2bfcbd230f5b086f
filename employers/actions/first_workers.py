"""The workers of a firm's first month, listed before the office has taken the firm in."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from cilegon_portal.rules.money import Rupiah
from cilegon_portal.sheets import uploads
from employers.actions.drafts import KEPT_FOR, State, close
from employers.actions.last_month import minimum_wage_in
from employers.models import DraftRow, Employer, ReportDraft


@dataclass(frozen=True)
class FirstWorkers:
    """What the open draft of a firm's first month lists."""

    draft: ReportDraft
    workers: int
    wages: Rupiah
    under_minimum: int

    @property
    def is_whole(self) -> bool:
        """Tell whether the registration may be sent with it: somebody is listed, all is read."""
        return self.draft.state == State.READY and not self.draft.faulty and self.workers > 0


def first_workers(employer: Employer) -> FirstWorkers | None:
    """Return whom the firm has listed for its first month, None where nothing is begun."""
    if employer.first_month is None:
        return None
    drafts = ReportDraft.objects.open().of_month(employer.first_month)
    draft = drafts.filter(employer=employer).first()
    if draft is None:
        return None
    minimum = minimum_wage_in(draft.month) or 0
    found = draft.rows.listed().aggregate(
        workers=Count("pk"), wages=Sum("wage"), low=Count("pk", filter=Q(wage__lt=minimum))
    )
    return FirstWorkers(draft, found["workers"], found["wages"] or 0, found["low"])


def keep_longer(employer: Employer, *, at: datetime) -> None:
    """Count the days of the firm's open drafts anew: the office had the registration meanwhile."""
    ReportDraft.objects.open().filter(employer=employer).update(expires_at=at + KEPT_FOR)


def throw_away(employer: Employer, *, at: datetime) -> int:
    """Close what a firm has prepared and will not report; return how many months it was."""
    drafts = list(ReportDraft.objects.open().filter(employer=employer).select_for_update())
    for draft in drafts:
        close(draft, because=ReportDraft.Closed.DISCARDED, at=at)
    return len(drafts)


def forget(employers: list[Employer]) -> None:
    """Delete whatever these firms, which were never registered, have prepared."""
    drafts = ReportDraft.objects.filter(employer__in=employers)
    stored = list(drafts.exclude(stored_name="").values_list("stored_name", flat=True))
    DraftRow.objects.filter(draft__in=drafts).delete()
    drafts.delete()
    for name in stored:
        uploads.forget(name)
