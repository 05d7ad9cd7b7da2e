"""Short messages."""

from collections.abc import Mapping

from app.core.logging import log
from app.outbox.service import Refused

TIMEOUT_SECONDS = 10


class DevelopmentSms:
    """Sends nothing: in development mode the code stands in the answer to the one who asked for it."""

    def send_code(self, *, phone: str, code: str) -> None:  # noqa: ARG002 - neither may reach a log
        """Note that a code would have been sent."""
        log().debug("sign-in code not sent: development gateway")

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:  # noqa: ARG002
        """Note that a notice would have been sent."""
        log().debug("notice not sent: development gateway", name=template)


class NoSms:
    """No gateway is configured."""

    def send_code(self, *, phone: str, code: str) -> None:  # noqa: ARG002
        """Refuse.

        Raises:
            Refused: always.
        """
        raise Refused("no SMS gateway is configured")

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:  # noqa: ARG002
        """Note that nobody was told: a notice is a courtesy, and thousands of dead letters would hide real ones."""
        log().info("notice not sent: no SMS gateway is configured", name=template)


class HttpSms:
    """A provider or a city's message centre behind one HTTPS address.

    Sends ``{"phone": "...", "code": "...", "template": "sign_in_code"}`` with a bearer token, and notices as
    ``{"phone": "...", "template": "...", "params": {...}}``.
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
        self._post({"phone": phone, "code": code, "template": "sign_in_code"})

    def send_notice(self, *, phone: str, template: str, params: Mapping[str, str]) -> None:
        """Hand a notice over.

        Raises:
            httpx.HTTPError: not taken this time.
            Refused: the provider will not take it.
        """
        self._post({"phone": phone, "template": template, "params": dict(params)})

    def _post(self, body: Mapping[str, object]) -> None:
        import httpx  # noqa: PLC0415 - it loads all that its own command line needs; only the worker sends

        answer = httpx.post(
            self._url,
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        )
        if 400 <= answer.status_code < 500 and answer.status_code not in {408, 425, 429}:  # noqa: PLR2004
            message = f"SMS gateway answered {answer.status_code}"
            raise Refused(message)
        answer.raise_for_status()
