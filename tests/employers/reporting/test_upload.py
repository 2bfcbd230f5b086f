"""A file is taken: kept, read by a job, or refused with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import WEB
from cilegon_portal.sheets.limits import SENTENCES
from employers.actions import reading
from employers.models import Employer, ReportDraft
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import file, send, text_of
from tests.sheets import evil

Address = Callable[..., str]
KEPT_AT_ONCE = {"type", "xls", "pw", "size", "empty"}


def read(firm: Employer) -> ReportDraft:
    """Do what the job does."""
    draft = ReportDraft.objects.open().get(employer=firm)
    reading.read_upload(draft_key=draft.pk, at=timezone.now())
    draft.refresh_from_db()
    return draft


def test_a_file_is_read_by_a_job_while_a_page_tells_how_far(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    content = rosters.workbook(rosters.workers(3, month=month))

    answer = send(desk, address("unggah/"), file=file(content))

    assert answer["Location"] == address("hasil/")
    waiting = desk.get(address("hasil/"))
    assert "sedang diperiksa" in text_of(waiting)
    assert f'href="{address("hasil/")}"' in waiting.content.decode()
    assert "http-equiv" not in waiting.content.decode()
    read(firm)
    assert "Semua 3 baris siap" in text_of(desk.get(address("hasil/")))


def test_nothing_of_the_file_lies_open(
    desk: Client, firm: Employer, month: Month, address: Address, uploads_folder: Path
) -> None:
    rows = rosters.workers(1, month=month)
    send(desk, address("unggah/"), file=file(rosters.workbook(rows), "../../rahasia.xlsx"))

    (kept,) = uploads_folder.iterdir()
    assert "rahasia" not in kept.name
    assert b"PK\x03\x04" not in kept.read_bytes()
    read(firm)
    assert list(uploads_folder.iterdir()) == []


def test_the_same_file_again_changes_nothing_and_says_so(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    content = rosters.workbook(rosters.workers(2, month=month))
    send(desk, address("unggah/"), file=file(content))
    draft = read(firm)

    answer = send(desk, address("unggah/"), file=file(content, "nama-lain.xlsx"))

    assert answer["Location"] == address("hasil/")
    assert "File ini sudah diunggah" in text_of(desk.get(address("hasil/")))
    assert ReportDraft.objects.open().get(employer=firm) == draft


def test_another_file_replaces_the_draft(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    send(desk, address("unggah/"), file=file(rosters.workbook(rosters.workers(2, month=month))))
    read(firm)

    send(desk, address("unggah/"), file=file(rosters.workbook(rosters.workers(4, month=month))))

    assert read(firm).rows.count() == 4
    assert ReportDraft.objects.filter(closed_because="REPLACED").count() == 1


def test_a_second_press_keeps_one_file(
    desk: Client, firm: Employer, month: Month, address: Address, uploads_folder: Path
) -> None:
    content = rosters.workbook(rosters.workers(1, month=month))

    for _ in range(2):
        answer = send(desk, address("unggah/"), "the-very-same-form", file=file(content))
        assert answer["Location"] == address("hasil/")

    assert ReportDraft.objects.filter(employer=firm).count() == 1
    assert len(list(uploads_folder.iterdir())) == 1


def test_without_a_file_the_page_asks_for_one(desk: Client, address: Address) -> None:
    answer = send(desk, address("unggah/"))

    assert answer.status_code == 422
    assert text_of(answer).count("Pilih file data upah") == 2


def refusal_of(desk: Client, firm: Employer, address: Address, content: bytes) -> str:
    """Upload `content` and return the page that refuses it, at once or when the job has looked."""
    answer = send(desk, address("unggah/"), file=file(content))
    if answer.status_code == 302:
        assert read(firm).state == "REFUSED"
        answer = desk.get(address("hasil/"))
        assert "File tidak bisa dibaca" in text_of(answer)
    else:
        assert answer.status_code in {413, 422}
    return text_of(answer)


@pytest.mark.parametrize("name", sorted(evil.HOSTILE))
def test_a_hostile_file_gets_its_sentence(
    name: str, desk: Client, firm: Employer, address: Address, uploads_folder: Path
) -> None:
    make_it, key = evil.HOSTILE[name]

    told = refusal_of(desk, firm, address, make_it())

    # Three columns are no roster: some are told of that before their rows are looked at.
    no_roster = "tidak ditemukan" in told and key in {"rows", "columns", "cell", "empty"}
    assert SENTENCES[key].partition("{")[0] in told or no_roster
    assert not uploads_folder.exists() or list(uploads_folder.iterdir()) == []


@pytest.mark.parametrize("name", sorted(evil.DISGUISED))
def test_a_file_of_another_kind_is_refused_whatever_its_name(
    name: str, desk: Client, firm: Employer, address: Address
) -> None:
    told = refusal_of(desk, firm, address, evil.DISGUISED[name]())

    assert SENTENCES["type"] in told or SENTENCES["broken"] in told


def test_a_file_without_a_needed_column_names_it(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    titles = ["Bonus" if title == "Upah" else title for title in rosters.TITLES]
    content = rosters.workbook(rosters.workers(1, month=month), titles)
    send(desk, address("unggah/"), file=file(content))
    read(firm)

    text = text_of(desk.get(address("hasil/")))

    assert 'kolom "Upah" tidak ditemukan' in text
    assert "Unggah file lain" in text


def test_a_fourfold_firm_may_send_more_than_the_web_takes(
    desk: Client, firm: Employer, address: Address
) -> None:
    content = evil.good_csv().ljust(WEB.file_bytes + 200_000, b"\n")

    assert send(desk, address("unggah/"), file=file(content)).status_code == 413
    Employer.objects.filter(pk=firm.pk).update(may_upload_large=True)
    assert "40 MB" in text_of(desk.get(address("unggah/")))
    assert send(desk, address("unggah/"), file=file(content)).status_code == 302


def test_ten_files_an_hour_are_enough(desk: Client, address: Address) -> None:
    answers = []
    for number in range(11):
        content = evil.good_csv() + f"\n{number}".encode()
        answers.append(send(desk, address("unggah/"), file=file(content, "a.csv")).status_code)

    assert answers == [302] * 10 + [429]


def test_the_empty_file_is_understood_when_it_comes_back(
    desk: Client, firm: Employer, month: Month, address: Address, tmp_path: Path
) -> None:
    for name in ("contoh.xlsx", "contoh.csv"):
        answer = desk.get(address(name))
        content = b"".join(answer) if answer.streaming else answer.content

        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        send(desk, address("unggah/"), file=file(content, name))
        draft = read(firm)
        assert "tidak ditemukan" not in draft.fault, name


def test_the_example_workbook_opens_in_a_spreadsheet(
    desk: Client, address: Address, tmp_path: Path
) -> None:
    answer = desk.get(address("contoh.xlsx"))
    path = tmp_path / "contoh.xlsx"
    path.write_bytes(b"".join(answer) if answer.streaming else answer.content)

    book = load_workbook(path)

    header = [cell.value for cell in book.worksheets[0][1]]
    assert "NIK" in header
    assert "Upah" in header


def test_a_file_for_an_approved_month_replaces_or_adds(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(3, month=month)
    rosters.reported(firm, month, rows[:2], by=approver)

    assert "pengganti" in text_of(desk.get(address("unggah/")))
    assert "pekerja yang terlewat" in text_of(desk.get(address("unggah/?untuk=susulan")))
    send(desk, address("unggah/?untuk=susulan"), file=file(rosters.workbook(rows[2:])))

    draft = read(firm)
    assert draft.purpose == "SUPPLEMENT"
    assert draft.rows.listed().count() == 3
