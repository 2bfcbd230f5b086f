"""A firm's month in a browser: a file with defects, put right, approved, billed, on paper."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page
from pypdf import PdfReader

from cilegon_portal.accounts import demo
from cilegon_portal.accounts.models import Role
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets.limits import SENTENCES
from cilegon_portal.templatetags.portal import grouped, month_name
from employers.actions import team
from employers.models import Employer, Employment, WageReport
from employers.rules.columns import TITLES
from tests import make
from tests.browser.journey import Walker, follow, path_of, prepare, rupiah
from tests.employers.reporting import rosters
from tests.employers.reporting.rosters import COLUMNS, Defect
from tests.sheets import evil

Open = Callable[..., BrowserContext]
Look = Callable[[Page, str], None]
WIDTHS = ((360, 640), (1280, 800))
ROWS = 500
PAGES_TO_BILL = 7
HOSTILE = (
    "a bomb of zeros",
    "cells at both ends of a sheet",
    "a size that lies",
    "a billion laughs",
    "macros",
    "a locked workbook",
    "an old workbook",
    "nothing",
    "cut in half",
    "one byte too many",
)
ANSWERS_TO_BILL = 4
LOOKED_AT = {"macros", "an old workbook", "one byte too many"}  # by the job, the form, the server


@pytest.fixture
def month() -> Month:
    return Month.of(timezone.localdate()).plus(-1)


@pytest.fixture
def firm(site: str, month: Month) -> Employer:
    """Return a firm whose approver signs in with the demo's password and codes."""
    prepare()
    now = timezone.now()
    users = demo.create_demo_users(now)
    firm = make.firm(first=month, name="PT Krakatau Baja Contoh", at=now)
    team.take_seat(employer=firm, user=users[Role.APPROVER], role=Role.APPROVER, at=now)
    return firm


@pytest.fixture
def look(
    assert_accessible: Callable[[Page], None], take_picture: Callable[[Page, str], None]
) -> Look:
    """Return a function that holds a page to WCAG at both widths, and keeps its pictures."""

    def check(page: Page, name: str) -> None:
        for width, height in reversed(WIDTHS):
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
            must_not_scroll_sideways(page)
            take_picture(page, f"wages {name}")

    return check


def must_not_scroll_sideways(page: Page) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, f"{page.url} is {wider} pixels too wide"


def sign_in(page: Page, firm: Employer) -> None:
    """Give password and code on the way to the months of the firm."""
    account = next(it for it in demo.demo_sign_ins() if it.role == Role.APPROVER)
    page.goto(f"/perusahaan/{firm.reference}/upah/")
    page.fill("[name=login]", account.name)
    page.fill("[name=password]", account.password)
    follow(page.get_by_role("button", name="Masuk", exact=True))
    codes = {it.sign_in.role: it.code for it in demo.current_codes(timezone.now())}
    page.fill("[name=code]", codes[Role.APPROVER])
    follow(page.get_by_role("button", name="Masuk", exact=True))
    page.wait_for_url(re.compile("/upah/$"))


def upload(walker: Walker, content: bytes, name: str = "upah.xlsx") -> None:
    walker.page.locator("[name=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    walker.answers += 1
    walker.send("Unggah dan periksa")


def planted_roster(month: Month) -> tuple[bytes, list[Defect]]:
    rows = rosters.workers(ROWS, month=month)
    defects = rosters.defects_of(rows, month=month)
    rosters.planted(rows, defects, month=month)
    return rosters.workbook(rows), defects


def shown_faults(page: Page) -> set[tuple[int, str]]:
    """Return (row, title of the column) of each fault that the page names."""
    found = set()
    for row in page.locator("table tbody tr").all():
        number = re.search("[0-9]+", row.locator("th").inner_text())
        assert number
        found.add((int(number[0]), row.locator("td[data-label=Kolom]").inner_text().strip()))
    return found


def put_right(walker: Walker, defects: list[Defect]) -> None:
    for defect in defects:
        name = f"b{defect.row}-{defect.column}"
        field = walker.page.locator(f"[name={name}]")
        if field.evaluate("it => it.tagName") == "SELECT":
            label = field.locator(f"option[value={defect.right}]").inner_text()
            walker.select(name, label)
        else:
            walker.type(name, defect.right)


def must_come_to_the_bill(
    walker: Walker, firm: Employer, month: Month, run_jobs: Callable[[], None]
) -> None:
    """Walk from the question how the month is reported to its bill, over thirty defects."""
    page = walker.page
    content, defects = planted_roster(month)
    walker.press(page.get_by_role("link", name=re.compile("^Laporkan upah")))
    walker.choose("how", "Unggah file")
    walker.answers += 1
    walker.see("how")
    walker.send("Lanjut")
    walker.see("upload")
    upload(walker, content)
    walker.see("waiting")
    run_jobs()
    walker.press(page.get_by_role("link", name="Periksa status"))
    walker.see("result")
    assert shown_faults(page) == {(it.row, TITLES[it.column]) for it in defects}
    put_right(walker, defects)
    walker.send("Simpan perbaikan")
    page.get_by_text(f"Semua {grouped(ROWS)} baris siap").wait_for()
    walker.see("compare")
    walker.press(page.get_by_role("link", name=re.compile("^Lanjut")))
    total = page.locator("tfoot .is-number").last.inner_text()
    walker.see("approve")
    walker.send(f"Setujui data upah {month_name(month)}")
    walker.see("bill")
    must_be_billed(page, firm, month, total)


def must_be_billed(page: Page, firm: Employer, month: Month, total: str) -> None:
    report = WageReport.objects.standing().get(employer=firm, month=month.first_day)
    assert report.workers == ROWS
    assert rupiah(report.total) == total
    assert path_of(page) == f"/perusahaan/{firm.reference}/tagihan/{month}/"
    assert total in page.locator("main").inner_text()
    assert Employment.objects.filter(employer=firm).count() == ROWS
    assert Employment.objects.filter(employer=firm, ended_on__isnull=False).count() == 4


def must_be_on_paper(page: Page, firm: Employer, month: Month) -> None:
    report = WageReport.objects.standing().get(employer=firm, month=month.first_day)
    answer = page.request.get(f"/perusahaan/{firm.reference}/tagihan/{month}.pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages)
    assert rupiah(report.total) in text


def test_thirty_defects_are_found_put_right_and_billed_without_a_script(
    firm: Employer, month: Month, browser_context: Open, run_jobs: Callable[[], None]
) -> None:
    page = browser_context(360, js=False).new_page()
    sign_in(page, firm)
    walker = Walker(page)

    must_come_to_the_bill(walker, firm, month, run_jobs)

    assert len(walker.seen) <= PAGES_TO_BILL
    assert walker.answers <= ANSWERS_TO_BILL  # beside the cells that are put right
    must_be_on_paper(page, firm, month)


def test_the_same_journey_by_keyboard_is_accessible_at_both_widths(
    firm: Employer,
    month: Month,
    browser_context: Open,
    look: Look,
    run_jobs: Callable[[], None],
) -> None:
    page = browser_context(1280, for_axe=True).new_page()
    sign_in(page, firm)
    walker = Walker(page, by_keyboard=True, look=lambda name: look(page, name))

    must_come_to_the_bill(walker, firm, month, run_jobs)

    assert len(walker.seen) <= PAGES_TO_BILL
    assert walker.answers <= ANSWERS_TO_BILL  # beside the cells that are put right


def test_a_month_like_the_last_takes_three_pages_and_one_answer(
    firm: Employer,
    month: Month,
    browser_context: Open,
    look: Look,
) -> None:
    approver = rosters.approver_of(firm)
    rosters.reported(firm, month, rosters.workers(3, month=month), by=approver)
    now = month.plus(1)
    page = browser_context(360, for_axe=True).new_page()
    sign_in(page, firm)
    walker = Walker(page, by_keyboard=True, look=lambda name: look(page, f"same {name}"))

    walker.press(page.get_by_role("link", name=re.compile("^Laporkan upah")))
    walker.choose("how", "Sama seperti bulan lalu")
    walker.see("how")
    walker.send("Lanjut")
    walker.see("approve")
    walker.send(f"Setujui data upah {month_name(now)}")
    walker.see("bill")

    assert len(walker.seen) <= 3
    assert path_of(page) == f"/perusahaan/{firm.reference}/tagihan/{now}/"


def test_the_waiting_page_tells_by_itself_when_the_file_is_read(
    firm: Employer, month: Month, browser_context: Open, run_jobs: Callable[[], None]
) -> None:
    page = browser_context(360).new_page()
    sign_in(page, firm)
    walker = Walker(page)
    page.goto(f"/perusahaan/{firm.reference}/upah/{month}/unggah/")
    upload(walker, rosters.workbook(rosters.workers(2, month=month)))

    run_jobs()
    walker.press(page.get_by_role("link", name="Lihat hasil"))

    assert page.get_by_text("Semua 2 baris siap").is_visible()


def test_hostile_files_get_their_sentence_and_the_site_stays_up(
    firm: Employer,
    month: Month,
    browser_context: Open,
    look: Look,
    run_jobs: Callable[[], None],
) -> None:
    page = browser_context(360, for_axe=True).new_page()
    sign_in(page, firm)
    walker = Walker(page)

    for name in HOSTILE:
        make_it, key = evil.HOSTILE[name]
        page.goto(f"/perusahaan/{firm.reference}/upah/{month}/unggah/")
        upload(walker, make_it())
        if path_of(page).endswith("/hasil/"):
            run_jobs()
            walker.press(page.get_by_role("link", name="Periksa status"))
        assert sentence_start(key) in page.locator("main").inner_text(), name
        if name in LOOKED_AT:
            look(page, f"refused {name}")

    page.goto(f"/perusahaan/{firm.reference}/upah/")
    assert page.get_by_role("heading", name="Laporan upah").is_visible()


def sentence_start(key: str) -> str:
    return SENTENCES[key].partition("{")[0]


def test_every_other_page_of_a_month_is_accessible(
    firm: Employer, month: Month, browser_context: Open, look: Look
) -> None:
    page = browser_context(1280, for_axe=True).new_page()
    sign_in(page, firm)
    approver = rosters.approver_of(firm)
    rows = rosters.workers(8, month=month)
    report = rosters.reported(firm, month, rows, by=approver)
    now = month.plus(1)
    draft = rosters.prepared(firm, now, changed(rows, now), by=approver)
    number = draft.rows.listed().in_order()[0].number
    here, before = (f"/perusahaan/{firm.reference}/upah/{it}" for it in (now, month))

    for name, address in {
        "months": f"/perusahaan/{firm.reference}/upah/",
        "month in preparation": f"{here}/",
        "month approved": f"{before}/",
        "version": f"{before}/versi/{report.version}/",
        "compare with questions": f"{here}/banding/",
        "compare one list": f"{here}/banding/?bagian=masuk",
        "edit": f"{here}/ubah/",
        "row": f"{here}/ubah/{number}/",
        "add": f"{here}/tambah/",
        "leave": f"{here}/ubah/{number}/keluar/",
        "discard": f"{here}/buang/",
        "upload again": f"{here}/unggah/",
        "supplement": f"{before}/susulan/",
        "replace": f"{before}/ganti/",
        "upload a supplement": f"{before}/unggah/?untuk=susulan",
    }.items():
        page.goto(address)
        assert path_of(page) == address.partition("?")[0]
        look(page, name)


def changed(rows: list[list[object]], month: Month) -> list[list[object]]:
    """Return the rows of a month in which one came, two are missing and two earn otherwise."""
    now = [list(row) for row in rows[:-2]]
    now[0][COLUMNS.index("upah")] = 12_000_000
    now[1][COLUMNS.index("upah")] = 3_000_000
    return [*now, rosters.worker(90, month=month)]


def test_forms_with_faults_are_accessible(
    firm: Employer, month: Month, browser_context: Open, look: Look
) -> None:
    page = browser_context(1280, for_axe=True).new_page()
    sign_in(page, firm)
    walker = Walker(page)
    approver = rosters.approver_of(firm)
    rows = rosters.workers(4, month=month)
    rosters.reported(firm, month, rows, by=approver)
    now = month.plus(1)
    here = f"/perusahaan/{firm.reference}/upah/{now}"

    page.goto(f"{here}/")
    walker.send("Lanjut")
    look(page, "how with a fault")
    page.goto(f"{here}/unggah/")
    walker.send("Unggah dan periksa")
    look(page, "upload with a fault")
    draft = rosters.prepared(firm, now, rows[:2], by=approver)
    page.goto(f"{here}/banding/")
    page.get_by_role("radio", name="Sudah berhenti").first.check()
    walker.send("Simpan dan lanjut")
    look(page, "compare with a fault")
    number = draft.rows.listed().in_order()[0].number
    page.goto(f"{here}/ubah/{number}/")
    walker.type("nama", "")
    walker.type("upah", "?")
    walker.send("Simpan")
    look(page, "row with faults")
    page.goto(f"{here}/ubah/{number}/keluar/")
    walker.send("Keluarkan dari laporan")
    look(page, "leave with faults")
