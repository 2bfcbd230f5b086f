"""Putting a message out, delivering it, trying again, and respecting those who want none."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app

from cilegon_portal.outbox import channels
from cilegon_portal.outbox.models import OPTIONAL_PURPOSES, Message, OptOut

DELIVER = "cilegon_portal.outbox.tasks.deliver"
WAITS = (  # after the 1st, 2nd … failure; then we give up
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
LEASE = timedelta(minutes=2)  # a sender that dies leaves its message to the next one after this


@transaction.atomic
def send(
    *,
    channel: str,
    to: str,
    text: str,
    dedupe_key: str,
    purpose: str,
    at: datetime,
    subject: str = "",
) -> Message:
    """Write a message and its job in the caller's transaction; the same key is one message.

    `channel` SMS, WA or EMAIL; `to` an E.164 number or an address; `purpose` a Message.Purpose. The
    subject is made one line: no mail server takes another, and it may hold a name that was typed.
    """
    message, is_new = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "channel": channel,
            "to": to,
            "subject": " ".join(subject.split()),
            "text": text,
            "purpose": purpose,
            "made_at": at,
        },
    )
    if is_new:
        enqueue(message)
    return message


def enqueue(message: Message) -> None:
    """Write the job that delivers `message`."""
    app.configure_task(DELIVER).defer(message_key=message.pk)


def deliver(*, message_key: int, at: datetime) -> bool:
    """Deliver one message unless it is sent, refused, given up or in another sender's hands.

    Return whether it left now. It may leave twice when a sender dies between sending and noting
    it; a provider that takes our key as its own makes that once.
    """
    message = claim(message_key=message_key, at=at)
    if message is None:
        return False
    if is_refused(message):
        message.given_up_at = at
        message.save(update_fields=["given_up_at"])
        return False
    try:
        channels.deliver(message)
    except channels.NotDelivered:
        note_failure(message, at=at)
        return False
    Message.objects.filter(pk=message.pk).update(sent_at=at, retry_not_before=None)
    return True


def claim(*, message_key: int, at: datetime) -> Message | None:
    """Take `message_key` for one try, if it waits and is due; the claim is a lease."""
    taken = (
        Message.objects.due_at(at)
        .filter(pk=message_key)
        .update(tries=F("tries") + 1, retry_not_before=at + LEASE)
    )
    return Message.objects.get(pk=message_key) if taken else None


def is_refused(message: Message) -> bool:
    """Tell whether its receiver opted out of an optional purpose; asked when it leaves."""
    return (
        message.purpose in OPTIONAL_PURPOSES
        and OptOut.objects.filter(to=message.to, purpose=message.purpose).exists()
    )


def note_failure(message: Message, *, at: datetime) -> None:
    """Set the time of the next try, longer each time; after the last one give up."""
    if message.tries > len(WAITS):
        message.given_up_at = at
    else:
        message.retry_not_before = at + WAITS[message.tries - 1]
    message.save(update_fields=["given_up_at", "retry_not_before"])


def enqueue_due(*, at: datetime) -> int:
    """Enqueue the messages whose retry is due and return how many; one at a time takes each."""
    due = Message.objects.due_at(at).exclude(retry_not_before=None, made_at__gt=at - LEASE)
    with transaction.atomic():
        messages = list(due.order_by("pk").select_for_update(skip_locked=True)[:500])
        for message in messages:
            enqueue(message)
    return len(messages)


def opt_out(*, to: str, purpose: str, at: datetime) -> None:
    """Send `to` no more messages of this optional purpose, those already waiting included."""
    OptOut.objects.get_or_create(to=to, purpose=purpose, defaults={"at": at})


def opt_in(*, to: str, purpose: str) -> None:
    """Take an opt-out back."""
    OptOut.objects.filter(to=to, purpose=purpose).delete()


def forget_codes(*, made_before: datetime) -> int:
    """Delete the messages that carried a code, and return how many."""
    old = Message.objects.filter(purpose=Message.Purpose.CODE, made_at__lt=made_before)
    return old.delete()[0]
