"""What notices need from the outside; `app.gateway` provides it, `app.wiring` chooses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.access.ports import SmsGateway


class WeChatMessages(Protocol):
    """Carries subscribe messages 订阅消息 of the mini program."""

    def send_subscribe_message(
        self, *, openid: str, template: str, page: str, fields: Mapping[str, str]
    ) -> None:
        """Send one message, for which somebody tapped "accept" once.

        Args:
            openid: the person, as the mini program knows them.
            template: our name of it (`app.notices.rules.Template`).
            page: where a tap leads, a path of the mini program.
            fields: what stands in it, by our names: ``title``, ``time``, ``note``.

        Raises:
            NotSubscribed: this person gets none; see `app.access.ports`.
            Refused: WeChat will never take this message; see `app.outbox.service`.
            Exception: not taken this time; the worker tries again.
        """


@dataclass(frozen=True)
class Channels:
    """What reaches people beyond the inbox; none where a channel is off."""

    sms: SmsGateway | None
    wechat: WeChatMessages | None
    #: Our name of a template (`app.notices.rules.Template`) -> its id at WeChat, with which the mini program asks for
    #: it. One that is missing is never asked for and never sent.
    templates: Mapping[str, str]
    #: The address of the application: the only link in a short message.
    address: str
