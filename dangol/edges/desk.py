"""What every tab of the page works with: the shop, the language, and who is looking."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from dangol.answers.intents import Language
from dangol.edges import registry
from dangol.edges.asking import Asker
from dangol.edges.audiences import Audiences
from dangol.edges.page_texts import TEXTS
from dangol.edges.panels import View
from dangol.edges.people import person_of
from dangol.errors import ModelError
from dangol.grades.parameters import MixtureParameters
from dangol.settings import Settings

QUIET: Mapping[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
"""How every function is called. Not through Gradio's queue: a page closes the queue's stream when a tick has its answer
and whatever was pressed at that moment would be lost."""
CHAMPION_SECONDS = 30.0


class Remembered:
    """What was made a moment ago, for everybody who asks for the same. Any number of threads may ask."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, tuple[float, Any]] = {}
        self.lock = threading.Lock()

    def get(self, key: Hashable, seconds: float, make: Callable[[], Any]) -> Any:
        """What `make` gave for the key at most `seconds` ago, else what it gives now."""
        with self.lock:
            known = self.kept.get(key)
        if known and time.monotonic() - known[0] < seconds:
            return known[1]
        made = make()
        with self.lock:
            self.kept[key] = (time.monotonic(), made)
        return made

    def clear(self) -> None:
        with self.lock:
            self.kept.clear()


@dataclass(frozen=True)
class Desk:
    asker: Asker
    audiences: Audiences
    language: Language
    remembered: Remembered = field(default_factory=Remembered)

    @property
    def texts(self) -> Mapping[str, str]:
        return TEXTS[self.language]

    @property
    def settings(self) -> Settings:
        return self.audiences.settings

    def view(self, request: gr.Request) -> View:
        """Raises NoRightsError when nobody is signed in."""
        return View(self.asker.answerer, self.language, person_of(request).role)

    def grades(self) -> list[tuple[str, str]]:
        """Choices of grades, the highest first: what each is called here, and its English name."""
        names = self.asker.answerer.terms.grade_names
        return list(reversed(list(zip(names[self.language], names["en"], strict=True))))

    def champion(self) -> MixtureParameters | None:
        """The model that grades now; null while there is none."""

        def read() -> MixtureParameters | None:
            try:
                found = registry.champion_parameters(self.settings.registry_uri, self.settings.registry.model)
            except ModelError:
                return None
            return found[1] if found else None

        parameters: MixtureParameters | None = self.remembered.get("champion", CHAMPION_SECONDS, read)
        return parameters


def markup(value: str = "", **more: Any) -> gr.Markdown:
    """Our own HTML, sanitised once more by the browser. Not gr.HTML: its templates need `unsafe-eval`."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], **more)
