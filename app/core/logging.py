"""Logs with an allow-list: no body, no token, no ranking, no name can be written by accident."""

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from types import ModuleType
from typing import Any, TextIO, cast

# structlog draws tracebacks with rich where it finds it: seven megabytes of every process, for pictures nobody looks at
_unwanted = sys.modules.setdefault("rich", cast(ModuleType, None)) is None
import structlog  # noqa: E402

if _unwanted:
    del sys.modules["rich"]

#: Everything else is dropped before it is written.
ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "method", "path", "status", "ms", "code", "request_id", "name",
        "attempts", "handler", "kind", "state", "count", "error_type", "where", "host", "port", "mode", "endpoint_id",
        "delivery_id", "outbox_id", "round_id",
    }
)  # fmt: skip


class _StandardError:
    """Standard error as it is now; a line that cannot be written is dropped.

    That its reader is gone or its disk is full must not stop the thread that wanted to say something: the writer of
    ballots is one of them.
    """

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand it on."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _only_allowed(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    return {key: value for key, value in entry.items() if key in ALLOWED}


def configure(*, level: int = logging.INFO) -> None:
    """Send structured lines to standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=False,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
