"""What is written to the log, and what happens when nothing can be."""

import io
import sys

import pytest

from app.core import logging
from app.core.logging import log


class _FullDisk(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


class TestLog:
    def test_only_what_is_on_the_list_is_written(self, capsys: pytest.CaptureFixture[str]) -> None:
        logging.configure()
        log().warning("cast", code="round_closed", ranking="[3, 1]", phone="13900000000")
        written = capsys.readouterr().err
        assert "round_closed" in written
        assert "[3, 1]" not in written
        assert "13900000000" not in written

    @pytest.mark.parametrize("gone", [_FullDisk, io.StringIO])
    def test_a_log_that_cannot_be_written_stops_nobody(
        self, gone: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = gone()
        if gone is io.StringIO:
            error.close()
        monkeypatch.setattr(sys, "stderr", error)
        logging.configure()
        log().warning("said to nobody")
