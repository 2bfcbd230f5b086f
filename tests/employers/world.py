"""A firm with everything that a firm can have, and the addresses of its pages."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cilegon_portal.accounts.models import Role, User
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.actions import registration, team
from employers.models import Employer, WageReport
from tests import make
from tests.employers.billing import months

ROW = 2
# The pages of a month in preparation; the other pages of a month are of one that was reported.
OF_THE_DRAFT = {
    "report_add",
    "report_approve",
    "report_compare",
    "report_discard",
    "report_edit",
    "report_fixes",
    "report_leave",
    "report_result",
    "report_row",
    "report_upload",
}


@dataclass(frozen=True)
class FirmWorld:
    """One firm, its people, a month that was billed and one that is being prepared."""

    firm: Employer
    approver: User
    reporter: User
    worker: Person
    report: WageReport
    preparing: Month
    sign_up: str
    invitation: str

    @property
    def secrets(self) -> list[str]:
        """Return what nobody of another firm may be shown."""
        account = self.firm.account
        assert account is not None
        contact = self.firm.contacts.get()
        return [
            self.firm.name,
            self.firm.npp,
            self.firm.nib,
            contact.name,
            str(contact.email),
            self.worker.name,
            str(self.worker.id_number),
            account.virtual_account,
            str(self.approver.email),
            self.reporter.name,
        ]

    def values(self, name: str) -> dict[str, Any]:
        """Return what stands in the address of the page `name` of this firm."""
        keys = {
            "end_seat": self.firm.seats.get(user=self.reporter).pk,
            "bill_worker": self.report.lines.get(person=self.worker).pk,
        }
        tokens = {"begin": self.sign_up, "accept": self.invitation}
        return {
            "reference": self.firm.reference,
            "month": self.preparing if name in OF_THE_DRAFT else self.report.month,
            "number": ROW,
            "version": self.report.version,
            "pk": keys.get(name, 0),
            "token": tokens.get(name, ""),
        }


def firm_world(at: datetime, *, worker: str = "Marjuki Wiranata") -> FirmWorld:
    """Make a firm that reported last month and prepares this one, each with `worker`."""
    this = Month.of(at.date())
    number = f"{Employer.objects.count() + 1:04}"
    firm = make.firm(first=this.plus(-1), npp=f"NPPX{number}", name=f"PT Rahasia {number}", at=at)
    registration.save_contact(
        employer=firm,
        kind="HR",
        name=f"Kontak {number}",
        phone=f"+62812999{number}",
        email=f"kontak{number}@rahasia.test",
    )
    approver = firm.seats.get().user
    assert approver is not None
    reporter = make.firm_user(firm, Role.REPORTER, at=at)
    person = make.person(name=worker)
    report = months.approved(firm, [5_100_000], month=this.plus(-1), people=[person], at=at)
    months.draft(firm, [5_100_000], month=this, people=[person], at=at)
    registration.ask(email=f"calon{number}@rahasia.test", name="Calon", at=at)
    team.invite(
        employer=firm, email=f"tamu{number}@rahasia.test", role="REPORTER", by=approver, at=at
    )
    return FirmWorld(
        firm=firm,
        approver=approver,
        reporter=reporter,
        worker=person,
        report=report,
        preparing=this,
        sign_up=token_sent_to(f"calon{number}@rahasia.test"),
        invitation=token_sent_to(f"tamu{number}@rahasia.test"),
    )


def token_sent_to(email: str) -> str:
    text = Message.objects.filter(to=email).latest("pk").text
    found = re.search(r"/perusahaan/(?:mulai|undangan)/([^/\s]+)/", text)
    assert found, text
    return found[1]
