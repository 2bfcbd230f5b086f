"""Firms at the desk in a browser: found, filtered, decided about, changed, closed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.accounts import demo
from cilegon_portal.accounts.models import Role
from cilegon_portal.dashboard.models import SavedView
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.months import Month
from employers.actions import decisions
from employers.models import Employer
from tests import make
from tests.browser.journey import follow, path_of, prepare
from tests.browser.test_desk import sign_in

Open = Callable[..., BrowserContext]
Look = Callable[[Page, str], None]
WIDTHS = ((360, 640), (1280, 800))
NAMES = (
    "PT Krakatau Baja Konstruksi", "CV Anyer Jaya", "Koperasi Nelayan Merak", "PT Selat Sunda",
    "Toko Besi Ciwandan", "PT Cilegon Kimia Utama", "UD Sumber Rezeki", "PT Bahari Pelabuhan Indah",
)  # fmt: skip


@pytest.fixture
def office(site: str) -> str:
    """Return the address of a portal with its demo staff and firms in every state."""
    at = timezone.now()
    prepare()
    demo.create_demo_users(at)
    fill(at)
    return site


def fill(at: datetime) -> None:
    month = Month.of(timezone.localdate(at)).plus(-1)
    wards = list(Kelurahan.objects.order_by("pk")[:30])
    by = make.user(name="Rina Marlina")
    for number in range(32):
        firm = make.firm(
            name=f"{NAMES[number % len(NAMES)]} {number + 1}",
            npp=f"BJ{number:06}" if number % 3 else "",
            first=month.plus(-5),
            kelurahan=wards[number % len(wards)],
            is_outside=False,
            at=at,
        )
        if number % 4:
            kind = "ESTIMATE" if number % 4 == 1 else "REGULAR"
            make.wage_report(
                firm, month, kind=kind, workers=12 * number, jkk=90_000 * number, at=at
            )
        if number % 5 == 0:
            make.firm_bill(1_250_000 + number, month.plus(-2), firm=firm.account, at=at)
    older = make.person(name="Muhammad Ilham", at=at)
    make.employment(
        make.firm(name="PT Beda Data", at=at),
        older,
        reported_name="Muhamad Ilham",
        is_different=True,
    )
    sent = make.registering(name="PT Pendaftar Baru", at=at)
    decisions.send(employer=sent, by=make.firm_user(sent), at=at)
    gone = make.firm(name="PT Sudah Pergi", at=at)
    decisions.close_firm(
        employer=gone,
        cause="DISSOLVED",
        last_month=month,
        evidence=[decisions.Proof("FIRM_LETTER", "1"), decisions.Proof("AGENCY_LETTER", "2")],
        reason="Bubar menurut akta notaris",
        by=by,
        at=at,
    )


@pytest.fixture
def look(
    assert_accessible: Callable[[Page], None], take_picture: Callable[[Page, str], None]
) -> Look:
    """Return a function that holds a page of the desk to WCAG at both widths."""

    def check(page: Page, name: str) -> None:
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
            take_picture(page, f"firms {name}")

    return check


def test_an_officer_finds_firms_decides_about_one_and_closes_another(
    office: str, browser_context: Open, look: Look
) -> None:
    page = browser_context(1280, for_axe=True).new_page()
    sign_in(page, Role.OFFICER)

    must_filter(page, look)
    must_keep_the_filter(page, look)
    must_approve(page, look)
    must_change_terms(page, look)
    must_close(page, look)
    must_settle(page, look)


def must_filter(page: Page, look: Look) -> None:
    page.goto("/kantor/perusahaan/")
    look(page, "list")
    page.select_option("[name=f_tunggak]", label="Ada")
    follow(page.get_by_role("button", name="Terapkan"))
    assert page.get_by_role("row").count() == 1 + 7
    follow(page.get_by_role("link", name="Tunggakan", exact=True))
    look(page, "filtered")
    follow(page.get_by_role("link", name="Pilih semua di halaman ini").first)
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh XLSX").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.goto("/kantor/perusahaan/?q=tidak+ada")
    look(page, "nothing found")


def must_keep_the_filter(page: Page, look: Look) -> None:
    page.goto("/kantor/perusahaan/?f_lapor=BELUM&sort=-tunggakan")
    follow(page.get_by_role("link", name="Simpan saringan ini"))
    follow(page.get_by_role("button", name="Simpan saringan"))
    look(page, "name of a filter missing")
    page.fill("[name=name]", "Belum lapor")
    page.get_by_label("Tampilkan juga untuk rekan sekantor").check()
    page.get_by_role("button", name="Simpan saringan").dblclick()
    page.wait_for_url("**/kantor/perusahaan/?f_lapor=BELUM**")
    assert SavedView.objects.get().is_shared
    follow(page.get_by_role("link", name="Atur kolom"))
    page.get_by_role("checkbox", name="Petugas").check()
    look(page, "columns")
    follow(page.get_by_role("button", name="Simpan kolom"))
    assert page.get_by_role("columnheader", name="Petugas").count() == 1
    look(page, "with saved filters")


def must_approve(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name="Pendaftaran"))
    look(page, "registrations")
    follow(page.get_by_role("link", name="PT Pendaftar Baru"))
    look(page, "registration")
    follow(page.get_by_role("button", name="Simpan keputusan"))
    assert page.title().startswith("Kesalahan: ")
    look(page, "decision missing")
    page.get_by_role("radio", name="Setujui").check()
    follow(page.get_by_role("button", name="Simpan keputusan"))
    assert Employer.objects.get(name="PT Pendaftar Baru").state == "ACTIVE"
    look(page, "no registrations")


def must_change_terms(page: Page, look: Look) -> None:
    page.goto("/kantor/perusahaan/?q=Krakatau&sort=-tunggakan")
    follow(page.get_by_role("row").nth(1).get_by_role("link"))
    look(page, "firm")
    follow(page.get_by_role("link", name="Ubah ketentuan"))
    look(page, "terms")
    page.select_option("[name=risk_group]", "5")
    page.fill("[name=reason]", "Pindah ke bidang usaha lain menurut NIB")
    follow(page.get_by_role("button", name="Lihat akibatnya"))
    look(page, "terms with effect")
    follow(page.get_by_role("button", name="Simpan ketentuan"))
    assert "Kelompok 5" in page.get_by_role("main").inner_text()


def must_close(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name="Ubah batas unggah"))
    look(page, "limit")
    page.go_back()
    follow(page.get_by_role("link", name="Nonaktifkan perusahaan"))
    follow(page.get_by_role("button", name="Nonaktifkan perusahaan"))
    look(page, "closing refused")
    page.get_by_role("radio", name="Bubar").check()
    page.select_option("[name=last_month_month]", label="Oktober")
    page.fill("[name=last_month_year]", "2026")
    page.fill("[name=reason]", "Surat pembubaran diterima di loket")
    for number, kind in ((1, "FIRM_LETTER"), (2, "AGENCY_LETTER")):
        page.select_option(f"[name=bukti{number}-kind]", kind)
        page.fill(f"[name=bukti{number}-number]", f"00{number}/XI/2026")
    look(page, "closing")
    follow(page.get_by_role("button", name="Nonaktifkan perusahaan"))
    look(page, "closed firm")
    follow(page.get_by_role("link", name="Aktifkan lagi"))
    look(page, "reopen")


def must_settle(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name="Perbedaan data"))
    look(page, "differences")
    follow(page.get_by_role("link", name="Muhamad Ilham"))
    look(page, "difference")
    page.get_by_role("radio", name="Hanya beda ejaan").check()
    follow(page.get_by_role("button", name="Catat selesai"))
    assert path_of(page) == "/kantor/perbedaan/"
    look(page, "no differences")


def test_the_list_works_without_a_script(office: str, browser_context: Open) -> None:
    with_script = browser_context(1280).new_page()
    sign_in(with_script, Role.OFFICER)
    page = browser_context(
        360, js=False, storage_state=with_script.context.storage_state()
    ).new_page()

    page.goto("/kantor/perusahaan/")
    page.fill("main [name=q]", "krakatau")
    follow(page.get_by_role("button", name="Terapkan"))

    assert page.get_by_role("row").count() == 1 + 4
    follow(page.get_by_role("link", name="Nama atau nomor: krakatau"))
    assert page.get_by_role("row").count() > 10
