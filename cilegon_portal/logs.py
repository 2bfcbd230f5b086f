"""One JSON object a line, in UTC, with the request's id; no query, NIK, phone or link's token."""

import logging
import re
from typing import Any

import structlog
from structlog.types import EventDict, Processor

# A NIK or a family card has 16 digits; a phone number is 08… or 628…, with or without separators.
IDENTITY = re.compile(r"(?<!\d)\d{16}(?!\d)")
PHONE = re.compile(r"(?<!\d)(?:\+?62|0)[ .-]?8(?:[ .-]?\d){7,11}(?!\d)")
# Who holds the token of a card can show it as their own; that of a letter's link lets in.
CARD = re.compile(r"(?<=/k/)[\w-]+")
LINK = re.compile(r"(/(?:mulai|undangan|kata-sandi/baru)/)[\w-]+")
QUERY = re.compile(r"\?\S*")


def without_personal_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Blank what looks like a NIK, a phone number or a link's token, wherever it stands."""
    return {key: scrub(value) for key, value in event.items()}


def scrub(value: Any) -> Any:
    if isinstance(value, str):
        told = PHONE.sub("[telepon]", IDENTITY.sub("[nomor]", value))
        return LINK.sub(r"\1[tautan]", CARD.sub("[kartu]", told))
    if isinstance(value, dict):
        return {scrub(key): scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item) for item in value]
    if isinstance(value, bool | int | float | None):
        return "[nomor]" if IDENTITY.fullmatch(str(value)) else value
    return scrub(str(value))


def without_query(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keep the path of a request and drop what a person typed into its query."""
    if isinstance(event.get("request"), str):
        event["request"] = QUERY.sub("", event["request"])
    return event


def settings(level: str) -> dict[str, Any]:
    """Configure structlog, and return Django's LOGGING that prints both worlds alike."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        without_query,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    without_personal_values,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Both repeat what the request's own line says.
            "django.request": {"level": logging.CRITICAL},
            "django.server": {"level": logging.CRITICAL},
            # These two list every task at each start.
            "procrastinate.blueprints": {"level": "WARNING"},
            "procrastinate.periodic": {"level": "WARNING"},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
