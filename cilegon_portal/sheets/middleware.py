"""No request is larger than what its page may take: the answer is a page that says how much."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cilegon_portal.sheets.limits import MB, WEB, Limits, SheetRefused, too_large

AROUND = 64 * 1024  # what a form sends around its file
PIECE = 64 * 1024
MOST_DRAINED = 100 * MB

Answer = Callable[[HttpRequest], HttpResponse]


class UploadLimitMiddleware:
    """Answers 413 before the body is read into a form, by the length that the request tells.

    Without a length there is no body: Django reads none.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        length = length_of(request)
        if length <= WEB.file_bytes + AROUND:
            return None
        limits = limits_for(request, view, kwargs)
        if length <= limits.file_bytes + AROUND:
            return None
        drain(request, length)
        return refusal(request, too_large(limits))

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, SheetRefused) and problem.key == "size":
            return refusal(request, problem)
        return None


def length_of(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdecimal() else 0


def limits_for(request: HttpRequest, view: Callable[..., Any], kwargs: dict[str, Any]) -> Limits:
    limits_of: Callable[..., Limits] | None = getattr(view, "limits_of", None)
    if limits_of is None or not request.user.is_authenticated:
        return WEB
    return limits_of(request, **kwargs)


def drain(request: HttpRequest, length: int) -> None:
    """Read the body and drop it: a browser that is cut off while sending shows no page."""
    left = min(length, MOST_DRAINED)
    while left > 0 and (piece := request.read(min(PIECE, left))):
        left -= len(piece)


def refusal(request: HttpRequest, refused: SheetRefused) -> HttpResponse:
    context = {"sentence": refused.sentence, "back": request.path}
    return render(request, "413.html", context, status=refused.status)
