"""Models behind an OpenAI-compatible server: one may put facts into words and read unclear questions, one embed texts.

What they are sent holds no customer id and no personal data; what is said is shown only when every sentence passed the
check. Whatever fails, the caller has its own: templates, the request of the rules, the search for words.
"""

import hashlib
import json
import math
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from dangol.answers.adding import SURE, Reading, added
from dangol.answers.drafting import Brief, as_json, checked, masked, pseudonymised, sentences, sheet
from dangol.answers.entities import find_ids
from dangol.answers.intents import INTENTS, Direction, GradeNames, Grain, Intent, Language, Measure, Period, Request
from dangol.answers.parsing import MAX_CHARACTERS
from dangol.errors import DangolError, DraftRejectedError, ModelUnavailableError
from dangol.settings import Model as Rules
from dangol.settings import Settings

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

NOT_WRITTEN: frozenset[Intent] = frozenset({"help", "out_of_scope", "clarify", "not_found"})
WRITTEN: tuple[Intent, ...] = tuple(intent for intent in INTENTS if intent not in NOT_WRITTEN)
"""Intents that a model may write: each has its prompt."""

GROUP_LEAST = 10
"""A group of fewer customers is not described to a model."""
MAX_SENT = 24_000
"""Characters of one request."""
CHARACTERS_PER_TOKEN = 8
"""No tokenizer makes longer tokens on average: by this a server that ignores its limit is stopped."""
MAX_BYTES = 2_000_000
"""Of one reply, with everything around its words."""
EMBEDDED_AT_ONCE = 200
"""Texts of one request."""
MAX_EMBEDDED = 2000
"""Characters of a text that are embedded; the rest is left out, as models have a limit."""
MAX_BYTES_OF_VECTORS = 40_000_000
LANGUAGES: dict[Language, str] = {"ko": "Korean", "en": "English"}
UNTRACED = dict.fromkeys(
    ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"), "false"
)
"""Whatever the environment says, no question is sent to a tracing service: any of these names would switch it on."""


class Understood(BaseModel):
    """The form that a model fills in: enumerated values, and quotations that are checked against the question."""

    model_config = ConfigDict(extra="forbid")

    intent: Intent
    measure: Measure | None
    direction: Direction | None
    grain: Grain | None
    lowest: bool | None
    description: str | None
    period_words: str | None
    period_from: date | None
    period_to: date | None

    def reading(self, today: date) -> Reading:
        """What was understood, without a period that does not exist."""
        start, end = self.period_from, self.period_to
        exists = start and end and start <= end <= today
        return Reading(
            intent=self.intent,
            measure=self.measure,
            direction=self.direction,
            grain=self.grain,
            lowest=bool(self.lowest),
            description=self.description,
            period=Period(start, end) if exists else None,
            period_words=self.period_words,
        )


class Budget:
    """Requests of one day in UTC, counted in the memory of this process."""

    def __init__(self, per_day: int) -> None:
        self.per_day = per_day
        self.day = date.min
        self.spent = 0
        self.lock = threading.Lock()

    def take(self) -> None:
        """Raises ModelUnavailableError when nothing is left of today."""
        with self.lock:
            today = datetime.now(UTC).date()
            if self.day != today:
                self.day, self.spent = today, 0
            if self.spent >= self.per_day:
                raise ModelUnavailableError(
                    f"the language model was asked {self.spent} times today, as often as model.requests_per_day allows;"
                    " it is asked again tomorrow (UTC)"
                )
            self.spent += 1


class Server:
    """One server: asked within its budget, in bounded time, untraced.

    Of what goes wrong, its kind alone is told: a server's own words may repeat the key or the question.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.budget = Budget(rules.requests_per_day)

    def options(self, max_bytes: int) -> dict[str, Any]:
        """What LangChain's clients take: where, with which key, how long, and up to how many bytes a reply."""
        os.environ.update(UNTRACED)
        # plain HTTP stays on this machine, whatever proxy the environment names; a redirect would take data elsewhere
        client = httpx.Client(
            follow_redirects=False,
            trust_env=str(self.rules.base_url).startswith("https:"),
            event_hooks={"response": [partial(self.bounded, max_bytes)]},
        )
        return {
            "base_url": self.rules.base_url,
            "api_key": self.rules.key or SecretStr("none"),
            "timeout": self.rules.timeout_seconds,
            "max_retries": 1,
            "openai_proxy": "",
            "http_client": client,
        }

    def bounded(self, max_bytes: int, response: httpx.Response) -> None:
        """Holds a reply to the time and size it may take, and gives up on a server that asks to come back later."""
        deadline = time.monotonic() + self.rules.timeout_seconds
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = BoundedStream(response.stream, deadline, max_bytes)
        if is_longer(response.headers.get("retry-after", "0"), self.rules.timeout_seconds):
            response.headers["x-should-retry"] = "false"

    @contextmanager
    def asked(self, size: int) -> Iterator[None]:
        """One request of so many characters. Raises ModelUnavailableError for whatever goes wrong inside."""
        if size > MAX_SENT:
            raise ModelUnavailableError(
                f"the language model would be sent {size} characters, more than {MAX_SENT}; ask about less at once"
            )
        self.budget.take()
        with told():
            yield


@contextmanager
def told() -> Iterator[None]:
    """Raises ModelUnavailableError for whatever goes wrong inside."""
    try:
        yield
    except DangolError:
        raise
    except Exception as error:  # noqa: BLE001 - the SDK's, the transport's and the parser's errors share no base
        raise ModelUnavailableError(
            f"the language model did not answer as it should ({kind(error)}); see model.* in conf/base.yml"
        ) from None


class LanguageModel:
    """The model of a server that writes and reads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.rules = server.rules

    @cached_property
    def chat(self) -> "ChatOpenAI":
        """Imports LangChain, which takes seconds."""
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model=str(self.rules.name),
            max_completion_tokens=self.rules.max_output_tokens,
            use_responses_api=False,
            **self.server.options(MAX_BYTES),
        )


class BoundedStream(httpx.SyncByteStream):
    """A reply until its deadline (time.monotonic) and its limit in bytes; comments that keep it open count too."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float, max_bytes: int) -> None:
        self.stream = stream
        self.deadline = deadline
        self.max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        for piece in self.stream:
            received += len(piece)
            if time.monotonic() > self.deadline:
                raise httpx.ReadTimeout("the reply takes longer than model.timeout_seconds")
            if received > self.max_bytes:
                raise httpx.ReadError("the reply is too long")
            yield piece

    def close(self) -> None:
        self.stream.close()


class ModelWriter:
    """Puts facts into words, a prompt for each intent."""

    name = "model"

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def write(self, brief: Brief) -> Iterator[str]:
        """Whole sentences as they arrive, each checked and filled.

        Raises DraftRejectedError when something in it must not be shown, ModelUnavailableError when there is no reply:
        both may come after the first sentences, and the whole is then the template's to say.
        """
        if brief.group_size is not None and brief.group_size < GROUP_LEAST:
            raise ModelUnavailableError(
                f"a group of fewer than {GROUP_LEAST} customers is not described to a language model, but by a template"
            )
        seen = sheet(brief)
        data = {
            "language": LANGUAGES[brief.language],
            "question": seen.question,
            "facts": seen.facts,
            "rows": seen.rows,
            "definition": seen.definition,
        }
        with self.model.server.asked(sum(map(len, data.values()))):
            chunks = (writing_prompt(brief.intent) | self.model.chat).stream(data)
            for sentence in sentences(whole(chunks, self.model.rules.max_output_tokens)):
                yield checked(sentence, seen.slots, brief.language, brief.grade_names)


class ModelParser:
    """Reads what the rules are unsure of, into a closed form."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def parse(self, question: str, rules_request: Request, grade_names: GradeNames, today: date) -> Request:
        """The rules' request, or with a model's intent and what the rules left open (dangol.answers.adding).

        Raises ModelUnavailableError when there is no reply, or one that does not fit the form.
        """
        if rules_request.confidence >= SURE or len(question) > MAX_CHARACTERS:
            return rules_request
        seen = masked(pseudonymised(question, rules_request.scope.customer_ids))
        data = {"question": as_json(seen), "today": f"{today:%A %Y-%m-%d}", "grades": ", ".join(grade_names["en"])}
        with self.model.server.asked(sum(map(len, data.values()))):
            form = self.model.chat.with_structured_output(Understood, method="json_schema", strict=True)
            understood = (parsing_prompt() | form).invoke(data)
            reading = Understood.model_validate(understood).reading(today)
        return added(rules_request, reading, seen)


class ModelEmbeddings:
    """Vectors of texts, for the index of open descriptions (dangol.edges.index.Embeddings).

    A question counts in the budget; documents do not: how many there are is the index's to say.
    """

    def __init__(self, settings: Settings) -> None:
        self.rules = settings.model
        self.server = server(self.rules)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits: of the server and the model, which together make the vectors what they are."""
        named = json.dumps([str(self.rules.base_url).rstrip("/"), self.rules.embeddings])
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    @cached_property
    def client(self) -> "OpenAIEmbeddings":
        """Imports LangChain, which takes seconds."""
        from langchain_openai import OpenAIEmbeddings

        return OpenAIEmbeddings(
            model=str(self.rules.embeddings),
            check_embedding_ctx_length=False,  # else texts go out as tokens of a model that the server may not know
            chunk_size=EMBEDDED_AT_ONCE,
            openai_api_type="",
            **self.server.options(MAX_BYTES_OF_VECTORS),
        )

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text, all of one size. Raises ModelUnavailableError when there is none."""
        with told():
            return vectors(self.client.embed_documents([embeddable(text) for text in texts]), len(texts))

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, without ids and personal data. Raises ModelUnavailableError when there is none."""
        seen = masked(text)
        seen = embeddable(pseudonymised(seen, find_ids(seen)[0]))
        with self.server.asked(len(seen)):
            return vectors([self.client.embed_query(seen)], 1)[0]


def embeddable(text: str) -> str:
    """A text as it is sent: without personal data and not too long; a dash for none, which servers refuse."""
    return masked(text)[:MAX_EMBEDDED] or "-"


def vectors(embedded: list[list[float]], count: int) -> list[list[float]]:
    """The vectors. Raises ValueError unless there are `count` of one size, of finite numbers."""
    sizes = {len(vector) for vector in embedded}
    finite = all(math.isfinite(number) for vector in embedded for number in vector)
    if len(embedded) != count or len(sizes) > 1 or 0 in sizes or not finite:
        raise ValueError("not a vector for each text")
    return embedded


def whole(chunks: Iterable[Any], max_tokens: int) -> Iterator[str]:
    """The words of a streamed reply. Raises DraftRejectedError unless it says something, and to its end."""
    said, ended = 0, None
    for chunk in chunks:
        text = str(chunk.text)
        said += len(text)
        if said > max_tokens * CHARACTERS_PER_TOKEN:
            raise DraftRejectedError(
                "a draft of the language model is longer than model.max_output_tokens; it is not shown"
            )
        ended = chunk.response_metadata.get("finish_reason") or ended
        yield text
    if not said or ended != "stop":
        raise DraftRejectedError("a draft of the language model is empty, refused or cut off; it is not shown")


def is_longer(wait: str, seconds: float) -> bool:
    """Of a header Retry-After; a date is always longer."""
    try:
        return float(wait) > seconds
    except ValueError:
        return True


def kind(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    return f"HTTP {status}" if isinstance(status, int) else type(error).__name__


@cache
def writing_prompt(intent: Intent) -> "ChatPromptTemplate":
    """The prompt of an intent: its own text and the rules of all. Data are variables, never part of a template."""
    return prompt(f"{prompt_text(intent)}\n\n{prompt_text('rules')}", prompt_text("data"))


@cache
def parsing_prompt() -> "ChatPromptTemplate":
    return prompt(prompt_text("parse"), "{{{question}}}")


def prompt(system: str, data: str) -> "ChatPromptTemplate":
    """Mustache with three braces: a single brace is a slot, and a value goes in as it is."""
    from langchain_core.prompts import ChatPromptTemplate

    return ChatPromptTemplate.from_messages([("system", system), ("human", data)], template_format="mustache")


def prompt_text(name: str) -> str:
    return (prompts_folder() / f"{name}.md").read_text("utf-8").strip()


def prompts_folder() -> Path:
    """The folder rag/prompts of the checkout, or its copy inside an installed wheel."""
    package = Path(__file__).parents[1]
    return next(folder for folder in (package / "prompts", package.parent / "rag" / "prompts") if folder.is_dir())


def model_writer(settings: Settings) -> ModelWriter | None:
    """None when no model is set."""
    model = language_model(settings.model)
    return ModelWriter(model) if model else None


def model_parser(settings: Settings) -> ModelParser | None:
    """None when no model is set."""
    model = language_model(settings.model)
    return ModelParser(model) if model else None


def model_embeddings(settings: Settings) -> ModelEmbeddings | None:
    """None when no model for them is set."""
    return ModelEmbeddings(settings) if settings.model.base_url and settings.model.embeddings else None


@cache
def language_model(rules: Rules) -> LanguageModel | None:
    """One for writer and parser."""
    return LanguageModel(server(rules)) if rules.base_url and rules.name else None


@cache
def server(rules: Rules) -> Server:
    """One for all: they share its budget."""
    return Server(rules)
