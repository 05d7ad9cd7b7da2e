"""Serving begins with a look whether the port is free."""

import socket

from typer.testing import CliRunner

from app.cli import commands


class TestServe:
    def test_a_taken_port_is_said_in_one_line_before_anything_is_prepared(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            said = CliRunner().invoke(commands(["serve", "work"]), ["serve", "--port", str(port)])
        assert said.exit_code != 0
        assert said.output.splitlines() == [
            f"port {port} is taken; use another one: make run PORT={port + 1}"
        ]

    def test_a_free_port_is_none_to_speak_of(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
        said = CliRunner().invoke(commands(["serve", "work"]), ["serve", "--port", str(port), "--check"])
        assert (said.exit_code, said.output) == (0, "")
