"""What sign-in writes: phone codes, limits, forms that are done once, users and their roles."""

import hmac
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.exceptions import SuspiciousOperation
from django.db import connection, transaction
from django.db.models import F

from cilegon_portal.accounts.models import (
    MAX_TRIES,
    STAFF_ROLES,
    Attempt,
    DemoMark,
    FailedSignIn,
    PhoneCode,
    Reveal,
    Role,
    SubmittedForm,
    User,
)
from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message

CODE_LIFE = timedelta(minutes=10)
CODE_LIMITS = (  # R2, of one number; codes made at the counter do not count
    (1, timedelta(seconds=30)),
    (3, timedelta(minutes=15)),
    (8, timedelta(days=1)),
)
CODES_OF_ONE_IP = (600, timedelta(hours=1))
SAME_PRESS = timedelta(seconds=60)  # a second press of one button comes within this time
PASSWORD_WAITS = (0, 0, 0, 2, 5, 15, 60)  # R1: seconds after the 1st, 2nd … wrong password
PASSWORDS_FORGOTTEN = timedelta(days=1)
LONGEST_FORM_ID = 64


class TooMany(Exception):
    """A limit is reached; `until` is the moment from which it may be tried again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def seconds(self, at: datetime) -> int:
        """Return the whole seconds to wait at `at`, at least one."""
        return max(1, -int((at - self.until) // timedelta(seconds=1)))


def count_attempt(key: str, *, limit: int, window: timedelta, at: datetime) -> int:
    """Count one attempt of `key` in the window that `at` lies in; raise TooMany past `limit`.

    One statement, so that parallel processes count exactly. It is called outside the transaction
    of the thing counted: what is rolled back was not counted.
    """
    seconds = int(window.total_seconds())
    start = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_attempt AS seen (key_hash, window_start, count)
            VALUES (%s, %s, 1)
            ON CONFLICT (key_hash, window_start) DO UPDATE SET count = seen.count + 1
            RETURNING count
            """,
            [blind_index("accounts.attempt", key), start],
        )
        count: int = cursor.fetchone()[0]
    if count > limit:
        raise TooMany(start + window)
    return count


def start_password_try(name: str, *, at: datetime) -> None:
    """Take one try for sign-in name `name` (known or not); raise TooMany while it must wait.

    The try counts as wrong until `end_password_tries` says that it was right, so that a hundred
    parallel guesses are one guess.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_failedsignin AS seen (key_hash, failures, wait_until)
            VALUES (%(key)s, 1, %(at)s)
            ON CONFLICT (key_hash) DO UPDATE SET
              failures = CASE WHEN seen.wait_until < %(old)s THEN 1 ELSE seen.failures + 1 END,
              wait_until = %(at)s + MAKE_INTERVAL(secs => CASE
                WHEN seen.wait_until < %(old)s THEN 0
                ELSE (%(waits)s::int[])[LEAST(seen.failures + 1, %(last)s)] END)
            WHERE seen.wait_until <= %(at)s
            RETURNING failures
            """,
            {
                "key": password_key(name),
                "at": at,
                "old": at - PASSWORDS_FORGOTTEN,
                "waits": list(PASSWORD_WAITS),
                "last": len(PASSWORD_WAITS),
            },
        )
        taken = cursor.fetchone()
    if taken is None:
        raise TooMany(FailedSignIn.objects.get(key_hash=password_key(name)).wait_until)


def end_password_tries(name: str) -> None:
    """Forget the wrong passwords of `name`: the right one came."""
    FailedSignIn.objects.filter(key_hash=password_key(name)).delete()


def password_key(name: str) -> bytes:
    return blind_index("accounts.password", name.strip().lower())


class CodeRefused(Exception):
    """The code is not taken; `tries_left` of the newest code (0: ask for a new one)."""

    def __init__(self, tries_left: int = 0) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class WrongCode(CodeRefused):
    """Another code was sent."""


class CodeExpired(CodeRefused):
    """No code sent to this number is still alive."""


def code_hash(phone: str, purpose: str, code: str) -> bytes:
    return blind_index("accounts.phone_code", f"{phone}|{purpose}|{code}")


def send_code(
    *, phone: str, purpose: str, channel: str, at: datetime, draft: str = "", ip: str = ""
) -> PhoneCode:
    """Send six digits to `phone` (E.164), known or not; raise TooMany past a limit of R2.

    An older code stays good inside its life. The digits leave in the message and nowhere else.
    """
    if ip:
        limit, window = CODES_OF_ONE_IP
        count_attempt(f"code-ip:{ip}", limit=limit, window=window, at=at)
    with transaction.atomic():
        lock_phone(phone)
        refuse_too_many(phone, at=at)
        code, digits = new_code(phone=phone, purpose=purpose, channel=channel, at=at, draft=draft)
        send(
            channel=channel,
            to=phone,
            text=f"{digits} adalah kode Anda untuk Portal BPJS Ketenagakerjaan Cilegon. Berlaku 10 "
            "menit. Jangan beri tahu siapa pun lewat telepon atau pesan.",
            dedupe_key=f"code-{code.pk}",
            purpose=Message.Purpose.CODE,
            at=at,
        )
    return code


def make_counter_code(*, phone: str, purpose: str, by: User, at: datetime, draft: str = "") -> str:
    """Return six digits for staff `by` to read out to the person at the counter."""
    with transaction.atomic():
        _, digits = new_code(
            phone=phone,
            purpose=purpose,
            channel=PhoneCode.Channel.COUNTER,
            at=at,
            draft=draft,
            by=by,
        )
    return digits


def new_code(
    *, phone: str, purpose: str, channel: str, at: datetime, draft: str, by: User | None = None
) -> tuple[PhoneCode, str]:
    digits = f"{secrets.randbelow(10**6):06d}"
    code = PhoneCode.objects.create(
        phone=phone,
        code_hash=code_hash(phone, purpose, digits),
        purpose=purpose,
        draft=draft,
        channel=channel,
        made_at=at,
        expires_at=at + CODE_LIFE,
        made_by=by,
    )
    return code, digits


def lock_phone(phone: str) -> None:
    """Let one transaction at a time count and send codes for `phone`."""
    key = int.from_bytes(blind_index("accounts.phone_lock", phone)[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def refuse_too_many(phone: str, *, at: datetime) -> None:
    most = max(limit for limit, _ in CODE_LIMITS)
    sent = PhoneCode.objects.sent_to(phone).order_by("-made_at", "-pk")
    times = list(sent.values_list("made_at", flat=True)[:most])
    waits = [
        times[limit - 1] + window
        for limit, window in CODE_LIMITS
        if len(times) >= limit and times[limit - 1] + window > at
    ]
    if waits:
        raise TooMany(max(waits))


def codes_sent_since(moment: datetime) -> int:
    """Return how many codes were sent after `moment`: each costs the office money."""
    sent = PhoneCode.objects.exclude(channel=PhoneCode.Channel.COUNTER)
    return sent.filter(made_at__gt=moment).count()


def check_code(
    *, phone: str, purpose: str, code: str, at: datetime, browser: str = ""
) -> PhoneCode:
    """Return the code row that `code` opens and use it up; raise WrongCode or CodeExpired.

    A wrong code costs a try of every live code of this number and purpose; they are written even
    where `once` runs this. The right code is good once; the same `browser` (its `form_owner`) may
    press the button twice.
    """
    typed = code_hash(phone, purpose, "".join(code.split()))
    with transaction.atomic():
        codes = list(
            PhoneCode.objects.filter(phone=phone, purpose=purpose, expires_at__gt=at)
            .order_by("pk")
            .select_for_update()
        )
        live = [row for row in codes if row.used_at is None and row.tries < MAX_TRIES]
        found = [row for row in live if hmac.compare_digest(bytes(row.code_hash), typed)]
        again = [row for row in codes if is_same_press(row, typed, at=at, browser=browser)]
        if found:
            use_up(found[-1], live, at=at, browser=browser)
        elif not again:
            PhoneCode.objects.filter(pk__in=[row.pk for row in live]).update(tries=F("tries") + 1)
    if found or again:
        return (found or again)[-1]
    if not live:
        raise CodeExpired
    raise WrongCode(MAX_TRIES - live[-1].tries - 1)


def use_up(code: PhoneCode, live: Collection[PhoneCode], *, at: datetime, browser: str) -> None:
    """Note that `code` was used, and close the other codes of the same draft with it."""
    closed = [row.pk for row in live if row.draft == code.draft and row.pk != code.pk]
    PhoneCode.objects.filter(pk__in=closed).update(used_at=at)
    code.used_at = at
    code.used_by_hash = blind_index("accounts.browser", browser) if browser else None
    code.save(update_fields=["used_at", "used_by_hash"])


def is_same_press(code: PhoneCode, typed: bytes, *, at: datetime, browser: str) -> bool:
    """Tell whether this is the code that this browser used a moment ago."""
    if not browser or code.used_at is None or code.used_by_hash is None:
        return False
    return (
        at - code.used_at < SAME_PRESS
        and hmac.compare_digest(bytes(code.used_by_hash), blind_index("accounts.browser", browser))
        and hmac.compare_digest(bytes(code.code_hash), typed)
    )


class BadFormId(SuspiciousOperation):
    """The form came without the id that we printed into it."""


def once(form_id: str, user_or_session: str, at: datetime, do: Callable[[], str]) -> str:
    """Run `do` once for this form of this sender, and give its address to every other call.

    A parallel call waits for the first. If `do` raises, nothing is kept and the form may be sent
    again; only a CodeRefused keeps what was written, so that its tries count.
    """
    if not 0 < len(form_id) <= LONGEST_FORM_ID or not form_id.isprintable():
        raise BadFormId
    owner = blind_index("accounts.form_owner", user_or_session)
    refused: CodeRefused | None = None
    with transaction.atomic():
        form = SubmittedForm(form_id=form_id, owner_hash=owner, result="", at=at)
        SubmittedForm.objects.bulk_create([form], ignore_conflicts=True)
        row = SubmittedForm.objects.get(form_id=form_id, owner_hash=owner)
        if row.result:
            return row.result
        try:
            row.result = do()
        except CodeRefused as refusal:
            refused = refusal
            row.delete()
        else:
            row.save(update_fields=["result"])
    if refused:
        raise refused
    return row.result


@transaction.atomic
def user_of_phone(*, phone: str, at: datetime, name: str = "") -> User:
    """Return the user of a phone that was just proven, a new one with the role of a worker."""
    user, is_new = User.objects.get_or_create(phone=phone, defaults={"name": name, "joined_at": at})
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    user.groups.add(Group.objects.get(name=Role.WORKER))
    return user


@transaction.atomic
def make_member(
    *, email: str, name: str, roles: Collection[Role], password: str, at: datetime
) -> User:
    """Return a new user who signs in by a proven e-mail address: staff, employers, partners."""
    user = User(email=email.strip().lower(), name=name, joined_at=at)
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    set_roles(user=user, roles=roles)
    return user


@transaction.atomic
def set_roles(*, user: User, roles: Collection[Role]) -> None:
    """Give `user` exactly these roles; they count from the next request on."""
    user.groups.set(Group.objects.filter(name__in=[Role(role).value for role in roles]))
    user.is_staff = bool(STAFF_ROLES & set(roles))
    user.save(update_fields=["is_staff"])


@transaction.atomic
def deactivate(*, user: User) -> None:
    """Close `user`'s account and end its web sessions now; nothing is deleted."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user=user)


def end_sessions(*, user: User, but: str = "") -> None:
    """End the web sessions of `user`, but for the one with session key `but`."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but):
        session.end()


def record_reveal(
    *, person_key: int, what: str, reason: str, by: User, at: datetime, request_id: str = ""
) -> Reveal:
    """Write down that `by` looks at a masked value of person `person_key`, before it is shown."""
    return Reveal.objects.create(
        by=by, person_key=person_key, what=what, reason=reason, at=at, request_id=request_id
    )


class NotADemo(Exception):
    """This database carries no demo mark: there are or may be real people in it."""


def is_demo_database() -> bool:
    return DemoMark.objects.exists()


def mark_as_demo(*, at: datetime) -> None:
    """Mark an empty database as a demo; raise NotADemo where somebody is already registered."""
    if is_demo_database():
        return
    if User.objects.exists():
        raise NotADemo
    DemoMark.objects.create(pk=1, marked_at=at)


def forget_old(*, at: datetime) -> None:
    """Delete codes and counters after a day, and the ids of forms after a week."""
    a_day, a_week = at - timedelta(days=1), at - timedelta(days=7)
    PhoneCode.objects.filter(made_at__lt=a_day).delete()
    Attempt.objects.filter(window_start__lt=a_day).delete()
    FailedSignIn.objects.filter(wait_until__lt=at - PASSWORDS_FORGOTTEN).delete()
    SubmittedForm.objects.filter(at__lt=a_week).delete()
