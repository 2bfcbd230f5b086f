"""Messages: written with what needs them, sent once, tried again, and sent to the willing."""

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from cilegon_portal.outbox import actions, channels
from cilegon_portal.outbox.models import Message, OptOut
from tests.accounts.test_limits import in_parallel

PHONE = "+6281234567890"


class Broken:
    """A provider that takes nothing."""

    def deliver(self, _message: Message) -> None:
        raise channels.NotDelivered


@pytest.fixture(autouse=True)
def fresh_providers():
    channels.provider.cache_clear()


@pytest.fixture
def broken(settings):
    name = f"{__name__}.Broken"
    settings.OUTBOX_CHANNELS = {"SMS": name, "WA": name, "EMAIL": name}


def write(at, key="kunci", purpose=Message.Purpose.CODE, **more):
    given = {"channel": "SMS", "to": PHONE, "text": "905172 adalah kode Anda"} | more
    return actions.send(dedupe_key=key, purpose=purpose, at=at, **given)


def fetch(message):
    return Message.objects.get(pk=message.pk)


def test_one_key_is_one_message_and_one_job(db, at):
    first = write(at)

    assert write(at, text="lain") == first
    assert Message.objects.get().text == "905172 adalah kode Anda"
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == (actions.DELIVER, {"message_key": first.pk})


def test_what_is_rolled_back_sends_nothing(committed, at):
    with transaction.atomic():
        write(at)
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_the_text_stands_nowhere_in_clear(db, at):
    write(at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, row_to_json(m)::text FROM outbox_message m")
        stored, row = cursor.fetchone()

    assert b"905172" not in bytes(stored)
    assert "905172" not in row


def test_the_job_delivers_once(committed, at, run_jobs, caplog):
    message = write(at)

    with caplog.at_level(logging.INFO, logger="cilegon_portal.outbox"):
        run_jobs()

    assert fetch(message).sent_at is not None
    assert fetch(message).tries == 1
    assert not actions.deliver(message_key=message.pk, at=at + timedelta(hours=1))


def test_the_log_holds_neither_number_nor_text(db, at, caplog):
    message = write(at)

    with caplog.at_level(logging.DEBUG, logger="cilegon_portal.outbox"):
        actions.deliver(message_key=message.pk, at=at)

    assert "SMS ke +62•••7890 (kode masuk, isi tidak ditampilkan)" in caplog.text
    assert PHONE not in caplog.text
    assert "905172" not in caplog.text


def test_the_text_is_logged_for_a_developer_only(db, at, caplog, settings):
    settings.DEBUG = True
    message = write(at)

    with caplog.at_level(logging.DEBUG, logger="cilegon_portal.outbox"):
        actions.deliver(message_key=message.pk, at=at)

    assert "905172" in caplog.text


def test_parallel_senders_send_once(committed, at):
    message = write(at)

    sent = in_parallel(4, lambda _: actions.deliver(message_key=message.pk, at=at))

    assert sorted(sent) == [False, False, False, True]


def test_a_message_not_taken_is_tried_again_later_each_time(db, at, broken):
    message = write(at)
    moment, waits = at, []
    for _ in actions.WAITS:
        assert not actions.deliver(message_key=message.pk, at=moment)
        waits.append(fetch(message).retry_not_before - moment)
        moment = fetch(message).retry_not_before

    assert tuple(waits) == actions.WAITS
    actions.deliver(message_key=message.pk, at=moment)
    assert fetch(message).given_up_at == moment
    assert not actions.deliver(message_key=message.pk, at=moment + timedelta(days=2))


def test_a_message_is_not_tried_before_its_time(db, at, broken):
    message = write(at)
    actions.deliver(message_key=message.pk, at=at)

    actions.deliver(message_key=message.pk, at=at + timedelta(seconds=9))

    assert fetch(message).tries == 1


def test_a_dead_sender_leaves_its_message_to_the_next_one(db, at):
    message = write(at)
    assert actions.claim(message_key=message.pk, at=at)

    assert actions.claim(message_key=message.pk, at=at + timedelta(minutes=1)) is None
    assert actions.claim(message_key=message.pk, at=at + actions.LEASE)


def test_due_messages_get_a_job_again(db, at, broken):
    tried, lost = write(at, "a"), write(at, "b")
    actions.deliver(message_key=tried.pk, at=at)
    before = ProcrastinateJob.objects.count()

    assert actions.enqueue_due(at=at + timedelta(seconds=9)) == 0
    assert actions.enqueue_due(at=at + timedelta(seconds=10)) == 1
    assert actions.enqueue_due(at=at + actions.LEASE) == 2
    assert ProcrastinateJob.objects.count() == before + 3
    assert fetch(lost).tries == 0


def test_who_opted_out_gets_no_reminder_even_a_waiting_one(db, at):
    message = write(at, purpose=Message.Purpose.REMINDER)
    actions.opt_out(to=PHONE, purpose=Message.Purpose.REMINDER, at=at)
    actions.opt_out(to=PHONE, purpose=Message.Purpose.REMINDER, at=at)

    assert not actions.deliver(message_key=message.pk, at=at)
    assert fetch(message).given_up_at == at
    code = write(at, "kode")
    assert actions.deliver(message_key=code.pk, at=at)


def test_an_opt_out_is_taken_back(db, at):
    actions.opt_out(to=PHONE, purpose=Message.Purpose.REMINDER, at=at)
    actions.opt_in(to=PHONE, purpose=Message.Purpose.REMINDER)

    message = write(at, purpose=Message.Purpose.REMINDER)

    assert actions.deliver(message_key=message.pk, at=at)


def test_an_email_goes_to_the_mail_server(db, at, settings):
    settings.OUTBOX_CHANNELS = {"EMAIL": "cilegon_portal.outbox.channels.Mail"}
    message = write(
        at, channel="EMAIL", to="a@b.id", subject="Perihal", purpose=Message.Purpose.SECURITY
    )

    actions.deliver(message_key=message.pk, at=at)

    assert [(letter.subject, letter.to) for letter in mail.outbox] == [("Perihal", ["a@b.id"])]
    assert mail.outbox[0].extra_headers["Message-ID"] == "<kunci@localhost>"


def test_a_subject_is_one_line_whatever_name_is_in_it(db, at, settings):
    settings.OUTBOX_CHANNELS = {"EMAIL": "cilegon_portal.outbox.channels.Mail"}
    message = write(at, channel="EMAIL", to="a@b.id", subject="PT Baja\nBcc: x@contoh.id")

    assert actions.deliver(message_key=message.pk, at=at)
    assert mail.outbox[0].subject == "PT Baja Bcc: x@contoh.id"


def test_a_mail_server_that_is_away_is_tried_again(db, at, settings):
    settings.OUTBOX_CHANNELS = {"EMAIL": "cilegon_portal.outbox.channels.Mail"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = write(at, channel="EMAIL", to="a@b.id", purpose=Message.Purpose.SECURITY)

    assert not actions.deliver(message_key=message.pk, at=at)
    assert fetch(message).retry_not_before == at + actions.WAITS[0]


@pytest.mark.parametrize(
    ("to", "shown"), [(PHONE, "+62•••7890"), ("siti@contoh.id", "s•••@contoh.id")]
)
def test_a_receiver_is_shown_in_part(to, shown):
    assert channels.masked(to) == shown


def test_texts_with_codes_are_forgotten_after_a_day(db, at):
    write(at, "a")
    write(at, "b", purpose=Message.Purpose.PAYMENT)

    assert actions.forget_codes(made_before=at + timedelta(seconds=1)) == 1
    assert Message.objects.get().dedupe_key == "b"


def test_a_job_whose_worker_was_killed_runs_again(committed, at, run_jobs):
    message = write(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '5 minutes') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    actions.app.configure_task("cilegon_portal.outbox.tasks.rescue_stalled_jobs").defer(timestamp=0)

    run_jobs()
    run_jobs()

    assert fetch(message).sent_at is not None


def test_jobs_that_were_done_a_week_ago_are_forgotten(committed, at, run_jobs):
    write(at)
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '8 days'")
    write(at, "b")
    actions.app.configure_task("cilegon_portal.outbox.tasks.forget_done_jobs").defer(timestamp=0)

    run_jobs()

    left = ProcrastinateJob.objects.order_by("pk").values_list("task_name", flat=True)
    assert [name.rsplit(".", 1)[1] for name in left] == ["deliver", "forget_done_jobs"]


@pytest.mark.parametrize(
    ("constraint", "write_row"),
    [
        (
            "message_is_sent_or_given_up_not_both",
            lambda at: Message.objects.update(sent_at=at, given_up_at=at),
        ),
        (
            "opt_out_is_of_an_optional_purpose",
            lambda at: OptOut.objects.create(to=PHONE, purpose="CODE", at=at),
        ),
        (
            "opt_out_stands_once",
            lambda at: [
                OptOut.objects.create(to=PHONE, purpose="REMINDER", at=at) for _ in range(2)
            ],
        ),
    ],
)
def test_the_database_refuses(db, at, constraint, write_row):
    write(at)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write_row(at)
