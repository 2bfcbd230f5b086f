from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.models import Message
from cilegon_portal.sheets import uploads
from employers.actions import approving, reading
from employers.models import ReportDraft
from tests import make
from tests.employers.roster.files import (
    HEADER,
    NOVEMBER,
    OCTOBER,
    START,
    WAGE,
    begin,
    csv,
    draft_of,
    nik,
    row,
    worker,
    workers,
    xlsx,
)


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER)


def approved(draft, at=make.AT):
    draft.rows.unanswered().update(ended_on=date(2026, 10, 31), cause="RESIGNED")
    draft.rows.warned().update(reason="Sudah benar")
    by = draft.employer.seats.taken().get().user
    return approving.approve(draft=draft, by=by, at=at)


def test_a_file_becomes_rows(firm):
    draft = draft_of(firm, workers(1, 2, 3))

    assert (draft.state, draft.rows_total, draft.rows_read) == ("READY", 3, 3)
    assert (draft.faulty, draft.warned) == (0, 0)
    second = row(draft, 3)
    assert (second.id_number, second.name) == (nik(2), "Pekerja C")
    assert bytes(second.id_index or b"") == blind_index("person.id", nik(2))
    assert (second.birth_date, second.started_on) == (date(1985, 9, 15), START)
    assert (second.wage, second.sex, second.is_new) == (WAGE, "L", True)
    assert (second.faults, second.warnings, second.raw) == ([], [], None)


def test_a_file_is_not_kept_after_reading(firm):
    begun = begin(firm, xlsx(workers(1)))
    stored = begun.stored_name

    reading.read_upload(draft_key=begun.pk, at=make.AT)

    begun.refresh_from_db()
    assert begun.stored_name == ""
    with pytest.raises(uploads.NotKept), uploads.opened(stored):
        pass


def test_reading_twice_changes_nothing(firm):
    draft = draft_of(firm, workers(1, 2))

    reading.read_upload(draft_key=draft.pk, at=make.AT)

    assert draft.rows.count() == 2


def test_a_csv_is_read_like_a_workbook(firm):
    rows = [worker(1, upah="Rp 6.000.000", lahir="15/09/1985"), worker(2, upah="6,000,000")]
    begun = begin(firm, csv(rows))

    reading.read_upload(draft_key=begun.pk, at=make.AT)

    begun.refresh_from_db()
    assert (begun.rows_total, begun.faulty) == (2, 0)


def test_the_rows_of_a_file_keep_their_numbers_and_blank_rows_are_none(firm):
    header = (*HEADER, "Catatan")
    blank = [None] * 5
    rows = [[*worker(1), ""], [*blank, ""], [*blank, "Dibuat oleh HRD"], [*worker(2, nama=""), ""]]

    draft = draft_of(firm, rows, header=header)

    assert [each.number for each in draft.rows.in_order()] == [2, 5]
    assert row(draft, 5).faults == [{"key": "name.empty", "column": "nama"}]


def test_a_faulty_row_keeps_what_its_sender_wrote(firm):
    draft = draft_of(firm, [worker(1, upah="lima juta", lahir=date(1985, 9, 15))])

    found = row(draft, 2)

    assert draft.faulty == 1
    assert found.wage is None
    assert '"upah": "lima juta"' in str(found.raw)
    assert '"tanggal_lahir": "15/09/1985"' in str(found.raw)


def test_a_row_that_names_a_worker_twice_is_told_where(firm):
    draft = draft_of(firm, [*workers(1, 2), worker(1)])

    assert row(draft, 2).faults == []
    assert row(draft, 4).faults == [{"key": "row.nik.dup", "column": "nik", "q": 2}]


def test_a_missing_column_is_named_and_nothing_is_written(firm):
    draft = draft_of(firm, [["a", "b"]], header=("NIK", "Nama"))

    assert draft.state == "REFUSED"
    assert draft.fault == 'Gunakan format dari kami; kolom "Tanggal lahir" tidak ditemukan'
    assert draft.rows.count() == 0


def test_a_broken_file_says_so(firm):
    begun = begin(firm, xlsx(workers(1))[:-200])

    reading.read_upload(draft_key=begun.pk, at=make.AT)

    begun.refresh_from_db()
    assert begun.state == "REFUSED"
    assert begun.fault == "File ini rusak. Simpan ulang dari Excel lalu unggah lagi"


def test_a_table_without_rows_is_empty(firm):
    draft = draft_of(firm, [])

    assert (draft.state, draft.fault) == ("REFUSED", "File ini kosong")


def test_a_file_that_is_gone_has_to_come_again(firm):
    begun = begin(firm, xlsx(workers(1)))
    uploads.forget(begun.stored_name)

    reading.read_upload(draft_key=begun.pk, at=make.AT)

    begun.refresh_from_db()
    assert (begun.state, begun.fault) == ("REFUSED", reading.LOST)


def test_a_refusal_in_the_middle_leaves_no_row(firm):
    rows = [*workers(*range(1, 2_500)), worker(2_500, nama="x" * 600)]

    draft = draft_of(firm, rows)

    assert draft.state == "REFUSED"
    assert draft.fault.startswith("Baris 2.501:")
    assert draft.rows.count() == 0


def test_its_maker_is_told(firm):
    draft_of(firm, [worker(1), worker(2, nama="")])

    message = Message.objects.get(dedupe_key__startswith="roster-read-")
    assert message.subject == "File upah Oktober 2026 sudah diperiksa"
    assert "1 dari 2 baris perlu diperbaiki" in message.text
    assert f"/perusahaan/{firm.reference}/upah/2026-10/hasil/" in message.text


def test_the_trail_does_not_count_the_rows(firm):
    draft = draft_of(firm, workers(1))

    trail = apps.get_model("employers", "ReportDraftEvent").objects
    events = trail.filter(pgh_obj_id=draft.pk).order_by("pgh_id")

    assert [event.pgh_label for event in events] == ["insert", "update"]
    assert "state" in events[1].changed
    assert "rows_read" not in events[1].changed


def test_last_month_stands_beside_each_row(firm):
    approved(draft_of(firm, workers(1, 2, 3)))

    draft = draft_of(
        firm, [worker(1, upah=7_200_000), worker(2, upah=7_200_001), worker(9)], month=NOVEMBER
    )

    assert (row(draft, 2).last_wage, row(draft, 2).is_new) == (WAGE, False)
    assert row(draft, 2).warnings == []
    assert row(draft, 3).warnings == [
        {"key": "row.wage.change", "column": "upah", "p": 20, "y": WAGE}
    ]
    assert (row(draft, 4).last_wage, row(draft, 4).is_new) == (None, True)
    absent = draft.rows.absent().get()
    assert (absent.id_number, absent.name, absent.wage) == (nik(3), "Pekerja D", WAGE)
    assert absent.ended_on is None
    assert draft.rows_total == 3


def test_a_worker_whose_row_is_rejected_is_not_missing(firm):
    approved(draft_of(firm, workers(1, 2)))

    draft = draft_of(firm, [worker(1, upah=None), worker(2)], month=NOVEMBER)

    assert draft.faulty == 1
    assert not draft.rows.absent().exists()


def test_who_left_before_the_month_is_answered_by_the_file(firm):
    approved(draft_of(firm, workers(1, 2)))
    header = (*HEADER, "Tanggal keluar", "Sebab keluar")
    rows = [
        [*worker(1), None, None],
        [*worker(2, upah=None), date(2026, 10, 31), "Pensiun"],
    ]

    draft = draft_of(firm, rows, header=header, month=NOVEMBER)

    gone = draft.rows.absent().get()
    assert (gone.number, gone.ended_on, gone.cause) == (3, date(2026, 10, 31), "RETIRED")
    assert (draft.faulty, draft.warned) == (0, 0)


def test_who_works_elsewhere_or_nowhere_is_read_the_same(firm):
    elsewhere = make.firm(first=OCTOBER)
    approved(draft_of(elsewhere, [worker(1, upah=9_000_000, nama="Nama Lain")]))

    seen = []
    for number in (1, 2):  # known elsewhere, known nowhere
        with CaptureQueriesContext(connection) as queries:
            draft = draft_of(firm, [worker(number, nama="Pekerja")])
        fields = ("name", "is_new", "last_wage", "warnings", "faults", "started_on")
        seen.append((len(queries) - 2 * (number - 1), draft.rows.values_list(*fields).get()))

    assert seen[0] == seen[1]


def test_a_supplement_adds_to_what_was_reported(firm):
    approved(draft_of(firm, workers(1, 2)))

    draft = draft_of(firm, [worker(2, upah=6_500_000), worker(3)], purpose="SUPPLEMENT")

    wages = dict(draft.rows.listed().values_list("id_index", "wage"))
    assert {bytes(key or b""): wage for key, wage in wages.items()} == {
        blind_index("person.id", nik(1)): WAGE,
        blind_index("person.id", nik(2)): 6_500_000,
        blind_index("person.id", nik(3)): WAGE,
    }
    assert not draft.rows.absent().exists()


def test_a_file_overtaken_by_another_leaves_nothing(firm):
    old = begin(firm, xlsx(workers(1)))
    new = begin(firm, xlsx(workers(2)))

    reading.read_upload(draft_key=old.pk, at=make.AT)
    reading.read_upload(draft_key=new.pk, at=make.AT)

    old.refresh_from_db()
    assert (old.closed_because, old.rows.count()) == ("REPLACED", 0)
    assert ReportDraft.objects.open().get() == new
    assert new.rows.count() == 1


def test_the_large_limits_are_for_firms_that_may(firm):
    assert reading.limits_of(firm).rows == 20_000

    firm.may_upload_large = True

    assert reading.limits_of(firm).rows == 150_000
