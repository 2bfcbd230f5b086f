"""A reporter asks the firm's approvers to look at a month that is ready."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from cilegon_portal.accounts.models import Role, User
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from cilegon_portal.templatetags.portal import month_name
from employers.models import ReportDraft


@transaction.atomic
def ask_approvers(*, draft: ReportDraft, by: User, at: datetime) -> int:
    """Tell each approver of the firm that `draft` waits, once a day; return how many there are."""
    firm, month = draft.employer, month_name(draft.month)
    seats = firm.seats.taken().filter(role=Role.APPROVER).select_related("user")
    addresses = {seat.user_id: seat.user.email for seat in seats if seat.user and seat.user.email}
    path = f"/perusahaan/{firm.reference}/upah/{draft.month}/setujui/"
    for user_key, address in addresses.items():
        send(
            channel=Message.Channel.EMAIL,
            to=address,
            subject=f"Data upah {month} menunggu persetujuan Anda",
            text=f"{by.name} sudah menyiapkan data upah {month} untuk {firm.title}. "
            f"Periksa lalu setujui di sini:\n\n{settings.SITE_URL}{path}",
            dedupe_key=f"ask-approver-{draft.pk}-{user_key}-{at:%Y%m%d}",
            purpose=Message.Purpose.CASE,
            at=at,
        )
    return len(addresses)
