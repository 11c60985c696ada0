"""Questions to a store: the answerer with all that it needs, and the log of what was asked."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dangol.answers.answering import Answer, Answerer, to_json
from dangol.answers.draft import Heard, unheard
from dangol.answers.intents import Request
from dangol.answers.policy import Role
from dangol.answers.summaries import Terms
from dangol.answers.tools import Tools
from dangol.edges.consents import FileConsents
from dangol.edges.explaining import Explainer
from dangol.edges.health import StoreHealth
from dangol.edges.lake import Lake
from dangol.edges.question_log import QuestionLog
from dangol.edges.themes import StoreThemes
from dangol.errors import SettingsError
from dangol.settings import Settings


class Asker:
    """Answers questions, and notes each in the log of questions. Any number of threads may ask."""

    def __init__(self, answerer: Answerer, log: QuestionLog) -> None:
        self.answerer = answerer
        self.log = log

    def __call__(
        self, question: str, before: Request | None = None, role: Role = "admin", heard: Heard = unheard
    ) -> Answer:
        """See Answerer.answer."""
        began = time.monotonic()
        answer = self.answerer.answer(question, before, role, heard)
        self.log.note(answer, role, time.monotonic() - began)
        return answer


def asker(settings: Settings) -> Asker:
    """An asker over the settings' store, with a language model if one is set."""
    lake = Lake(settings.store.path)
    terms = Terms(settings.grades.names[settings.grades.components], settings.shop.currency, settings.shop.zone)
    tools = Tools(
        Explainer(lake, settings), StoreThemes(lake, settings), StoreHealth(lake, settings), FileConsents(settings)
    )
    if settings.model.base_url:
        tools = with_model(tools, settings, terms)
    answerer = Answerer(lake, terms, settings.grades.boundary_below, lambda: settings.today, tools)
    return Asker(answerer, QuestionLog(settings.store.home))


def with_model(tools: Tools, settings: Settings, terms: Terms) -> Tools:
    """The tools with what a language model adds; imports LangChain, which takes seconds."""
    from dangol.edges.model import model_parser, model_writer

    parser = model_parser(settings)

    def read(question: str, request: Request) -> Request:
        return parser.parse(question, request, terms.grade_names, settings.today) if parser else request

    return replace(tools, writer=model_writer(settings), parser=read)


def asked(ask: Asker, batch: Path, role: Role) -> Iterator[dict[str, Any]]:
    """An answer for each line {id, question, before} of a file, in its order. Raises SettingsError for another line."""
    for number, line in lines(batch):
        told = told_of(batch, number, line)
        before = None
        for earlier in told.get("before") or ():
            before = ask.answerer.request(earlier, before)
        yield {"id": told.get("id"), **to_json(ask(told["question"], before, role))}


def told_of(batch: Path, number: int, line: str) -> dict[str, Any]:
    """What a line of a file says. Raises SettingsError when it is no question."""
    try:
        told = json.loads(line)
        texts = [told["question"], *(told.get("before") or ())]
        if isinstance(told.get("before"), str) or not all(isinstance(text, str) for text in texts):
            raise TypeError("question must be text, before a list of texts")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"line {number} of {batch} is no question ({error}); expected JSON such as "
            '{"id": "1", "question": "고객 12347 등급"}'
        ) from None
    return cast("dict[str, Any]", told)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that say something, by their numbers from 1."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from ((number, line) for number, line in enumerate(file, start=1) if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}); expected JSON Lines in UTF-8") from None
