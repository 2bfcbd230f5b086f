"""The ways out: one class a provider, named in the setting OUTBOX_CHANNELS.

The adapters of real providers come with the contracts of the office; until then `Console` tells
that a message left, and a demo shows the texts on its inbox page.
"""

import logging
from functools import cache
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from cilegon_portal.outbox.models import Message

logger = logging.getLogger(__name__)


class NotDelivered(Exception):
    """The provider did not take the message; it may later."""


class Channel(Protocol):
    """A provider that takes one message or raises NotDelivered."""

    def deliver(self, message: Message) -> None: ...


class Console:
    """Writes to the log that a message left: never its text, and its receiver only in part."""

    def deliver(self, message: Message) -> None:
        logger.info(
            "%s ke %s (%s, isi tidak ditampilkan)",
            message.get_channel_display(),
            masked(message.to),
            message.get_purpose_display().lower(),
        )
        if settings.DEBUG:
            logger.debug("%s", message.text)


class Mail:
    """Hands an e-mail to the mail server of Django's EMAIL_ settings."""

    def deliver(self, message: Message) -> None:
        letter = EmailMessage(message.subject, message.text, to=[message.to])
        letter.extra_headers["Message-ID"] = f"<{message.dedupe_key}@{settings.MAIL_DOMAIN}>"
        try:
            letter.send()
        except OSError as error:  # smtplib's errors are OSErrors too
            raise NotDelivered from error


def masked(to: str) -> str:
    """Return a receiver for the log: "+62•••1234", "a•••@contoh.id"."""
    if "@" in to:
        name, _, domain = to.partition("@")
        return f"{name[:1]}•••@{domain}"
    return f"{to[:3]}•••{to[-4:]}"


@cache
def provider(path: str) -> Channel:
    made: Channel = import_string(path)()
    return made


def deliver(message: Message) -> None:
    """Hand `message` to the provider of its channel; raise NotDelivered when it is not taken."""
    provider(settings.OUTBOX_CHANNELS[message.channel]).deliver(message)
