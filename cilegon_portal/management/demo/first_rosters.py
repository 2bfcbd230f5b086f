"""Lists the first workers of the made-up firms that wait for the office, as a file would."""

from collections.abc import Iterable
from datetime import timedelta

from cilegon_portal.accounts.models import User
from cilegon_portal.fields import blind_index
from cilegon_portal.management.demo.firms import Firm, Standing, Worker
from employers.actions.drafts import KEPT_FOR, be_ready
from employers.actions.last_month import minimum_wage_in
from employers.actions.row_writing import writing
from employers.models import Employer, ReportDraft, WageReport
from employers.rules.columns import CANONICAL
from employers.rules.rows import Frame, Row, compare, read_row

BEFORE_SENDING = timedelta(minutes=10)
ANSWER = "Sudah benar"  # to a low wage


def write_first_rosters(standing: Iterable[tuple[Firm, Employer, User]]) -> None:
    """Write the list of the first month of every registration that the office has to look at."""
    for firm, employer, approver in standing:
        if firm.listed:
            write_roster(firm, employer, approver)


def write_roster(firm: Firm, employer: Employer, approver: User) -> None:
    made_at = firm.sent_at - BEFORE_SENDING
    kept_from = firm.decided_at if firm.standing is Standing.RETURNED else made_at
    draft = ReportDraft.objects.create(
        employer=employer,
        month=firm.first_month,
        source=WageReport.Source.UPLOAD,
        state=ReportDraft.State.READING,
        made_by=approver,
        made_at=made_at,
        expires_at=kept_from + KEPT_FOR,
    )
    minimum = minimum_wage_in(firm.first_month)
    frame = Frame.of(firm.first_month, minimum_wage=minimum)
    with writing(draft.pk) as rows:
        for worker in firm.listed:
            row = row_of(worker, frame, minimum=minimum or 0)
            rows.append(row, blind_index("person.id", worker.id_number))
    draft.rows.exclude(warnings=[]).update(reason=ANSWER)
    rows.warned = 0
    be_ready(draft, rows, at=made_at)


def row_of(worker: Worker, frame: Frame, *, minimum: int) -> Row:
    cells = {
        "nik" if worker.id_kind == "NIK" else "paspor": worker.id_number,
        "nama": worker.reported_name,
        "tanggal_lahir": worker.birth_date,
        "jenis_kelamin": worker.sex,
        "kpj": worker.kpj or None,
        "mulai_kerja": worker.started_on,
        "upah": worker.wage(minimum),
    }
    row = read_row([cells.get(name) for name in CANONICAL], frame)
    compare(row, None, frame)
    return row
