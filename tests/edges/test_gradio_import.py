import inspect
import subprocess
import sys

import gradio

from dangol.edges.gradio_import import without_stubs

FRESH = """
import gc, inspect, jinja2
from dangol.edges.gradio_import import without_stubs
made, of_text = [], jinja2.Environment.from_string
def noted(self, text, *more, **named):
    made.append("contents" in text)
    return of_text(self, text, *more, **named)
jinja2.Environment.from_string = noted
with {way}:
    import gradio
print(sum(made), gc.isenabled(), inspect.getfile(gradio.Textbox).endswith("textbox.py"), gradio.Textbox().lines)
"""
"""How many stubs were made: a template with the contents of a class each."""


def told(way: str) -> list[str]:
    program = FRESH.format(way=way)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()


def test_no_stubs_are_made_and_all_is_as_before_after_it() -> None:
    made, *others = told("without_stubs()")
    as_ever, *same = told("__import__('contextlib').nullcontext()")
    assert others == same == ["True", "True", "1"]
    assert int(made) == 0 < int(as_ever)


def test_classes_of_others_keep_their_files() -> None:
    with without_stubs():
        assert inspect.getfile(subprocess.Popen).endswith("subprocess.py")
    assert inspect.getfile(gradio.Textbox).endswith("textbox.py")
