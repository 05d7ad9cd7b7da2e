"""What an operator runs, as an operator runs it."""

import base64
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.access import service as access
from app.access.actor import SYSTEM
from app.access.errors import LinkInvalid
from app.access.models import SecondFactor
from app.audit.models import AuditEntry
from app.cli import commands
from app.core import clock, migrations, vault
from app.core.config import Mode, Settings
from app.core.db import Database

runner = CliRunner()


@pytest.fixture
def here(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An environment as it stands on an operator's machine, in a folder that has nothing to do with the code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGYI_MODE", "development")
    monkeypatch.setenv("GONGYI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GONGYI_DATABASE_URL", database_url)
    return Settings(mode=Mode.DEVELOPMENT, home=tmp_path / "home", database_url=database_url)


class TestNewSecret:
    def test_each_is_new(self) -> None:
        first, second = (runner.invoke(commands(), ["new-secret"]).stdout.strip() for _ in range(2))
        assert first != second
        assert len(base64.b64decode(first, validate=True)) == 32


class TestMigrate:
    def test_an_empty_database_from_any_folder_and_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GONGYI_MODE", "development")
        monkeypatch.setenv("GONGYI_HOME", str(tmp_path / "home"))
        monkeypatch.delenv("GONGYI_DATABASE_URL", raising=False)
        for _ in range(2):
            result = runner.invoke(commands(), ["migrate"])
            assert result.exit_code == 0, result.output
            assert migrations.head() in result.stdout
        database = Database(f"sqlite:///{tmp_path}/home/gongyi.db")
        with database.reading() as session:
            assert migrations.revision(session) == migrations.head()
        database.dispose()

    def test_a_database_of_another_program_is_left_alone(self, here: Settings) -> None:
        database = Database(here.database_url)
        with database.writing() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = 'another'"))
        result = runner.invoke(commands(), ["migrate"])
        assert result.exit_code == 2
        assert "not migrated" in result.stderr
        with database.reading() as session:
            assert migrations.revision(session) == "another"
        database.dispose()

    def test_production_without_secrets_still_migrates(
        self, here: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Migrations read no personal data, so the one-shot container needs no keys."""
        monkeypatch.setenv("GONGYI_MODE", "production")
        assert runner.invoke(commands(), ["migrate"]).exit_code == 0, here.mode


class TestCreateStaff:
    ARGUMENTS = ("create-staff", "--name", "li.wei", "--role", "administrator", "--division", "000000000000")

    def test_the_first_administrator_comes_in_by_a_one_time_link(self, here: Settings) -> None:
        result = runner.invoke(commands(), [*self.ARGUMENTS, "--display-name", "李伟"])
        assert result.exit_code == 0, result.output
        found = re.fullmatch(r"http://127\.0\.0\.1:8000/console/#/link/(\S{43})\n", result.stdout)
        assert found, result.stdout
        database = Database(here.database_url)
        vault.use(vault.Vault(here.secret("data_key")))
        with database.writing() as session:
            account = access.redeem_link(session, link=found[1], password="correct horse battery")
            assert not isinstance(account, access.Rejected)
            assert account.display_name == "李伟"
            [listed] = access.list_accounts(session, after=None, limit=5, actor=SYSTEM)
            assert [(grant.role.value, grant.division) for grant in listed.grants] == [
                ("administrator", "000000000000")
            ]
        database.dispose()

    def test_a_lost_password_of_the_last_administrators(self, here: Settings) -> None:
        renew = ("renew-link", "--name", "li.wei")
        assert "account_not_found" in runner.invoke(commands(), renew).stderr
        first = runner.invoke(commands(), self.ARGUMENTS).stdout.split("/link/")[1].strip()
        result = runner.invoke(commands(), renew)
        assert result.exit_code == 0, result.output
        link = result.stdout.split("/link/")[1].strip()
        database = Database(here.database_url)
        vault.use(vault.Vault(here.secret("data_key")))
        with database.writing() as session:
            with pytest.raises(LinkInvalid):
                access.redeem_link(session, link=first, password="correct horse battery")
            account = access.redeem_link(session, link=link, password="correct horse battery")
            assert not isinstance(account, access.Rejected)
            assert account.password_hash is not None
        database.dispose()

    def test_twice_is_refused_and_leaves_one(self, here: Settings) -> None:
        assert runner.invoke(commands(), self.ARGUMENTS).exit_code == 0
        again = runner.invoke(commands(), self.ARGUMENTS)
        assert again.exit_code == 2
        assert "name_taken" in again.stderr
        assert here.development

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("--name", "Li Wei"), ("--name", "x" * 65), ("--name", ""), ("--role", "emperor"),
            ("--role", "funding:read"),
            ("--role", "resident"), ("--division", "5201"), ("--division", "５２０１０２０３１００６"),
            ("--display-name", "a\nb"),
            ("--display-name", "x" * 121),
        ],
    )  # fmt: skip
    def test_bad_input_leaves_nothing(self, here: Settings, option: str, value: str) -> None:
        result = runner.invoke(commands(), [*self.ARGUMENTS, option, value])
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output
        database = Database(here.database_url)
        with database.reading() as session:
            assert access.account_named(session, "li.wei") is None
        database.dispose()

    def test_a_lost_second_factor_of_the_last_administrator(self, here: Settings) -> None:
        forget = ("reset-second-factor", "--name", "li.wei")
        assert "account_not_found" in runner.invoke(commands(), forget).stderr
        assert runner.invoke(commands(), self.ARGUMENTS).exit_code == 0
        assert "not_enrolled" in runner.invoke(commands(), forget).stderr
        database = Database(here.database_url)
        vault.use(vault.Vault(here.secret("data_key")))
        with database.writing() as session:
            account = access.account_named(session, "li.wei")
            assert account is not None
            session.add(SecondFactor(account_id=account.id, secret="JBSWY3DP", enrolled_at=clock.now()))
        result = runner.invoke(commands(), forget)
        assert result.exit_code == 0, result.output
        with database.reading() as session:
            assert session.get(SecondFactor, account.id) is None
        database.dispose()

    def test_unsafe_settings_are_named(self, here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONGYI_MODE", "production")
        result = runner.invoke(commands(), self.ARGUMENTS)
        assert result.exit_code == 2
        assert "GONGYI_TOKEN_KEY" in result.stderr, here.mode


class TestAuditVerify:
    def test_it_says_which_chain_and_entry_is_broken(self, here: Settings) -> None:
        runner.invoke(commands(), TestCreateStaff.ARGUMENTS)
        result = runner.invoke(commands(), ["audit", "verify"])
        assert result.exit_code == 0, result.output
        assert "1 chains, 0 broken." in result.stdout
        database = Database(here.database_url)
        with database.writing() as session:
            session.execute(sa.update(AuditEntry).where(AuditEntry.seq == 2).values(actor="x"))  # type: ignore[arg-type]
        database.dispose()
        result = runner.invoke(commands(), ["audit", "verify"])
        assert result.exit_code == 1
        assert "000000000000  BROKEN  at entry 2: the entry was altered" in result.stdout
