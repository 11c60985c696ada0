"""From a question to an answer with its proof: parse, check rights, query inside the scope, gather facts, write."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dangol.answers import about_customers, about_groups, about_time
from dangol.answers.draft import Draft, Heard, unheard
from dangol.answers.drafting import Brief
from dangol.answers.evidence import Evidence, Fact, Lake, Value
from dangol.answers.intents import GradeNames, Intent, Language, Period, Request, Scope, Status
from dangol.answers.messages import message
from dangol.answers.parsing import parse
from dangol.answers.policy import SMALLEST_GROUP, Role, is_small, may_see_customers, refuses
from dangol.answers.scope import period_words
from dangol.answers.summaries import Terms, shown_id
from dangol.answers.texts import TEMPLATES
from dangol.answers.tools import Tools
from dangol.errors import (
    DraftRejectedError,
    MissingTableError,
    ModelError,
    ModelUnavailableError,
    QueryError,
    StoreError,
)

TEMPLATE_WRITER = "template"
Handler = Callable[[Draft, Tools, float], Status]

HANDLERS: Mapping[Intent, Handler] = {
    "customer_summary": about_customers.customer_summary,
    "grade_lookup": about_customers.grade_lookup,
    "why": about_customers.why,
    "what_if": about_customers.what_if,
    "find_similar": about_customers.find_similar,
    "segment_profile": about_groups.segment_profile,
    "compare": about_groups.compare,
    "boundary": about_groups.boundary,
    "count": about_groups.count,
    "sum": about_groups.total,
    "mean": about_groups.mean,
    "share": about_groups.share,
    "top_n": about_groups.top_n,
    "theme": about_groups.theme,
    "strategy": about_groups.strategy,
    "movement": about_time.movement,
    "trend": about_time.trend,
    "message": message,
}
WRITTEN_BY_MODEL = frozenset(HANDLERS) - {"message"}
"""A draft of a message is the shop's own words: a model does not word it."""


@dataclass(frozen=True)
class Answer:
    """What is said, and everything that it rests on. `evidence`: what was found, in the order that facts cite it by."""

    question: str
    request: Request
    intent: Intent
    status: Status
    text: str
    facts: tuple[Fact, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    writer: str = TEMPLATE_WRITER

    @property
    def language(self) -> Language:
        return self.request.language

    @property
    def scope(self) -> Scope:
        return self.request.scope


@dataclass(frozen=True)
class Answerer:
    """Answers questions from one lake, in one shop's terms.

    `boundary_below`: a customer whose greatest membership probability is below it is a boundary customer. `today`: the
    shop's.
    """

    lake: Lake
    terms: Terms
    boundary_below: float
    today: Callable[[], date]
    tools: Tools

    def answer(
        self, question: str, before: Request | None = None, role: Role = "admin", heard: Heard = unheard
    ) -> Answer:
        """Always an answer: what cannot be answered is said in the question's language, with a status.

        `before`: the request of the answer before, in a conversation. `heard`: may be told sentences that the answer
        does not have in the end, when a later one does not pass and the template speaks instead.
        """
        question = sound(question)
        return self.answer_request(question, self.request(question, before), role, heard)

    def answer_request(self, question: str, request: Request, role: Role = "admin", heard: Heard = unheard) -> Answer:
        """As `answer`, to what is known to be asked for; `question`: it in words, for whoever reads the answer."""
        today = self.today()
        draft = Draft(request, self.terms, self.lake, today, role, heard)
        if refuses(request, role, today):
            return self.without_tables(question, draft, "refused", "no_rights")
        try:
            return self.told(question, draft)
        except MissingTableError as error:
            return self.without_tables(question, draft, "not_enough_data", "no_data", table=error.table)
        except QueryError:
            return self.without_tables(question, draft, "error", "failed")
        except StoreError:
            return self.without_tables(question, draft, "unavailable", "unavailable")
        except ModelError:
            return self.without_tables(question, draft, "not_enough_data", "no_champion")

    def request(self, question: str, before: Request | None = None) -> Request:
        """What a question asks for: by rules; a model may add to what they are not sure of."""
        question = sound(question)
        request = parse(question, self.terms.grade_names, self.today(), before)
        if self.tools.parser:
            try:
                return self.tools.parser(question, request)
            except ModelUnavailableError:
                return request
        return request

    def told(self, question: str, draft: Draft) -> Answer:
        request = draft.request
        if request.intent == "data_health":
            return self.health(question, draft)
        if request.intent not in HANDLERS:
            return self.small_talk(question, draft)
        if request.unheld:
            return self.without_tables(question, draft, "not_enough_data", f"unheld_{request.unheld}")
        named = request.scope.customer_ids
        if named and not any(draft.customer(customer_id).rows for customer_id in named):
            return self.nobody(question, draft)
        status = self.by_grade(draft) if request.by_grade else self.handled(draft)
        if is_small(draft.group_size, draft.role):
            return self.without_tables(question, draft, "not_enough_data", "small_group", smallest=str(SMALLEST_GROUP))
        if request.scope.period != Period() and not draft.looks_at_period:
            draft.say_last("not_of_period", period=period_words(request.scope.period, draft.language))
        draft.as_of()
        return self.written(question, draft, status)

    def handled(self, draft: Draft) -> Status:
        return HANDLERS[draft.request.intent](draft, self.tools, self.boundary_below)

    def by_grade(self, draft: Draft) -> Status:
        """The same of each grade, a line each."""
        request = draft.request
        statuses = []
        for grade in request.scope.grades or self.terms.grade_names["en"]:
            draft.say("next_line")
            with draft.telling_of(replace(request.scope, grades=(grade,)), grade):
                statuses.append(self.handled(draft))
        draft.say("next_line")
        return "answered" if "answered" in statuses else statuses[0]

    def health(self, question: str, draft: Draft) -> Answer:
        """How fresh and whole the data are."""
        evidence = draft.cite(self.tools.health.look())
        row = evidence.rows[0]
        draft.say("health", **draft.facts_of(evidence, "customers", "committed", "newest"))
        draft.say("health_running" if row["running"] else "health_stopped")
        if row["received"] is not None:
            draft.say("health_messages", **draft.facts_of(evidence, "received", "rejected"))
        draft.say("health_model" if row["model"] else "health_no_model", model=draft.fact(evidence, "model"))
        if row["summaries_committed"]:
            draft.say("health_summaries", **draft.facts_of(evidence, "summaries_committed"))
        for warning in row["warnings"] if may_see_customers(draft.role) else ():  # one may name a customer
            draft.say("health_warning", warning=warning)
        return self.written(question, draft, "answered")

    def nobody(self, question: str, draft: Draft) -> Answer:
        """None of the customers exists. The look at the tables is the proof."""
        draft.request = replace(draft.request, intent="not_found")
        for customer_id in draft.request.scope.customer_ids:
            draft.cite(draft.customer(customer_id))
        names = ", ".join(map(shown_id, draft.request.scope.customer_ids))
        draft.say("not_found", customer_id=names)
        return finished(question, draft, "not_found")

    def small_talk(self, question: str, draft: Draft) -> Answer:
        request = draft.request
        slots = {"examples": " · ".join(examples(request.language, self.terms.grade_names))}
        if request.scope.customer_ids:
            slots["customer_id"] = shown_id(request.scope.customer_ids[0])
        if request.intent == "clarify":
            draft.say(f"clarify_{request.missing or 'anything'}", **slots)
            return finished(question, draft, "clarify")
        if request.intent == "help" and request.text == "grades":
            draft.say("help_grades", grade=self.terms.grade(self.terms.grade_names["en"][0], request.language))
        draft.say(request.intent, **slots)
        return finished(question, draft, "answered" if request.intent == "help" else "refused")

    def written(self, question: str, draft: Draft, status: Status) -> Answer:
        """By the model if there is one and what it writes passes, else by the templates: the answer anyway."""
        writer = self.tools.writer
        if writer is None or status != "answered" or draft.request.intent not in WRITTEN_BY_MODEL:
            return finished(question, draft, status)
        try:
            told = []
            for sentence in writer.write(self.brief(question, draft)):
                told.append(sentence)
                draft.heard(sentence)
        except (DraftRejectedError, ModelUnavailableError) as error:
            if isinstance(error, ModelUnavailableError):
                draft.say("model_unavailable")
            return finished(question, draft, status)
        return replace(finished(question, draft, status), text=" ".join(told), writer=writer.name)

    def brief(self, question: str, draft: Draft) -> Brief:
        """What a model gets to see: displayed facts and the rows of the scope."""
        facts = tuple((fact.id, spoken(fact), draft.shown(fact)) for fact in draft.facts)
        definitions = " ".join(dict.fromkeys(one.query.definition[draft.language] for one in draft.evidence))
        ids = tuple(dict.fromkeys([*draft.request.scope.customer_ids, *customers_of(draft.evidence)]))
        request = draft.request
        names = tuple(dict.fromkeys(name for told in self.terms.grade_names.values() for name in told))
        return Brief(
            *(request.intent, request.language, question, facts, tuple(draft.rows), definitions, ids),
            *(draft.group_size, names),
        )

    def without_tables(self, question: str, draft: Draft, status: Status, part: str, **slots: str) -> Answer:
        """One sentence in place of an answer; nothing that was found before is told."""
        empty = Draft(draft.request, self.terms, self.lake, draft.today, draft.role)
        empty.say(part, **slots)
        return finished(question, empty, status)


def sound(question: str) -> str:
    """The question with a question mark for what is no character: half of a pair, which no table and no file takes."""
    return question.encode(errors="replace").decode()


def customers_of(evidence: list[Evidence]) -> Iterator[str]:
    for one in evidence:
        for row in one.rows:
            if row.get("customer_id"):
                yield row["customer_id"]


def spoken(fact: Fact) -> str:
    """What a fact is, in words for a model."""
    name = fact.name.replace("_", " ")
    return f"{name} of {fact.subject}" if fact.subject else name


def finished(question: str, draft: Draft, status: Status) -> Answer:
    """The answer in words, unless a number of it has no source."""
    request, text = draft.request, draft.text()
    if draft.unproved():
        return Answer(question, request, request.intent, "error", TEMPLATES["error"][request.language])
    return Answer(question, request, request.intent, status, text, tuple(draft.facts), tuple(draft.evidence))


def examples(language: Language, grade_names: GradeNames) -> list[str]:
    """Questions that can be asked, with this shop's names of the highest and a middle grade."""
    highest, middle = grade_names[language][-1], grade_names[language][len(grade_names[language]) // 2]
    if language == "ko":
        return ["고객 12347 요약해 줘", f"{highest} 고객들의 특징은?", f"지난주 {middle}에서 떨어진 고객 수와 이유"]
    return [
        "Summarise customer 12347",
        f"What are {highest} customers like?",
        f"Who dropped out of {middle} last week?",
    ]


def to_json(answer: Answer) -> dict[str, Any]:
    """The contract for other programs: counts are JSON numbers, money exact decimal text, times ISO 8601 in UTC."""
    scope = answer.scope
    return {
        "question": answer.question,
        "language": answer.language,
        "intent": answer.intent,
        "status": answer.status,
        "confidence": answer.request.confidence,
        "scope": {
            "customer_ids": list(scope.customer_ids),
            "grades": list(scope.grades),
            "period": {"from": plain(scope.period.start), "to": plain(scope.period.end)},
        },
        "answer": answer.text,
        "facts": [fact_json(fact) for fact in answer.facts],
        "citations": [citation_json(place, one) for place, one in enumerate(answer.evidence, start=1)],
        "writer": answer.writer,
    }


def fact_json(fact: Fact) -> dict[str, Any]:
    is_money = isinstance(fact.value, Decimal) and fact.unit is not None and fact.unit.isupper()
    return {
        "id": fact.id,
        "name": fact.name,
        "subject": fact.subject,
        "value": str(fact.value) if is_money else plain(fact.value),
        "unit": fact.unit,
        "table": fact.source.table,
        "version": fact.source.version,
        "as_of": plain(fact.as_of),
        "citation": f"c{fact.citation}",
        "row": fact.row,
        "column": fact.column,
        "per": fact.per,
    }


def citation_json(place: int, evidence: Evidence) -> dict[str, Any]:
    """`query` with `parameters` on the tables at these versions gives the rows again."""
    return {
        "id": f"c{place}",
        "query": evidence.query.name,
        "parameters": {name: plain_parameter(value) for name, value in evidence.parameters.items()},
        "tables": [
            {"table": one.table, "version": one.version, "committed_at": plain(one.committed_at)}
            for one in evidence.sources
        ],
        "rows": len(evidence.rows),
        "as_of": plain(evidence.as_of),
        "definition": evidence.query.definition["en"],
    }


def plain_parameter(value: object) -> object:
    match value:
        case Decimal():
            return str(value)
        case datetime() | date():
            return plain(value)
    return value


def plain(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
