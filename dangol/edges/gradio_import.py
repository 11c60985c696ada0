"""Gradio imported in two thirds of its time."""

import gc
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """While Gradio is imported: it then makes no type stubs for editors, which it else makes anew of each component at
    each start, and nothing is looked through for garbage.

    Gradio makes none of a class without a file; meanwhile its own have none.
    """
    file_of = inspect.getfile

    def found(thing: Any) -> str:
        if inspect.isclass(thing) and thing.__module__.startswith("gradio."):
            raise OSError(f"{thing.__name__} has no file while Gradio is imported")
        return file_of(thing)

    inspect.getfile = found  # type: ignore[assignment]  # it names its parameter otherwise
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        inspect.getfile = file_of
