"""What a process tells of itself: one line each on standard error. Standard output is for answers alone."""

from __future__ import annotations

import logging
import sys

import structlog


def tell_on_stderr(least: int = logging.WARNING) -> None:
    """Say what is at least so important (a level of `logging`); other libraries' warnings and worse.

    Without the values of variables in tracebacks: they are names, numbers and secrets of people.
    """
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
