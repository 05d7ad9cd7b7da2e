"""What access needs from the outside; `app.gateway` provides it, `app.wiring` chooses."""

from collections.abc import Mapping
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
