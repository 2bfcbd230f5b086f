"""The reminder that a member asked for, before the protection ends."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from cilegon_portal.templatetags.portal import date_id
from participants.actions.membership import Membership, memberships
from participants.models import Enrolment

DAYS_BEFORE = timedelta(days=7)


def remind(*, at: datetime) -> int:
    """Remind whoever wants it of a cover that ends within seven days; return how many are told.

    Once for each end of a cover, so that a day on which no job ran is made up for.
    """
    on = timezone.localdate(at)
    wanted = Enrolment.objects.filter(wants_reminders=True).exclude(account__phone="")
    ending = [
        membership
        for membership in memberships(wanted, at=at)
        if membership.is_active and membership.until and membership.until - on <= DAYS_BEFORE
    ]
    for membership in ending:
        send(
            channel=Message.Channel.SMS,
            to=membership.enrolment.account.phone,
            text=reminder_text(membership),
            dedupe_key=f"reminder-{membership.enrolment.pk}-{membership.until}",
            purpose=Message.Purpose.REMINDER,
            at=at,
        )
    return len(ending)


def reminder_text(membership: Membership) -> str:
    return (
        f"BPJS Ketenagakerjaan Cilegon: perlindungan kerja {membership.enrolment.number} berakhir "
        f"{date_id(membership.until)}. Bayar bulan berikutnya di {settings.SITE_URL}/saya/. "
        "Pengingat ini bisa Anda matikan di halaman yang sama."
    )
