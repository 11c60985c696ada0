"""Logs: one JSON object a line in a file, and the same in short on a terminal."""

import logging
import sys
from pathlib import Path

import structlog


def log_to(path: Path) -> None:
    """Sends structlog's events to `path` and, readable, to stderr."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shared: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handlers: list[tuple[logging.Handler, structlog.types.Processor]] = [
        (logging.FileHandler(path, encoding="utf-8"), structlog.processors.JSONRenderer(ensure_ascii=False)),
        (logging.StreamHandler(sys.stderr), structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())),
    ]
    logger = logging.getLogger("dangol")
    logger.handlers.clear()
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handlers[1][0].setLevel(logging.INFO)
    for handler, renderer in handlers:
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer))
        logger.addHandler(handler)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=lambda *_: logger,
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
