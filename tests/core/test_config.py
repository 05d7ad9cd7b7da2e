"""Settings: safe without a word, and production refuses each danger by name."""

import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from app.core.config import Mode, Settings, SmsGateway, UnsafeSettings, is_private_host, new_secret


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("GONGYI_"):
            monkeypatch.delenv(name)


def production(**changes: object) -> Settings:
    given: dict[str, Any] = {
        "token_key": new_secret(), "data_key": new_secret(), "signing_key": new_secret(), **changes
    }  # fmt: skip
    return Settings(**given)


class TestProduction:
    def test_it_is_the_default(self) -> None:
        settings = Settings()
        assert settings.mode is Mode.PRODUCTION
        assert not settings.development
        assert settings.sms_gateway is SmsGateway.NONE
        assert not settings.allow_private_targets
        assert not settings.manual_round_times
        with pytest.raises(UnsafeSettings, match="GONGYI_TOKEN_KEY"):
            settings.refuse_danger()

    def test_good_settings_are_accepted(self) -> None:
        production().refuse_danger()
        production(sms_gateway="http", sms_url="https://sms.example.org/send", sms_token="t").refuse_danger()

    same = new_secret()

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"token_key": ""}, "GONGYI_TOKEN_KEY"),
            ({"data_key": ""}, "GONGYI_DATA_KEY"),
            ({"signing_key": "c2hvcnQ="}, "GONGYI_SIGNING_KEY"),
            ({"token_key": "not base64!"}, "GONGYI_TOKEN_KEY"),
            ({"data_key": base64.b64encode(b"0" * 32).decode()}, "GONGYI_DATA_KEY is not random"),
            ({"data_key": base64.b64encode(b"secret!!" * 4).decode()}, "GONGYI_DATA_KEY is not random"),
            ({"data_key": same, "signing_key": same}, "must differ"),
            ({"sms_gateway": "development"}, "GONGYI_SMS_GATEWAY=development"),
            ({"sms_gateway": "http", "sms_url": "http://127.0.0.1/x", "sms_token": "t"}, "GONGYI_SMS_URL"),
            ({"sms_gateway": "http", "sms_url": "http://localhost/x", "sms_token": "t"}, "GONGYI_SMS_URL"),
            ({"sms_gateway": "http", "sms_url": "", "sms_token": "t"}, "GONGYI_SMS_URL"),
            ({"sms_gateway": "http", "sms_url": "https://sms.example.org/"}, "GONGYI_SMS_TOKEN"),
            ({"allow_private_targets": True}, "GONGYI_ALLOW_PRIVATE_TARGETS"),
            ({"manual_round_times": True}, "GONGYI_MANUAL_ROUND_TIMES"),
            ({"staff_second_factor": "optional"}, "GONGYI_STAFF_SECOND_FACTOR"),
        ],
    )
    def test_each_danger_is_named(self, changes: dict[str, Any], named: str) -> None:
        with pytest.raises(UnsafeSettings, match=named):
            production(**changes).refuse_danger()

    def test_all_dangers_are_named_at_once(self) -> None:
        with pytest.raises(UnsafeSettings) as raised:
            production(allow_private_targets=True, manual_round_times=True).refuse_danger()
        assert "PRIVATE_TARGETS" in str(raised.value)
        assert "ROUND_TIMES" in str(raised.value)

    def test_no_secret_stands_in_a_message_or_a_print(self) -> None:
        secret = base64.b64encode(b"0123456789abcdef0123456789abcde").decode()  # 31 bytes
        settings = production(token_key=secret)
        with pytest.raises(UnsafeSettings) as raised:
            settings.refuse_danger()
        assert secret not in str(raised.value)
        assert secret not in repr(settings)

    def test_the_environment_is_read(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("GONGYI_MODE", "development")
        monkeypatch.setenv("GONGYI_HOME", str(tmp_path / "here"))
        monkeypatch.setenv("GONGYI_TOKEN_KEY", self.same)
        settings = Settings()
        assert settings.development
        assert settings.home == tmp_path / "here"
        assert settings.token_key.get_secret_value() == self.same


class TestDevelopment:
    def test_it_makes_its_own_random_secrets_once(self, tmp_path: Path) -> None:
        first = Settings(mode=Mode.DEVELOPMENT, home=tmp_path / "new")
        again = Settings(mode=Mode.DEVELOPMENT, home=tmp_path / "new")
        other = Settings(mode=Mode.DEVELOPMENT, home=tmp_path / "other")
        first.refuse_danger()
        assert first.secret("data_key") == again.secret("data_key") != other.secret("data_key")
        assert len({first.secret(name) for name in ("token_key", "data_key", "signing_key")}) == 3
        kept = tmp_path / "new" / "development-secrets.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert list(kept.parent.iterdir()) == [kept]

    def test_it_is_convenient_but_listens_to_what_is_said(self, tmp_path: Path) -> None:
        settings = Settings(mode=Mode.DEVELOPMENT, home=tmp_path)
        assert settings.development
        assert settings.sms_gateway is SmsGateway.DEVELOPMENT
        assert settings.allow_private_targets
        assert settings.database_url == f"sqlite:///{tmp_path}/gongyi.db"
        said = Settings(
            mode=Mode.DEVELOPMENT, home=tmp_path, sms_gateway="none", allow_private_targets=False,
            manual_round_times=False,
        )  # fmt: skip
        assert said.sms_gateway is SmsGateway.NONE
        assert not said.allow_private_targets
        assert not said.manual_round_times


class TestIsPrivateHost:
    @pytest.mark.parametrize(
        "host",
        [
            "", "localhost", "LOCALHOST", "localhost.", "db.localhost", "printer.local", "db.internal",
            "127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0.0.0.0",  # noqa: S104 - a string to judge
 "10.1.2.3",
            "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "::",
            "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "ff02::1",
        ],
    )  # fmt: skip
    def test_these_are(self, host: str) -> None:
        assert is_private_host(host)

    @pytest.mark.parametrize(
        "host", ["example.org", "gov.cn", "8.8.8.8", "2001:4860:4860::8888", "localhost.example.org"]
    )
    def test_these_are_not(self, host: str) -> None:
        assert not is_private_host(host)


class TestNewSecret:
    def test_it_is_thirty_two_random_bytes(self) -> None:
        made = {new_secret() for _ in range(20)}
        assert len(made) == 20
        assert all(len(base64.b64decode(each)) == 32 for each in made)
