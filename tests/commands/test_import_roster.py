import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from employers.actions import reading
from employers.actions.approving import approve
from employers.models import DraftRow, Employment, ReportDraft, WageLine, WageReport
from tests import make
from tests.employers.roster.files import (
    OCTOBER,
    WAGE,
    begin,
    draft_of,
    nik,
    worker,
    workers,
    xlsx,
)


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER, npp="JJ012345")


@pytest.fixture
def run(firm, tmp_path, capsys):
    """Return a function that imports rows and tells what was printed."""

    def call(rows, *more, month="2026-10", employer="JJ012345"):
        path = tmp_path / "daftar.xlsx"
        path.write_bytes(rows if isinstance(rows, bytes) else xlsx(rows))
        call_command(
            "import_roster", path, "--employer", employer, "--month", month, "--json", *more
        )
        return json.loads(capsys.readouterr().out)

    return call


def refusal(run, capsys, rows, **more):
    with pytest.raises(SystemExit) as ended:
        run(rows, **more)
    assert ended.value.code == 1
    return json.loads(capsys.readouterr().out)


def test_a_month_is_imported_approved_and_billed(run, firm):
    told = run(workers(1, 2, 3))

    report = WageReport.objects.get()
    assert told == {
        "rows": 3,
        "joined": 3,
        "left": 0,
        "changed": 0,
        "workers": 3,
        "total": report.total,
        "report": report.pk,
        "month": "2026-10",
        "version": 1,
        "already": False,
    }
    assert (report.source, report.wages, report.approved_by) == ("COMMAND", 3 * WAGE, None)
    assert report.total > 0
    assert Employment.objects.standing().filter(employer=firm).count() == 3


def test_a_firm_is_found_by_its_portal_number(run, firm):
    assert run(workers(1), employer=firm.reference.lower())["workers"] == 1


def test_who_answers_for_it_is_written_down(run, firm):
    by = firm.seats.taken().get().user

    run(workers(1), "--by", by.email)

    assert WageReport.objects.get().approved_by == by


def test_the_same_file_again_writes_nothing(run):
    content = xlsx(workers(1, 2))
    first = run(content)
    before = (ReportDraft.objects.count(), DraftRow.objects.count(), WageLine.objects.count())

    again = run(content)

    assert again["already"]
    assert again["report"] == first["report"]
    assert (again["rows"], again["joined"], again["left"], again["changed"]) == (0, 0, 0, 0)
    assert before == (
        ReportDraft.objects.count(), DraftRow.objects.count(), WageLine.objects.count()
    )  # fmt: skip


def test_the_next_month_knows_who_joined_left_and_earns_otherwise(run, firm):
    run(workers(1, 2, 3))

    told = run([worker(1), worker(2, upah=9_000_000), worker(9)], month="2026-11")

    assert (told["joined"], told["left"], told["changed"], told["workers"]) == (1, 1, 1, 3)
    left = Employment.objects.exclude(ended_on=None).get()
    assert left.person.id_number == nik(3)
    assert (left.ended_on, left.cause) == (date(2026, 10, 31), "OTHER")


def test_another_file_of_the_month_replaces_the_report(run):
    run(workers(1, 2))

    told = run(workers(1, 2, 3))

    assert (told["version"], told["workers"], told["joined"]) == (2, 3, 1)
    assert [report.kind for report in WageReport.objects.standing()] == ["REPLACEMENT"]


def test_a_rejected_row_leaves_nothing_and_every_cell_is_named(run, capsys, firm):
    rows = [worker(1, nik="36729915098"), worker(2, upah="lima juta", nama=""), worker(3)]

    told = refusal(run, capsys, rows)

    assert told["error"] == "Masih ada 2 baris yang perlu diperbaiki. Tidak ada yang dicatat"
    assert [(error["row"], error["column"], error["value"]) for error in told["errors"]] == [
        (2, "nik", "3672•••5098"),
        (3, "nama", ""),
        (3, "upah", "lima juta"),
    ]
    assert told["errors"][0]["sentence"] == "Baris 2: NIK harus 16 angka. Di sini ada 11 angka"
    assert not ReportDraft.objects.exists()
    assert not WageReport.objects.exists()


def test_a_refused_import_leaves_the_firms_own_draft(run, capsys, firm):
    draft = draft_of(firm, workers(1))

    refusal(run, capsys, [worker(1, nama="")])

    assert ReportDraft.objects.open().get() == draft
    assert draft.rows.count() == 1


@pytest.mark.parametrize(
    ("content", "month", "sentence"),
    [
        (b"bukan lembar\x00", "2026-10", "File harus XLSX atau CSV"),
        (xlsx([]), "2026-10", "File ini kosong"),
        (
            xlsx([["a", "b"]], ("NIK", "Nama")),
            "2026-10",
            'Gunakan format dari kami; kolom "Tanggal lahir" tidak ditemukan',
        ),
        (xlsx(workers(1)), "2090-01", "Bulan ini belum dimulai"),
        (xlsx(workers(1)), "2026-09", "Badan usaha ini tidak aktif pada bulan itu"),
    ],
)
def test_what_cannot_be_imported_says_why(run, capsys, content, month, sentence):
    told = refusal(run, capsys, content, month=month)

    assert told == {"error": sentence, "errors": []}
    assert not WageReport.objects.exists()


def test_errors_are_sentences_without_json(firm, tmp_path, capsys):
    path = tmp_path / "daftar.xlsx"
    path.write_bytes(xlsx([worker(1, nama="")]))

    with pytest.raises(SystemExit):
        call_command("import_roster", path, "--employer", "JJ012345", "--month", "2026-10")

    assert "Baris 2: isi nama lengkap seperti di KTP [nama: ]" in capsys.readouterr().err


def test_success_is_a_sentence_without_json(firm, tmp_path, capsys):
    path = tmp_path / "daftar.xlsx"
    path.write_bytes(xlsx(workers(1, 2)))
    asked = ("import_roster", path, "--employer", "JJ012345", "--month", "2026-10")

    call_command(*asked)
    first = capsys.readouterr().out
    call_command(*asked)

    assert first.startswith("2 baris, 2 pekerja, 2 masuk, 0 keluar. Tagihan Rp")
    assert capsys.readouterr().out == "File ini sudah diimpor. Tidak ada yang berubah.\n"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"employer": "ZZ999999"}, "Tidak ada badan usaha"),
        ({"employer": ""}, "Tidak ada badan usaha"),
        ({"month": "Oktober"}, "Tulis bulan seperti"),
    ],
)
def test_a_question_that_means_nothing_is_a_usage_error(run, more, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(workers(1), **more)


def test_nobody_and_no_file_are_usage_errors(run, firm, tmp_path):
    with pytest.raises(CommandError, match="Tidak ada pengguna"):
        run(workers(1), "--by", "siapa@example.id")
    with pytest.raises(CommandError, match="File tidak bisa dibuka"):
        call_command(
            "import_roster", tmp_path / "x", "--employer", "JJ012345", "--month", "2026-10"
        )


def test_a_file_approved_on_the_web_is_known_to_the_command(run, firm, at):
    content = xlsx(workers(1))
    draft = begin(firm, content)
    reading.read_upload(draft_key=draft.pk, at=at)
    draft.refresh_from_db()
    approve(draft=draft, by=draft.made_by, at=at + timedelta(hours=1))

    assert run(content)["already"]
