"""What access needs from the outside; `app.gateway` provides it, `app.wiring` chooses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class SmsGateway(Protocol):
    """Carries short messages."""

    def send_code(self, *, phone: str, code: str) -> None:
        """Send a sign-in code.

        Raises:
            Exception: the gateway did not take it; the worker tries again while the code is valid.
        """

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:
        """Tell somebody something that concerns them: a template agreed with the provider, and what stands in it.

        Raises:
            Exception: the gateway did not take it; the worker tries again.
        """


@dataclass(frozen=True)
class WeChatIdentity:
    """A WeChat user, as one mini program knows them."""

    #: Stands for the user in this mini program alone; another one of ours would be told another.
    openid: str
    #: The same in all programs of one owner, where WeChat gives it.
    unionid: str | None = None


class WeChat(Protocol):
    """Says who is behind the codes that a mini program hands out. Called within a request: see docs/adr/0017."""

    def identity(self, js_code: str) -> WeChatIdentity:
        """Exchange what ``wx.login`` gave for the user it stands for; a code works once, for five minutes.

        Raises:
            WeChatCodeInvalid: unknown, used or too old.
            WeChatTooOften: this user has signed in a hundred times within a minute.
            WeChatBlocked: WeChat holds the user for dangerous.
            WeChatBusy: no answer, or none that says anything; to be tried again.
            WeChatQuotaSpent: the day's calls are used up.
            WeChatUnavailable: it is not set up here, or set up wrongly.
        """

    def phone(self, phone_code: str) -> str:
        """Exchange what the phone number button gave for the number, 11 digits; a code works once, for five minutes.

        Raises:
            PhoneMalformed: not a mainland mobile number.
            WeChatCodeInvalid, WeChatTooOften, WeChatBusy, WeChatQuotaSpent, WeChatUnavailable: as above.
        """


class NotSubscribed(Exception):
    """The WeChat user did not agree to this message, or has had all the messages they agreed to."""
