"""What may be argued about: limits of codes and passwords, what a phone number is."""

import re
from collections.abc import Sequence

from app.access.actor import AccountKind
from app.access.errors import PasswordTooWeak, PhoneMalformed, RoleNotGrantable, SupervisorInCommittee
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
SESSION_DAYS_STAFF = 1
LINK_HOURS = 72

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－　", "0123456789+- ")


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
