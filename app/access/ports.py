"""What access needs from the outside; `app.gateway` provides it, `app.wiring` chooses."""

from typing import Protocol


class SmsGateway(Protocol):
    """Carries short messages."""

    def send_code(self, *, phone: str, code: str) -> None:
        """Send a sign-in code.

        Raises:
            Exception: the gateway did not take it; the worker tries again while the code is valid.
        """
