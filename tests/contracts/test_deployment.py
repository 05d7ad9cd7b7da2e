"""What is shipped beside the code agrees with it."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from app.core import web
from app.core.config import Settings
from app.main import UPLOAD_PATHS
from tests.contracts.source import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


class TestCompose:
    def test_the_parts(self) -> None:
        assert set(COMPOSE["services"]) == {"postgres", "migrate", "app", "worker", "nginx"}

    def test_postgresql_answers_only_what_is_on_disk(self) -> None:
        postgres = COMPOSE["services"]["postgres"]
        assert postgres["image"] == "postgres:16"
        assert "synchronous_commit=on" in postgres["command"]
        assert "fsync=off" not in postgres["command"]

    def test_nothing_starts_before_the_migrations(self) -> None:
        for name in ("app", "worker"):
            needed = COMPOSE["services"][name]["depends_on"]
            assert needed["migrate"]["condition"] == "service_completed_successfully"
        assert COMPOSE["services"]["migrate"]["command"] == ["migrate"]

    def test_every_command_exists(self) -> None:
        from typer.main import get_command

        from app.cli import COMMANDS, commands

        known = get_command(commands()).commands  # type: ignore[attr-defined]
        assert list(known) == list(COMMANDS)
        for name in ("migrate", "app", "worker"):
            assert COMPOSE["services"][name]["command"][0] in known

    def test_who_is_asked_for_health_answers_it(self) -> None:
        from app.routes import ROUTERS

        paths = {getattr(route, "path", "") for router in ROUTERS for route in router.routes}
        for service, path in (("app", "/readyz"), ("nginx", "/healthz")):
            assert path in " ".join(COMPOSE["services"][service]["healthcheck"]["test"])
            assert path in paths

    def test_secrets_come_from_files_that_git_ignores(self) -> None:
        text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
        assert not re.search(r"(?i)(key|password|token):\s*\S", text)
        ignored = (ROOT / ".gitignore").read_text().splitlines()
        assert "deploy/*.env" in ignored
        for service in COMPOSE["services"].values():
            if "env_file" in service:
                assert re.fullmatch(r"deploy/\w+\.env", service["env_file"])
                assert (ROOT / f"{service['env_file']}.example").is_file()

    def test_only_nginx_is_reachable_and_only_from_this_machine(self) -> None:
        ports = {
            name: service.get("ports")
            for name, service in COMPOSE["services"].items()
            if service.get("ports")
        }
        assert ports == {"nginx": ["127.0.0.1:8080:8080"]}

    def test_containers_of_ours_may_do_little(self) -> None:
        for name in ("migrate", "app", "worker", "nginx"):
            service = COMPOSE["services"][name]
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]

    def test_the_example_names_real_settings(self) -> None:
        known = {f"GONGYI_{name.upper()}" for name in Settings.model_fields}
        for line in (ROOT / "deploy" / "gongyi.env.example").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                assert line.partition("=")[0] in known, line


class TestNginx:
    def test_its_caps_are_the_applications(self) -> None:
        assert web.JSON_LIMIT_BYTES == 256 * 1024
        assert web.UPLOAD_LIMIT_BYTES == 10 * 1024 * 1024
        assert re.findall(r"client_max_body_size (\w+);", NGINX) == ["256k", "10m"]
        assert "client_body_buffer_size 256k;" in NGINX

    def test_its_upload_paths_are_the_applications(self) -> None:
        (listed,) = re.findall(r"location ~ \^/api/v1/\.\*/\(([\w|]+)\)\$", NGINX)
        assert {f"/{name}" for name in listed.split("|")} == set(UPLOAD_PATHS)

    @pytest.mark.parametrize(
        "name", ["client_header_timeout", "client_body_timeout", "send_timeout", "keepalive_timeout"]
    )
    def test_nobody_may_be_slow_for_ever(self, name: str) -> None:
        seconds = [int(found) for found in re.findall(rf"{name} (\d+)s;", NGINX)]
        assert seconds
        assert max(seconds) <= 30

    def test_it_does_not_write_down_who_voted_when(self) -> None:
        assert "access_log off;" in NGINX

    def test_a_cast_is_not_repeated_by_the_door(self) -> None:
        assert "proxy_next_upstream off;" in NGINX

    def test_its_own_answers_are_problems_with_our_codes(self) -> None:
        codes = set(re.findall(r'"code":"(\w+)"', NGINX))
        assert codes == {"body_too_large", "unavailable"}


class TestDockerfile:
    def test_packages_are_checked_by_hash_and_the_process_is_nobody(self) -> None:
        assert "--require-hashes -r requirements.txt" in DOCKERFILE
        assert "requirements-dev" not in DOCKERFILE
        assert re.search(r"^USER gongyi$", DOCKERFILE, re.MULTILINE)
        assert re.search(r"^COPY migrations ", DOCKERFILE, re.MULTILINE)

    def test_what_is_copied_is_not_ignored(self) -> None:
        kept = [
            line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
        ]
        copied = [line.split()[:-1] for line in re.findall(r"^COPY (?!--from)(.+)", DOCKERFILE, re.MULTILINE)]
        for name in (name for names in copied for name in names):
            assert any(name == each or name.startswith(f"{each}/") for each in kept), name


class TestLocks:
    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_every_package_is_pinned_by_hash_and_no_registry_is_named(self, name: str) -> None:
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(
            r"^[a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}",
            text,
            re.MULTILINE,
        )
        assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)) > 30
        assert "//" not in text
        assert "--index" not in text

    def test_the_development_lock_contains_the_other(self) -> None:
        pins = [
            set(re.findall(r"^\w\S*==\S+", (ROOT / name).read_text(), re.MULTILINE))
            for name in ("requirements.txt", "requirements-dev.txt")
        ]
        assert pins[0] <= pins[1]


class TestMake:
    def test_help_names_every_target(self) -> None:
        told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
        for target in (
            "run", "dev", "worker", "demo", "fmt", "check", "test", "test-deep", "migration", "openapi",
            "bench", "lock",
        ):  # fmt: skip
            assert f"make {target} " in told

    def test_no_registry_is_named_in_a_tracked_file(self) -> None:
        told = subprocess.run(
            [ROOT / ".venv/bin/python", "scripts/tracked_files.py"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
