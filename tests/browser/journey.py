"""J1 of the journeys: from the front page to a paid card, as one person at one browser does it.

A `Walker` fills the pages in by pointer or by keyboard alone, and counts what it asked of somebody.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import Locator, Page

from cilegon_portal.accounts import actions as accounts
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from tests.contributions import law

NIK = "3672992703850001"  # 367299 is nobody's region: 27 March 1985
PHONE = "+6281234567001"
TYPED_PHONE = "0812 3456 7001"
PAGES_TO_CONFIRMATION = 12
LONGEST_WALK = 120  # Tab presses until a field must have had the focus
STEPS = ("start", "occupation", "nik", "name", "phone", "code", "place", "months", "check")

Look = Callable[[str], None]


def prepare() -> None:
    """Make the served portal a demo, whose button stands for the bank."""
    accounts.mark_as_demo(at=timezone.now())


def price_of(month: Month, *, sector: str) -> int:
    """Return JKK and JKM of the lowest band, from the regulations' own figures."""
    since, until = law.BPU_TRANSPORT if sector == "TRANSPORT" else law.BPU_OTHER
    full = law.BANDS[0][2] + 6_800  # PP 44/2015 Lamp. II and Ps. 18
    return full // 2 if since <= month.first_day < until else full


def price_of_months(number: int, *, sector: str = "OTHER") -> int:
    first = Month.of(timezone.localdate())
    return sum(price_of(first.plus(later), sector=sector) for later in range(number))


def rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")


def code_for(phone: str = PHONE) -> str:
    """Return the digits that were sent last: what somebody reads from the phone."""
    return Message.objects.filter(to=phone, purpose="CODE").latest("pk").text[:6]


def path_of(page: Page) -> str:
    return urlsplit(page.url).path


def follow(target: Locator) -> None:
    """Click a link or button, and wait for the page behind it."""
    with target.page.expect_navigation():
        target.click()


@dataclass
class Walker:
    """One person at one browser; `seen` pages, `answers` given, `codes` typed."""

    page: Page
    by_keyboard: bool = False
    look: Look = lambda name: None
    seen: list[str] = field(default_factory=list)
    answers: int = 0
    codes: int = 0

    # --- hands ---

    def reach(self, target: Locator) -> None:
        """Press Tab until `target` has the focus, as somebody without a pointer does."""
        for _ in range(LONGEST_WALK):
            if target.evaluate("element => element === document.activeElement"):
                self.must_see_focus()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target} on {self.page.url}")

    def must_see_focus(self) -> None:
        """Fail where the focused element lies under something else (WCAG 2.4.11), or unmarked."""
        hidden = self.page.evaluate(
            """() => {
              const focused = document.activeElement;
              const shown = focused.closest("label") || focused;
              const box = shown.getBoundingClientRect();
              const x = box.x + box.width / 2, y = box.y + box.height / 2;
              const top = document.elementFromPoint(x, y);
              const label = focused.labels && focused.labels[0];
              const own = [focused, shown, label].filter(Boolean);
              return own.some(it => top && (it.contains(top) || top.contains(it))) ? "" :
                focused.outerHTML;
            }"""
        )
        assert not hidden, f"{self.page.url}: the focus is hidden: {hidden}"

    def press(self, target: Locator) -> None:
        if not self.by_keyboard:
            follow(target)
            return
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, name: str, text: str) -> None:
        target = self.page.locator(f"[name={name}]")
        if self.by_keyboard:
            self.reach(target)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        else:
            target.fill(text)

    def choose(self, name: str, label: str) -> None:
        """Take the radio button of `name` whose label begins with `label`."""
        radios = self.page.locator(f"input[type=radio][name={name}]")
        target = self.page.get_by_role("radio", name=re.compile(f"^{re.escape(label)}"))
        if not self.by_keyboard:
            target.check()
            return
        for _ in range(LONGEST_WALK):
            if self.page.evaluate("document.activeElement.name") == name:
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(radios.count()):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reach {label} on {self.page.url}")

    def select(self, name: str, label: str) -> None:
        target = self.page.locator(f"select[name={name}]")
        if self.by_keyboard:
            self.reach(target)
            self.page.keyboard.type(label)
        else:
            target.select_option(label=label)

    # --- the journey ---

    def see(self, name: str) -> None:
        self.seen.append(name)
        self.look(name)

    def send(self, button: str = "Lanjut") -> None:
        self.press(self.page.get_by_role("button", name=button, exact=True))

    def begin(self) -> None:
        self.page.goto("/")
        self.look("front")
        self.press(self.page.get_by_role("link", name="Daftar sekarang"))
        self.see("start")
        self.send("Mulai")

    def answer(self, step: str, *, occupation: str = "Nelayan", nik: str = NIK) -> None:
        """Fill in the page of one step of the registration, and send it."""
        asked = {
            "occupation": lambda: self.choose("choice", occupation),
            "nik": lambda: self.type("nik", nik),
            "name": self.say_name,
            "phone": lambda: self.type("phone", TYPED_PHONE),
            "code": self.type_code,
            "place": lambda: self.select("place", "Suralaya"),
            "months": lambda: self.choose("months", "3 bulan"),
            "check": lambda: None,
        }
        asked[step]()
        self.answers += {"name": 2, "check": 0}.get(step, 1)
        self.see(step)
        buttons = {"phone": "Kirim kode", "check": "Daftar dan buat kode bayar"}
        self.send(buttons.get(step, "Lanjut"))

    def say_name(self) -> None:
        self.type("name", "Sarip Hidayat")
        for part, text in (("day", "27"), ("month", "maret"), ("year", "1985")):
            self.type(f"birth_date_{part}", text)

    def type_code(self) -> None:
        self.codes += 1
        self.type("code", code_for())

    def register(self, **more: str) -> None:
        self.begin()
        for step in STEPS[1:]:
            self.answer(step, **more)

    def pay(self) -> None:
        """Choose a way, and let the money arrive."""
        self.see("pay")
        self.press(self.page.get_by_role("link", name=re.compile("^QRIS")))
        self.see("code shown")
        self.send("Bayar sekarang (contoh)")
        self.see("done")
