"""What firms reported otherwise than the register knows, until somebody has looked at it."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from employers.models import Employment
from tests import make

QUEUE = reverse("dashboard:differences")
GIVEN = {"form_id": "d" * 20, "outcome": "Hanya beda ejaan", "note": "Muhamad dan  Muhammad"}


def differing(**more) -> Employment:
    worker = make.person(name="Muhammad Ilham", born=date(1990, 2, 3))
    given = {"reported_name": "Muhamad Ilham", "is_different": True}
    return make.employment(more.pop("firm", None) or make.firm(), worker, **given | more)


def page_of(employment: Employment) -> str:
    return reverse("dashboard:difference", args=[employment.pk])


def test_the_queue_shows_both_records_and_no_number(office):
    found = differing()
    make.employment(found.employer)  # reported as the register knows it

    page = office.get(QUEUE).content.decode()

    assert "Muhamad Ilham" in page
    assert "Muhammad Ilham" in page
    assert found.employer.name in page
    assert found.person.id_number not in page
    assert page.count("/kantor/perbedaan/") == 1 + page.count('nav" href="/kantor/perbedaan/') + 1


def test_the_queue_of_one_firm_is_shown_when_it_is_named(office):
    mine, other = differing(), differing(reported_name="Orang Lain")

    page = office.get(QUEUE, {"perusahaan": mine.employer.reference}).content.decode()
    nonsense = office.get(QUEUE, {"perusahaan": "\x00", "page": "x"}).content.decode()

    assert other.reported_name not in page
    assert other.reported_name in nonsense


def test_a_difference_is_settled_once_and_changes_nobodys_record(office, officer):
    found = differing()
    assert "Muhammad Ilham" in office.get(page_of(found)).content.decode()

    first = office.post(page_of(found), GIVEN)
    second = office.post(page_of(found), GIVEN)

    found.refresh_from_db()
    assert first.headers["Location"] == QUEUE
    assert second.status_code in {302, 404}
    assert found.settled_by == officer
    assert found.settled_note == "Hanya beda ejaan. Muhamad dan Muhammad"
    assert found.person.name == "Muhammad Ilham"
    assert found.reported_name == "Muhamad Ilham"
    assert "Muhamad Ilham" not in office.get(QUEUE).content.decode()


def test_an_outcome_has_to_be_chosen(office):
    found = differing()

    page = office.post(page_of(found), {"form_id": "d" * 20}).content.decode()

    assert "Pilih hasil pemeriksaan" in page
    found.refresh_from_db()
    assert found.settled_at is None


def test_many_differences_cost_the_queries_of_one(office):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert office.get(QUEUE).status_code == 200
        return len(seen)

    queries()
    firm = differing().employer
    few = queries()
    for _ in range(20):
        differing(firm=firm)

    assert queries() == few
    assert few <= 15
