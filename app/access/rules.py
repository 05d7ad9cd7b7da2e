"""What may be argued about: limits of codes and passwords, what a phone number is."""

import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import struct
import unicodedata
import uuid
from collections.abc import Sequence
from enum import StrEnum

from app.access.actor import AccountKind
from app.access.duties import kept_apart
from app.access.errors import (
    PasswordTooWeak,
    PhoneMalformed,
    RoleNotGrantable,
    RolesNotTogether,
    SecondAdministratorNeeded,
    SupervisorInCommittee,
)
from app.access.roles import GRANTABLE, RC_ROLES, SCOPES, Role

CODE_DIGITS = 6
CODE_SECONDS = 300
CODE_TRIES = 5
SECONDS_BETWEEN_CODES = 60
CODES_PER_HOUR = 5
CODES_PER_DAY = 10

LEAST_PASSWORD_LENGTH = 12
LARGEST_PASSWORD_LENGTH = 128
PASSWORD_FAILURES_BEFORE_PAUSE = 5
PASSWORD_PAUSE_SECONDS = 300

SESSION_DAYS_RESIDENT = 90
#: On a weak line an answer to a renewal is lost, and two pages renew at once: asked again so soon, it is told again.
RENEWAL_REPEAT_SECONDS = 60
#: A sign-in that has ended is remembered so long, for its owner to see.
SESSION_DAYS_KEPT = 30
#: What touches all of somebody's data asks for a sign-in of the last minutes; enough to read a page without haste.
FRESH_SIGN_IN_MINUTES = 30
SESSION_DAYS_STAFF = 1
LINK_HOURS = 72
#: Half of what opens an account; wrong ones count like wrong passwords, and it is worth nothing without its link.
LINK_CODE_BITS = 50

#: RFC 6238 with the defaults every authenticator app knows: SHA-1, six digits, thirty seconds.
STEP_SECONDS = 30
SECOND_FACTOR_DIGITS = 6
#: RFC 4226: the shared secret should have 160 bits.
SECOND_FACTOR_BYTES = 20
#: A phone's clock may be wrong by this many steps either way.
STEPS_OFF = 1
#: A secret that was shown and not confirmed is forgotten.
OFFER_MINUTES = 30
RECOVERY_CODES = 10
#: A dangerous act wants a code of the last minutes.
CONFIRMED_MINUTES = 5
#: After a week nobody remembers why it was proposed.
PROPOSAL_DAYS = 7

#: Long enough to type a phone number, wait for the code and type that.
BINDING_TICKET_SECONDS = 900
#: Long enough for a slow phone to open a page.
TICKET_SECONDS = 60

#: Crockford's base 32: what looks alike is one symbol, so a code can be read aloud and copied by hand.
PAPER_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAPER_CODE_BITS = 50
PAPER_CODE_LENGTH = PAPER_CODE_BITS // 5
PAPER_CODE_GROUP = 5
PAPER_CODE_DAYS = 30
#: Helper mode ends by itself.
HELPING_MINUTES = 15
SESSION_DAYS_PAPER_CODE = 1
#: The same code from the same device may ask once more for a sign-in whose answer was lost.
PAPER_CODE_REPEAT_SECONDS = 300
WRONG_CODES_SECONDS = 600
WRONG_CODES_PER_ADDRESS = 10
#: Even with half a million codes out, guessing at this pace for a month finds one with a chance of one in a thousand.
WRONG_CODES_IN_ALL = 500
#: A code of WeChat's cannot be guessed; each wrong one costs a call to WeChat. Many phones share an address.
WRONG_WECHAT_CODES_PER_ADDRESS = 30

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－　", "0123456789+- ")


class ProposalKind(StrEnum):
    """What takes two administrators."""

    GRANT = "grant"
    #: Somebody has lost phone and recovery codes.
    SECOND_FACTOR_RESET = "second_factor_reset"
    #: Whoever holds the key speaks for a government's system.
    CLIENT_KEY = "client_key"


class Decision(StrEnum):
    """What the second administrator said."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Device(StrEnum):
    """What somebody signs in on: so little that it names no one, and enough to tell one's own devices apart."""

    WECHAT = "wechat"
    IPHONE = "iphone"
    ANDROID = "android"
    HARMONY = "harmony"
    COMPUTER = "computer"
    OTHER = "other"


_DEVICES = (
    (Device.WECHAT, re.compile("MicroMessenger")),
    (Device.HARMONY, re.compile("HarmonyOS|OpenHarmony")),
    (Device.IPHONE, re.compile("iPhone|iPad")),
    (Device.ANDROID, re.compile("Android")),
    (Device.COMPUTER, re.compile("Windows NT|Macintosh|X11|CrOS")),
)


def device_of(user_agent: str | None) -> Device:
    """What a browser says it runs on; the rest of what it says is not kept."""
    said = (user_agent or "")[:400]
    return next((device for device, pattern in _DEVICES if pattern.search(said)), Device.OTHER)


def normal_phone(text: str) -> str:
    """A mainland mobile number as 11 ASCII digits; full-width digits, blanks and +86 are understood.

    Raises:
        PhoneMalformed: it is none.
    """
    digits = re.sub(r"[\s-]", "", text.translate(_FULL_WIDTH))
    digits = digits.removeprefix("+86").removeprefix("0086")
    if not _MOBILE.fullmatch(digits):
        raise PhoneMalformed
    return digits


def paper_code(number: int) -> str:
    """A number below 2**`PAPER_CODE_BITS` as it stands on the slip: ``7K3QF-9XW2M``."""
    symbols = ""
    for _ in range(PAPER_CODE_LENGTH):
        number, digit = divmod(number, len(PAPER_CODE_ALPHABET))
        symbols = PAPER_CODE_ALPHABET[digit] + symbols
    return f"{symbols[:PAPER_CODE_GROUP]}-{symbols[PAPER_CODE_GROUP:]}"


_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−.·_]+")
_LOOK_ALIKE = str.maketrans("OILU", "011V")


def normal_paper_code(text: str) -> str:
    """A code however it was typed: full-width, lower case, with or without its dash, O for 0, l for 1.

    What is no code stays none; the look-up finds nothing, as for a code that nobody has.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_LOOK_ALIKE)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the 64-bit prefix that one IPv6 customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)  # noqa: PLR2004


def check_password(password: str) -> None:
    """Refuse what is guessed first.

    Raises:
        PasswordTooWeak: shorter than `LEAST_PASSWORD_LENGTH`, or fewer than five different characters.
    """
    if not LEAST_PASSWORD_LENGTH <= len(password) <= LARGEST_PASSWORD_LENGTH or len(set(password)) < 5:  # noqa: PLR2004
        raise PasswordTooWeak(least=LEAST_PASSWORD_LENGTH)


def check_grant(kind: AccountKind, role: Role, held: Sequence[Role]) -> None:
    """Whether ``role`` may be added to an account that holds ``held``.

    Raises:
        RoleNotGrantable: a scope for a person, a person's role for a machine.
        SupervisorInCommittee: a supervisor beside a committee role (Organic Law 2025, art. 36).
        RolesNotTogether: one person in both would undo a control (`app.access.duties`).
    """
    allowed = {
        AccountKind.STAFF: GRANTABLE,
        AccountKind.PLATFORM: SCOPES,
        AccountKind.RESIDENT: frozenset[Role](),
    }
    if role not in allowed[kind]:
        raise RoleNotGrantable(role=role.value)
    together = {*held, role}
    if Role.SUPERVISOR in together and together & RC_ROLES:
        raise SupervisorInCommittee
    found = kept_apart(role, held)
    if found is not None:
        other, reason = found
        raise RolesNotTogether(other, role, reason)


def step_at(instant: dt.datetime) -> int:
    """The time step of an instant, counted from 1970 (RFC 6238, 4.2)."""
    return int(instant.timestamp()) // STEP_SECONDS


def second_factor_code(secret: bytes, step: int) -> str:
    """The code of one time step: HMAC-SHA-1, truncated dynamically (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**SECOND_FACTOR_DIGITS:0{SECOND_FACTOR_DIGITS}d}"


def matching_step(secret: bytes, code: str, *, at: dt.datetime, after: int) -> int | None:
    """The step whose code this is, at most `STEPS_OFF` away from now and later than the last one used.

    A code that was used, or one before it, is nobody's any more (RFC 6238, 5.2).
    """
    now = step_at(at)
    steps = (step for step in range(now - STEPS_OFF, now + STEPS_OFF + 1) if step > after)
    return next(
        (
            step
            for step in steps
            if hmac.compare_digest(second_factor_code(secret, step).encode(), code.encode())
        ),
        None,
    )


def normal_second_factor_code(text: str) -> str | None:
    """The six digits of an app's code, however they were typed; nothing where it must be a recovery code."""
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return digits if re.fullmatch(f"[0-9]{{{SECOND_FACTOR_DIGITS}}}", digits) else None


def is_fresh(confirmed_at: dt.datetime | None, *, at: dt.datetime) -> bool:
    """Whether a code was shown within the last `CONFIRMED_MINUTES`."""
    return confirmed_at is not None and at < confirmed_until(confirmed_at)


def confirmed_until(confirmed_at: dt.datetime) -> dt.datetime:
    """Until when a sign-in may do what is dangerous."""
    return confirmed_at + dt.timedelta(minutes=CONFIRMED_MINUTES)


def check_second_administrator(by: uuid.UUID | None, *, proposed_by: uuid.UUID, concerns: uuid.UUID) -> None:
    """Whether somebody may confirm a proposal: neither who made it, nor whom it is about.

    Raises:
        SecondAdministratorNeeded: one person alone.
    """
    if by is None or by in {proposed_by, concerns}:
        raise SecondAdministratorNeeded
