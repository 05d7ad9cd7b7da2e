"""Settings, read from the environment (``GONGYI_…``), with defaults that are safe rather than convenient.

Without a word said, the mode is ``production``, and production refuses to start on missing secrets, on sign-ins meant
for development and on gateways that point at this machine. ``make run`` says ``development`` aloud.
"""

import base64
import ipaddress
import json
import os
import secrets
import socket
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_BYTES = 32


class Mode(StrEnum):
    """How careful the process must be."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SmsGateway(StrEnum):
    """Who carries short messages."""

    NONE = "none"
    DEVELOPMENT = "development"
    HTTP = "http"


class WeChatMode(StrEnum):
    """Who tells us which WeChat user stands behind a login code."""

    NONE = "none"
    DEVELOPMENT = "development"
    HTTP = "http"


class SecondFactorRule(StrEnum):
    """Whether staff need a second factor."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class WeChatTemplate(BaseModel):
    """A message template of the mini program: its id at WeChat, and which of our words is in which field."""

    id: str
    fields: dict[str, str] = Field(description="WeChat's name -> ours, such as thing1 -> title.")


class UnsafeSettings(Exception):
    """The settings would be dangerous in production."""


class Settings(BaseSettings):
    """Everything an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="GONGYI_", env_file=None, extra="ignore")

    mode: Mode = Mode.PRODUCTION
    home: Path = Field(
        default=Path("var"), description="Folder for the embedded database, keys and demo data."
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite under `home`.")
    public_url: str = Field(default="http://127.0.0.1:8000", description="Where residents reach the service.")

    token_key: SecretStr = Field(
        default=SecretStr(""), description="base64 of 32 random bytes: signs tokens."
    )
    data_key: SecretStr = Field(
        default=SecretStr(""), description="base64 of 32 random bytes: personal data."
    )
    signing_key: SecretStr = Field(
        default=SecretStr(""), description="base64 of 32 random bytes: Ed25519 seed."
    )
    key_store: Path | None = Field(
        default=None, description="Folder of the rounds' private keys, never backed up."
    )

    sms_gateway: SmsGateway = SmsGateway.NONE
    sms_url: str = ""
    sms_token: SecretStr = SecretStr("")

    wechat: WeChatMode = WeChatMode.NONE
    wechat_app_id: str = Field(default="", description="The mini program's AppID.")
    wechat_secret: SecretStr = Field(default=SecretStr(""), description="Its AppSecret.")
    wechat_templates: dict[str, WeChatTemplate] = Field(
        default_factory=dict, description="JSON: our name of a subscribe message -> its template."
    )
    wechat_url: str = Field(default="https://api.weixin.qq.com", description="Where WeChat answers.")

    staff_second_factor: SecondFactorRule = Field(
        default=SecondFactorRule.REQUIRED,
        description="Staff without an authenticator app may do nothing but set it up.",
    )

    allow_private_targets: bool = Field(
        default=False, description="Webhooks may go to loopback and private hosts."
    )
    manual_round_times: bool = Field(
        default=False,
        description="Staff may open, close and certify before the announced times (rehearsals).",
    )
    frontend: Path | None = Field(default=None, description="Folder of the residents' app as it was built.")
    console: Path | None = Field(default=None, description="Folder of the console as it was built.")
    resamples: int = Field(
        default=200,
        ge=0,
        le=10_000,
        description="How often ballots are drawn anew to see how sure a result is.",
    )
    worker_inside: bool = Field(default=False, description="Run the worker in a thread of the web process.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode is Mode.DEVELOPMENT:
            self._fill_development_defaults()
        if not self.database_url:
            self.database_url = f"sqlite:///{self.home / 'gongyi.db'}"
        if self.key_store is None:
            self.key_store = self.home / "keys"
        return self

    def _fill_development_defaults(self) -> None:
        chosen = self.model_fields_set
        if "sms_gateway" not in chosen:
            self.sms_gateway = SmsGateway.DEVELOPMENT
        if "wechat" not in chosen:
            self.wechat = WeChatMode.DEVELOPMENT
        if "staff_second_factor" not in chosen:
            self.staff_second_factor = SecondFactorRule.OPTIONAL
        if "allow_private_targets" not in chosen:
            self.allow_private_targets = True
        if "manual_round_times" not in chosen:
            self.manual_round_times = True
        stored = _development_secrets(self.home)
        for name in ("token_key", "data_key", "signing_key"):
            if not getattr(self, name).get_secret_value():
                setattr(self, name, SecretStr(stored[name]))

    def secret(self, name: str) -> bytes:
        """The raw bytes of ``token_key``, ``data_key`` or ``signing_key``.

        Raises:
            UnsafeSettings: it is missing or not 32 bytes.
        """
        value: SecretStr = getattr(self, name)
        try:
            raw = base64.b64decode(value.get_secret_value(), validate=True)
        except ValueError as error:
            message = f"GONGYI_{name.upper()} is not base64"
            raise UnsafeSettings(message) from error
        if len(raw) != SECRET_BYTES:
            message = f"GONGYI_{name.upper()} must be base64 of {SECRET_BYTES} random bytes: gongyi new-secret makes it"
            raise UnsafeSettings(message)
        return raw

    @property
    def development(self) -> bool:
        """Whether sign-in codes may be shown and limits lifted for loopback."""
        return self.mode is Mode.DEVELOPMENT

    def refuse_danger(self) -> None:
        """Stop before anything starts when production settings are unsafe.

        Raises:
            UnsafeSettings: naming each reason.
        """
        values = {name: self.secret(name) for name in ("token_key", "data_key", "signing_key")}
        if self.development:
            return
        reasons = [
            f"GONGYI_{name.upper()} is not random"
            for name, value in values.items()
            if len(set(value)) < SECRET_BYTES // 4
        ]
        if len(set(values.values())) < len(values):
            reasons.append("GONGYI_TOKEN_KEY, GONGYI_DATA_KEY and GONGYI_SIGNING_KEY must differ")
        reasons += self._sms_dangers()
        reasons += self._wechat_dangers()
        if self.allow_private_targets:
            reasons.append("GONGYI_ALLOW_PRIVATE_TARGETS lets webhooks reach this machine")
        if self.staff_second_factor is SecondFactorRule.OPTIONAL:
            reasons.append("GONGYI_STAFF_SECOND_FACTOR=optional lets a password alone open the desk")
        if self.manual_round_times:
            reasons.append("GONGYI_MANUAL_ROUND_TIMES lets staff close a round before its announced time")
        if reasons:
            raise UnsafeSettings("production refuses to start: " + "; ".join(reasons))

    def _sms_dangers(self) -> list[str]:
        reasons = []
        if self.sms_gateway is SmsGateway.DEVELOPMENT:
            reasons.append("GONGYI_SMS_GATEWAY=development shows sign-in codes")
        if self.sms_gateway is SmsGateway.HTTP and is_private_host(urlsplit(self.sms_url).hostname or ""):
            reasons.append("GONGYI_SMS_URL points at this machine or a private network")
        if self.sms_gateway is SmsGateway.HTTP and not self.sms_token.get_secret_value():
            reasons.append("GONGYI_SMS_TOKEN is empty")
        return reasons

    def _wechat_dangers(self) -> list[str]:
        if self.wechat is WeChatMode.DEVELOPMENT:
            return ["GONGYI_WECHAT=development signs in whoever writes a name"]
        if self.wechat is WeChatMode.NONE:
            return []
        reasons = []
        address = urlsplit(self.wechat_url)
        if is_private_host(address.hostname or ""):
            reasons.append("GONGYI_WECHAT_URL points at this machine or a private network")
        if address.scheme != "https":
            reasons.append("GONGYI_WECHAT_URL is not https: the secret would be readable on its way")
        if not self.wechat_app_id:
            reasons.append("GONGYI_WECHAT_APP_ID is empty")
        if not self.wechat_secret.get_secret_value():
            reasons.append("GONGYI_WECHAT_SECRET is empty")
        return reasons


def is_private_host(host: str) -> bool:
    """Whether ``host`` is empty, a name of this machine, or an address that is not public."""
    host = host.lower().rstrip(".")
    if host in {"", "localhost"} or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            # The resolver reads "127.1", "0x7f000001" and "2130706433" as addresses too.
            address = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return False
    return not address.is_global or address.is_multicast


def new_secret() -> str:
    """base64 of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _development_secrets(home: Path) -> dict[str, str]:
    """Secrets of a developer's machine: made once, random, readable by the owner only."""
    path = home / "development-secrets.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = {name: new_secret() for name in ("token_key", "data_key", "signing_key")}
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
        try:
            os.link(partial, path)  # the first of two processes wins; the other reads what it wrote
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded
