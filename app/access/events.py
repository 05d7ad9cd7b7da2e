"""What access tells others."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CodeRequested:
    """A sign-in code is to be sent. ``sealed`` is the encrypted phone and code, useless once it has expired."""

    NAME: ClassVar[str] = "code.requested"
    VERSION: ClassVar[int] = 1

    challenge_id: str
    sealed: str
    expires_at: str


@dataclass(frozen=True)
class WeChatRebound:
    """An account that one WeChat user could open is another one's now; who had it before should hear of it."""

    NAME: ClassVar[str] = "wechat.rebound"
    VERSION: ClassVar[int] = 1

    account_id: str
    bound_at: str
