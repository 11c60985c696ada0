"""SIGTERM and Ctrl-C as something that a loop asks for, so that it ends between two pieces of work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def signalled() -> Iterator[threading.Event]:
    """Set by SIGTERM or Ctrl-C where this is the process's main thread, else by nothing.

    The main thread only asks `is_set`: were it to wait on the event, the handler could find the event's own lock held.
    """
    heard = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        heard.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
