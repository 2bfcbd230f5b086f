"""J2's first half: from the door of the firms to a registration that the office has approved."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from playwright.sync_api import Locator

from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from employers.actions import decisions
from employers.models import Employer
from tests import make
from tests.browser.journey import Walker
from tests.employers.reporting import rosters

EMAIL = "rini@selat-baja.test"
PASSWORD = "perahu kecil di selat sunda"
FIRM = "PT Selat Baja"
FIELD_OF_WORK = "Bengkel las"
WORKERS = 25


def link_in(email: str = EMAIL) -> str:
    """Return the path in the newest letter: what somebody reads in the mailbox."""
    text = Message.objects.filter(to=email).latest("pk").text
    found = re.search(r"/perusahaan/\S*", text)
    assert found, text
    return found[0]


def approve(size: str = "MEDIUM", risk_group: int = 3) -> Employer:
    """Approve the firm that waits, as somebody of the office does."""
    waiting = Employer.objects.waiting().get()
    return decisions.approve_firm(
        employer=waiting,
        npp=waiting.npp,
        size=size,
        risk_group=risk_group,
        officer=None,
        reason="",
        by=make.user(at=timezone.now()),
        at=timezone.now(),
    )


@dataclass
class FirmWalker(Walker):
    """Somebody who registers a firm, by pointer or by keyboard alone."""

    has_script: bool = True

    def link(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("link", name=name, exact=True).first

    def tick(self, name: str) -> None:
        target = self.page.locator(f"input[type=checkbox][name={name}]")
        if self.by_keyboard:
            self.reach(target)
            self.page.keyboard.press("Space")
        else:
            target.check()
        assert target.is_checked()

    def fill_in(self, **given: str) -> None:
        for name, text in given.items():
            self.type(name, text)
        self.answers += len(given)

    def sign_up(self) -> None:
        """Ask for the link, open it, and set a password."""
        self.page.goto("/perusahaan/")
        self.see("start")
        self.press(self.link("Daftarkan perusahaan"))
        self.fill_in(name="Rini Astuti", email=EMAIL)
        self.see("sign up")
        self.send("Kirim tautan")
        self.see("sent")
        self.page.goto(link_in())
        self.fill_in(password1=PASSWORD, password2=PASSWORD)
        self.see("password")
        self.send("Buat akun")
        self.see("tasks")

    def answer_tasks(self) -> None:
        """Answer every question of the registration, up to the check."""
        self.press(self.link("Mulai mengisi"))
        self.fill_in(name=FIRM, nib="1234 5678 90123", npwp="01.234.567.8-901.000", npp="15070955")
        self.see("facts")
        self.send()
        self.fill_in(address="Jalan Raya Anyer 12")
        self.select("place", "Kubangsari")
        self.answers += 1
        self.see("address")
        self.send()
        self.fill_in(name="Budi Santoso", phone="0812 3456 7000", email="hr@selat-baja.test")
        self.see("contact")
        self.send()
        self.select("line_of_business", f"{FIELD_OF_WORK} (risiko 3)")
        self.choose("size", "Mikro")
        self.tick("wants_jht")
        self.answers += 3
        self.see("programmes")
        self.send()
        self.fill_in(head_count=str(WORKERS))
        self.page.locator("input[name=first_month]:checked").first.wait_for()
        self.choose("how", "Unggah file")
        self.answers += 2
        self.see("workers")
        self.send()

    def upload(self, rows: list[list[object]]) -> None:
        self.page.locator("[name=file]").set_input_files(
            {
                "name": "upah.xlsx",
                "mimeType": "application/octet-stream",
                "buffer": rosters.workbook(rows),
            }
        )
        self.answers += 1
        self.see("upload")
        self.send("Unggah dan periksa")

    def list_workers(self, run_jobs: Callable[[], None]) -> None:
        """Upload the workers of the first month, and wait until the file is read."""
        self.upload(rosters.workers(WORKERS, month=Month.of(timezone.localdate())))
        self.see("waiting")
        status = self.link("Periksa status")
        run_jobs()
        if self.has_script:
            self.page.wait_for_url("**/periksa/")  # the page goes on by itself
        else:
            self.press(status)

    def hand_in(self) -> None:
        """Say that it is true, and send it."""
        self.tick("is_true")
        self.answers += 1
        self.see("check")
        self.send("Kirim pendaftaran")
        self.see("status")

    def register_firm(self, run_jobs: Callable[[], None]) -> None:
        self.sign_up()
        self.answer_tasks()
        self.list_workers(run_jobs)
        self.hand_in()
