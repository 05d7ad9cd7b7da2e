"""Short messages."""

import httpx

from app.core.logging import log
from app.outbox.service import Refused

TIMEOUT_SECONDS = 10


class DevelopmentSms:
    """Sends nothing: in development mode the code stands in the answer to the one who asked for it."""

    def send_code(self, *, phone: str, code: str) -> None:  # noqa: ARG002 - neither may reach a log
        """Note that a code would have been sent."""
        log().info("sign-in code not sent: development gateway")


class NoSms:
    """No gateway is configured."""

    def send_code(self, *, phone: str, code: str) -> None:  # noqa: ARG002
        """Refuse.

        Raises:
            Refused: always.
        """
        raise Refused("no SMS gateway is configured")


class HttpSms:
    """A provider or a city's message centre behind one HTTPS address.

    Sends ``{"phone": "...", "code": "...", "template": "sign_in_code"}`` with a bearer token.
    """

    def __init__(self, *, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def send_code(self, *, phone: str, code: str) -> None:
        """Hand the code over.

        Raises:
            httpx.HTTPError: not taken this time.
            Refused: the provider will not take it.
        """
        answer = httpx.post(
            self._url,
            json={"phone": phone, "code": code, "template": "sign_in_code"},
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        )
        if 400 <= answer.status_code < 500 and answer.status_code not in {408, 425, 429}:  # noqa: PLR2004
            message = f"SMS gateway answered {answer.status_code}"
            raise Refused(message)
        answer.raise_for_status()
