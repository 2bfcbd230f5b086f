"""The payer is told once what came and what became of it."""

import pytest

from cilegon_portal.contributions import actions
from cilegon_portal.outbox.models import Message
from tests import make
from tests.make import AT, DAY, NOVEMBER

PHONE = "+6281234567890"


def texts() -> list[str]:
    return [message.text for message in Message.objects.order_by("pk")]


@pytest.fixture
def told(db):
    def tell(*payments) -> list[str]:
        keys = [payment.pk for payment in payments]
        actions.tell_payers(payments=keys, at=AT)
        actions.tell_payers(payments=keys, at=AT)  # a job may run twice
        return texts()

    return tell


def test_a_receipt_names_amount_day_and_months(told):
    fisher = make.account(phone=PHONE)
    paid = make.payment(16_800, code=make.code(fisher, 2))
    assert told(paid) == [
        (
            "BPJS Ketenagakerjaan Cilegon: kami terima Rp16.800 tanggal 23 November 2026. "
            "Dipakai untuk iuran November 2026, Desember 2026."
        )
    ]


def test_a_receipt_of_many_months_names_the_stretch_and_the_credit(told):
    fisher = make.account(phone=PHONE)
    (text,) = told(make.payment(8_400 * 2 + 16_800 * 3 + 500, code=make.code(fisher, 5)))
    assert "Dipakai untuk 5 bulan iuran, November 2026 sampai Maret 2027." in text
    assert "Saldo Anda Rp500, dipakai sendiri untuk iuran berikutnya." in text


def test_a_group_is_told_how_many_it_paid_for(told):
    group = make.account("GROUP", phone=PHONE)
    members = [make.account(), make.account()]
    (text,) = told(make.payment(16_800, code=make.code(group, members=members)))
    assert "Dipakai untuk 2 iuran anggota." in text


def test_late_money_and_a_second_payment_are_explained(told):
    fisher = make.account(phone=PHONE)
    code = make.code(fisher, days=1)
    late = make.payment(5_000, code=code, at=AT + 2 * DAY)
    new = make.code(fisher, at=AT + 2 * DAY)
    code.refresh_from_db()
    replaced = make.payment(100, code=code, at=AT + 3 * DAY)
    make.payment(8_400, code=new, at=AT + 3 * DAY)
    twice = make.payment(8_400, code=new, at=AT + 4 * DAY)
    found = told(late, replaced, twice)
    assert "Uang ini belum membayar iuran bulan mana pun." not in found[0]
    assert f"Kode bayar {code.reference} sudah diganti." in found[1]
    assert f"Kode bayar {new.reference} sudah lunas sebelumnya." in found[2]


def test_money_on_an_expired_code_is_explained(told):
    fisher = make.account(phone=PHONE)
    code = make.code(fisher, days=1)
    (text,) = told(make.payment(5_000, code=code, at=AT + 2 * DAY))
    assert f"Kode bayar {code.reference} sudah lewat waktu." in text
    assert "Uang ini belum membayar iuran bulan mana pun." in text
    assert "Saldo Anda Rp5.000" in text


def test_nobody_is_told_without_a_phone_or_an_account(told):
    assert told(make.payment(5_000), make.payment(5_000, account=make.account())) == []


def test_n_payments_leave_one_job(run_jobs):
    codes = [make.code(make.account(phone=f"+62812345678{n}0")) for n in range(5)]
    moneys = [make.money(8_400, code=code) for code in codes]
    actions.post_payments(moneys=moneys, by=None, at=AT)
    actions.post_payments(moneys=moneys, by=None, at=AT)

    from procrastinate.contrib.django.models import ProcrastinateJob

    jobs = ProcrastinateJob.objects.filter(task_name__endswith="contributions.tasks.tell_payers")
    assert [len(job.args["payments"]) for job in jobs] == [5]
    run_jobs()
    assert len(texts()) == 5


def test_the_job_closes_codes_whose_time_is_over(db):
    from cilegon_portal.contributions.tasks import close_expired_codes

    code = make.code(make.account(), at=AT - 100 * DAY, first=NOVEMBER.plus(-3))
    close_expired_codes(timestamp=0)
    code.refresh_from_db()
    assert (code.closed_because, code.closed_at) == ("EXPIRED", code.expires_at)
