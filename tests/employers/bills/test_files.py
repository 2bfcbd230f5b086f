"""A bill as a file: all workers on attached pages, or where to find them; in bounded memory."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pypdf import PdfReader

from cilegon_portal.rules.months import Month
from employers.models import Employment, listed
from employers.models.listed import all_workers
from tests.accounts.helpers import sign_in_staff
from tests.employers.billing import months
from tests.employers.bills.rosters import approver_of, body

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
IN_TIME = datetime(2026, 11, 5, 10, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages of this file stand at `at`."""


@pytest.fixture
def report():
    wages = [5_000_000 + number for number in range(130)]
    return months.approved(months.firm(), wages, month=OCTOBER, at=IN_TIME)


@pytest.fixture
def desk(client, report):
    sign_in_staff(client, approver_of(report.employer))
    return client


def pages(desk, report):
    address = reverse("employers:bill_pdf", args=[report.employer.reference, OCTOBER])
    found = PdfReader(io.BytesIO(body(desk.get(address))))
    return [page.extract_text() for page in found.pages]


def test_a_long_list_goes_on_over_the_pages_each_with_its_head(desk, report):
    attached = [page for page in pages(desk, report) if "Pekerja Uji" in page]

    assert len(attached) > 2
    assert all("Nama" in page and "Halaman" in page for page in attached)
    whole = "\n".join(attached)
    assert all(f"Pekerja Uji {number}" in whole for number in range(2, 132))


def test_a_list_too_long_for_paper_is_told_where_it_is(desk, report, monkeypatch):
    monkeypatch.setattr("employers.bill_paper.ATTACHED_WORKERS", 100)

    whole = "\n".join(pages(desk, report))

    assert "Daftar 130 pekerja terlalu panjang untuk dicetak." in " ".join(whole.split())
    assert "Pekerja Uji" not in whole


def test_an_export_lists_the_workers_by_name(desk, report):
    address = reverse("employers:bill_csv", args=[report.employer.reference, OCTOBER])
    _, *rows, _ = csv.reader(
        io.StringIO(body(desk.get(address)).decode("utf-8-sig")), delimiter=";"
    )

    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    assert [row[0] for row in rows] == [str(number) for number in range(1, 131)]


def test_more_workers_than_memory_should_hold_come_chunk_by_chunk(report, monkeypatch):
    sorted_by_name = [worker.line.pk for worker in all_workers(report)]
    monkeypatch.setattr(listed, "SORTED_WORKERS", 100)
    monkeypatch.setattr(listed, "CHUNK", 50)

    unsorted = [worker.line.pk for worker in all_workers(report)]

    assert unsorted == sorted(sorted_by_name)


def test_somebody_with_two_spells_stands_in_a_file_once(desk, report):
    person = report.lines.order_by("pk").first().person
    Employment.objects.filter(person=person).update(
        ended_on=OCTOBER.last_day, cause=Employment.Cause.RESIGNED
    )
    Employment.objects.create(
        employer=report.employer,
        person=person,
        reported_name="Nama Terakhir",
        reported_birth_date=person.birth_date,
        started_on=OCTOBER.plus(2).first_day,
    )

    names = [worker.name for worker in all_workers(report)]

    assert len(names) == 130
    assert names.count("Nama Terakhir") == 1
