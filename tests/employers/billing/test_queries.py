"""A firm's month costs the same few statements for a handful of workers and for hundreds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cilegon_portal.contributions.actions import post_moneys
from cilegon_portal.sheets import WEB
from cilegon_portal.sheets.uploads import keep_bytes
from employers.actions.approving import approve
from employers.actions.drafts import start_upload
from employers.actions.reading import read_upload
from employers.models import Employer, WageLine
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT

pytestmark = pytest.mark.django_db
MOST = 60


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect every statement and COPY that is sent, but for those that only bracket others."""
    sent: list[str] = []
    with CaptureQueriesContext(connection) as caught:
        yield sent
    asked = (query["sql"] for query in caught.captured_queries)
    sent += [sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE"))]


def file(workers: int) -> bytes:
    """Return a firm's spreadsheet with new workers."""
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["NIK", "Nama", "Tanggal Lahir", "Mulai Kerja", "Upah"])
        for number in range(1, workers + 1):
            known = make.nik(born=date(1985, 9, 15))
            name = f"Pekerja {number}"
            sheet.write_row(number, 0, [known, name, "15-09-1985", "01-02-2025", 6_500_000])
    return out.getvalue()


def whole_month(firm: Employer, workers: int) -> int:
    """Let a month pass from the file to the cover; return how many statements that took."""
    clerk, content = make.user(), file(workers)
    with statements() as sent:
        kept = keep_bytes(content, limits=WEB)
        draft = start_upload(
            employer=firm, month=OCTOBER, purpose="REGULAR", kept=kept, by=clerk, at=AT
        ).draft
        assert draft
        read_upload(draft_key=draft.pk, at=AT)
        report = approve(draft=draft, by=clerk, at=AT)
        money = make.money(report.total, account=firm.account)
        post_moneys(moneys=[money], by=None, at=AT)
        covered = WageLine.objects.covering().filter(report=report).count()
    assert covered == workers
    return len(sent)


def test_from_the_file_to_the_cover_few_and_many_workers_cost_the_same_statements():
    whole_month(months.firm(), 1)  # what is asked once a process is asked here
    few, many = whole_month(months.firm(), 3), whole_month(months.firm(), 300)
    assert few == many <= MOST, (few, many)
