"""The last page when something broke: a pause while the database is away, else a fault of ours."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import get_template

TRY_AGAIN_AFTER = 10  # seconds


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer for an exception that nobody caught; neither page needs the database or a session."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponseServerError(get_template("500.html").render())
    answer = HttpResponse(get_template("503.html").render(), status=503)
    answer["Retry-After"] = str(TRY_AGAIN_AFTER)
    return answer
