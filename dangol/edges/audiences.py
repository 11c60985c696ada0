"""Audiences, tasks and judgements of a store, each with the rights of the person who asks.

What is kept are appends to `audiences`, `audience_members`, `decisions` and `feedback`; who is in an audience is asked
of the lake each time.
"""

import hashlib
import io
import json
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import structlog
from deltalake import DeltaTable

from dangol.answers import audiences as core
from dangol.answers import todo as tasks
from dangol.answers.audiences import Audience, Diff, Preset, Reach
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Language
from dangol.answers.policy import is_hidden, may_see_customers
from dangol.answers.queries import Query
from dangol.answers.todo import Decision, Task, Verdict
from dangol.edges.asking import Asker, asker
from dangol.edges.audit import Audit, Event
from dangol.edges.consents import FileConsents
from dangol.edges.exports import SUPPRESSED, Export, Exports
from dangol.edges.lake import opened
from dangol.edges.people import LOCAL, Person
from dangol.edges.positions import append, broken_told, made
from dangol.edges.pseudonyms import pseudonym, pseudonyms
from dangol.errors import NoRightsError, SettingsError
from dangol.settings import Settings
from dangol.tables import AUDIENCE_MEMBERS, AUDIENCES, DECISIONS, FEEDBACK, Table

log = structlog.get_logger()
Format = Literal["csv", "excel", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Judgement = Literal["up", "down"]
REASONS: Mapping[str, Mapping[Language, str]] = {
    "wrong_number": {"ko": "숫자가 틀렸어요", "en": "A number is wrong"},
    "wrong_customers": {"ko": "다른 고객에 대한 답이에요", "en": "It is about other customers"},
    "not_asked": {"ko": "물은 것과 달라요", "en": "It is not what I asked"},
    "unclear": {"ko": "이해하기 어려워요", "en": "It is hard to understand"},
    "other": {"ko": "그 밖의 이유", "en": "Something else"},
}
"""Reasons of a judgement. Not free text, in which a customer could be named whom `dangol forget` would not find."""
KEPT_DAYS = 35
SHOWN_MEMBERS = 100
MEMBERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("grade", pa.string()),
        ("state", pa.string()),
        ("recency_days", pa.int32()),
        ("frequency", pa.int64()),
        ("monetary", pa.decimal128(18, 4)),
        ("last_purchase_date", pa.date32()),
    ]
)
MEDIA_TYPES: Mapping[Format, str] = {"csv": "text/csv", "excel": "text/csv", "parquet": "application/zip"}


@dataclass(frozen=True)
class Size:
    """How many customers an audience has, what they spent in the window, and how many of them may be written to. Null:
    too few to be shown to the person. `consent_known`: whether there is a file of consents at all. `evidence` proves
    customers and monetary."""

    customers: int | None
    monetary: Decimal | None
    reach: Reach | None
    consent_known: bool
    evidence: Evidence | None


@dataclass(frozen=True)
class Saved:
    """A saved audience; `size` is null where the person may not be told."""

    audience: Audience
    person: str
    saved_at: datetime
    size: Size | None


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Audiences:
    """For any number of people and threads. Viewers are told sizes of ten customers and more; analysts see members and
    take them away by pseudonym, admins by their ids. What shows or keeps members is audited first, or is not done.

    `clock` tells when something was saved or decided: the wall clock even where settings fix the shop's, for the order
    of what was done counts."""

    def __init__(
        self, asker: Asker, settings: Settings, audit: Audit | None = None, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        self.lake = asker.answerer.lake
        self.terms = asker.answerer.terms
        self.settings = settings
        self.store = settings.store.path
        self.home = settings.store.home
        self.consents = FileConsents(settings)
        self.log = audit or Audit(self.home)
        self.clock = clock
        self.exports = Exports(self.home)
        self.writing = threading.Lock()

    def size(self, audience: Audience, person: Person) -> Size:
        """Raises NoRightsError where a viewer asks for a group of one's own limits; StoreError as the lake."""
        audience = self.checked(audience)
        if core.refuses(audience, person.role):
            raise NoRightsError("viewers see sizes by grade, state, boundary, signal and week alone, not by own limits")
        evidence = self.run(core.queries(audience).size, audience)
        customers: int = evidence.rows[0]["customers"]
        consent_known = self.consents.consents() is not None
        if is_hidden(customers, person.role):
            return Size(None, None, None, consent_known, None)
        _, reach = self.reached(self.ids(audience), audience)
        too_small = any(
            is_hidden(part, person.role)
            for part in (reach.reachable, reach.suppressed, reach.no_consent, reach.held_out)
        )
        monetary = evidence.rows[0]["monetary"]
        return Size(customers, monetary, None if too_small else reach, consent_known, evidence)

    def members(self, audience: Audience, person: Person, n: int = SHOWN_MEMBERS) -> list[dict[str, Any]]:
        """At most `n` rows {customer_id, grade, state, recency_days, frequency, monetary, last_purchase_date}, most
        money first; for analysts the id is a pseudonym. Raises NoRightsError for viewers."""
        self.need_customers(person, "members of an audience")
        audience = self.checked(audience)
        rows = self.run(core.queries(audience).members, audience, n=n).rows
        self.audit("view", person, audience=audience.name, customers=len(rows))
        return self.named([{name: row[name] for name in MEMBERS.names} for row in rows], person)

    def save(self, audience: Audience, person: Person) -> None:
        """Under its name, in place of one of that name; notes who is in it today."""
        self.need_customers(person, "saved audiences")
        audience = self.checked(audience)
        if not audience.name:
            raise SettingsError("the audience has no name; give it one to save it")
        self.audit("decision", person, what="save", audience=audience.name)
        self.keep(audience.name, core.to_json(audience), person)
        self.note()

    def remove(self, name: str, person: Person) -> None:
        self.need_customers(person, "saved audiences")
        self.of_name(name)
        self.audit("decision", person, what="remove", audience=name)
        self.keep(name, None, person)

    def keep(self, name: str, spec: str | None, person: Person) -> None:
        self.append(AUDIENCES, [{"audience": name, "spec": spec, "person": person.name, "saved_at": self.clock()}])

    def saved(self, person: Person) -> list[Saved]:
        """By name. The first call of a day notes who is in them."""
        self.note()
        return [
            replace(one, size=None if core.refuses(one.audience, person.role) else self.size(one.audience, person))
            for one in self.known()
        ]

    def diff(self, name: str, person: Person, since: date | None = None) -> Diff:
        """Who has entered and who has left since the note of a day (default: yesterday), or, without one of that day or
        before, since the first note. Analysts read pseudonyms. Raises NoRightsError for viewers, SettingsError for a
        name that is not saved."""
        self.need_customers(person, "members of an audience")
        self.note()
        audience = self.of_name(name)
        noted = self.rows(AUDIENCE_MEMBERS, predicate=f"audience_id = '{audience_id(audience)}'")
        days = sorted({row["day"] for row in noted})
        wanted = since or self.settings.today - timedelta(1)
        day = max((day for day in days if day <= wanted), default=days[0])
        before = [row["customer_id"] for row in noted if row["day"] == day and row["customer_id"] is not None]
        found = core.diff(day, before, self.ids(audience))
        customers = len(found.entered) + len(found.left)
        self.audit("view", person, what="diff", audience=name, customers=customers)
        if person.role == "admin":
            return found
        entered, left = (tuple(pseudonyms(self.home, ids)) for ids in (found.entered, found.left))
        return replace(found, entered=entered, left=left)

    def export(self, audience: Audience | str, preset: Preset, format: Format, person: Person) -> str:
        """A token, by which `exported` gives the person those who may be written to, once, within fifteen minutes.

        `audience`: one, or the name of a saved one. Raises NoRightsError for viewers; SettingsError for a name, a
        preset or a format that is none, and when consent is required but there is no file of consents.
        """
        self.need_customers(person, "members of an audience")
        if preset not in core.PRESETS or format not in FORMATS:
            raise SettingsError(f"presets are {', '.join(core.PRESETS)}; formats are {', '.join(FORMATS)}")
        audience = self.of_name(audience) if isinstance(audience, str) else self.checked(audience)
        if audience.require_consent and self.consents.consents() is None:
            raise SettingsError(
                "it is not known who agreed to be written to, so nobody is left; set triggers.consent to the file of "
                "those who did, or take the audience without asking for consent"
            )
        evidence = self.run(core.queries(audience).members, audience)
        kept, reach = self.reached([row["customer_id"] for row in evidence.rows], audience)
        wanted = set(kept)
        rows = self.named([dict(row) for row in evidence.rows if row["customer_id"] in wanted], person)
        name = f"{slug(audience.name)}-{self.settings.today}-{preset}"
        headers = list(core.COLUMNS[preset].values())
        if person.role != "admin":
            headers[0] = "pseudonym"
        cells = core.cells(rows, preset, self.terms)
        cells = [dict(zip(headers, cell.values(), strict=True)) for cell in cells]
        if format == "parquet":
            told = {"audience": json.loads(core.to_json(audience)), "headers": headers} | manifest(evidence, reach)
            content, filename = packed(cells, headers, preset, told), f"{name}.zip"
        else:
            content, filename = core.to_csv(cells, headers, for_excel=format == "excel"), f"{name}.csv"
        sha256 = hashlib.sha256(content).hexdigest()
        self.audit("export", person, audience=audience.name, file=filename, customers=len(cells), sha256=sha256)
        return self.exports.add(Export(filename, MEDIA_TYPES[format], content), person)

    def exported(self, token: str, person: Person) -> Export:
        """(filename, media_type, content), where the filename is plain ASCII. Raises NoRightsError for a token that is
        not the person's, used or expired."""
        self.need_customers(person, "members of an audience")
        return self.exports.take(token, person)

    def todo(self, language: Language, person: Person) -> list[Task]:
        """What to do today, see answers/todo.py, without what was dismissed."""
        find = partial(tasks.tasks, self.lake, self.terms, self.settings.grades.boundary_below, self.settings.today)
        decided = self.decisions()
        found = [self.decided(task, decided.get(task.id)) for task in find(language, person.role)]
        return [task for task in found if task is not None]

    def decided(self, task: Task, decision: Decision | None) -> Task | None:
        """The task, approved if it was; null while it is dismissed."""
        if decision is None or not tasks.in_force(decision, self.ids(task.audience), self.clock()):
            return task
        return replace(task, approved=decision) if decision.verdict == "approve" else None

    def decide(self, task_id: str, verdict: Verdict, person: Person) -> None:
        """Keeps a decision, and no longer who the customers of those were that do not count any more.

        Raises NoRightsError for viewers, SettingsError for what is no task or no verdict.
        """
        self.need_customers(person, "decisions")
        audience = tasks.audience_of(task_id, self.terms.grade_names)
        if audience is None or verdict not in get_args(Verdict):
            raise SettingsError("there is no such task or decision; decisions are approve and dismiss")
        ids, now = self.ids(audience), self.clock()
        row = {"task_id": task_id, "verdict": verdict, "person": person.name, "decided_at": now}
        self.audit("decision", person, what=verdict, task=task_id, customers=len(ids))
        with self.writing:
            self.write(DECISIONS, [row | {"customer_id": customer_id} for customer_id in (None, *ids)])
            self.delete(DECISIONS, f"customer_id is not null and decided_at <= '{(now - tasks.HELD).isoformat()}'")

    def decisions(self) -> dict[str, Decision]:
        """By task the newest decision that may still be in force."""
        groups: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
        since = (self.clock() - tasks.HELD).isoformat()
        for row in self.rows(DECISIONS, predicate=f"decided_at > '{since}'"):
            groups.setdefault((row["task_id"], row["decided_at"]), []).append(row)
        return tasks.newest(
            [
                Decision(
                    task_id,
                    rows[0]["verdict"],
                    rows[0]["person"],
                    at,
                    frozenset(row["customer_id"] for row in rows if row["customer_id"] is not None),
                )
                for (task_id, at), rows in groups.items()
            ]
        )

    def feedback(self, answer: str, verdict: Judgement, reason: str | None, person: Person) -> None:
        """Keeps a judgement. `answer` is what identifies the answer, such as its question: kept as an HMAC alone.

        Raises SettingsError for another verdict, or a reason that is none of REASONS.
        """
        if verdict not in get_args(Judgement) or (reason is not None and reason not in REASONS):
            raise SettingsError(f"a judgement is up or down; reasons are {', '.join(REASONS)}")
        row = {"answer": pseudonym(self.home, answer), "verdict": verdict, "reason": reason, "person": person.name}
        self.append(FEEDBACK, [row | {"given_at": self.clock()}])

    def described(self, parts: Sequence[str], name: str = "") -> Audience:
        """Raises SettingsError as core.described."""
        return core.described(parts, self.terms.grade_names, name)

    def checked(self, audience: Audience) -> Audience:
        """Raises SettingsError as core.from_json."""
        return core.from_json(core.to_json(audience), self.terms.grade_names)

    def run(self, query: Query, audience: Audience, n: int | None = None) -> Evidence:
        asked = self.parameters(audience)
        return self.lake.run(query, asked if n is None else asked | {"n": n})

    def ids(self, audience: Audience) -> list[str]:
        found: list[str] = self.lake.column(core.queries(audience).ids, self.parameters(audience))
        return found

    def parameters(self, audience: Audience) -> dict[str, object]:
        return core.parameters(audience, self.terms, self.settings.grades.boundary_below, self.settings.today)

    def reached(self, customer_ids: Sequence[str], audience: Audience) -> tuple[list[str], Reach]:
        consents, held_out = self.consents.consents(), self.consents.is_held_out
        return core.reached(customer_ids, audience, consents, held_out, suppressed(self.home / SUPPRESSED))

    def named(self, rows: list[dict[str, Any]], person: Person) -> list[dict[str, Any]]:
        """The rows with what the person may call their customers."""
        if person.role == "admin":
            return rows
        names = pseudonyms(self.home, [row["customer_id"] for row in rows])
        return [row | {"customer_id": name} for row, name in zip(rows, names, strict=True)]

    def audit(self, event: Event, person: Person, **details: Any) -> None:
        self.log.note(event, person.name, person.role, **details)

    def need_customers(self, person: Person, what: str) -> None:
        if not may_see_customers(person.role):
            raise NoRightsError(f"{what} are not for viewers; ask an analyst or an admin")

    def known(self) -> list[Saved]:
        """The saved audiences by name, without sizes. One of grades that there are no more is left out."""
        newest = {row["audience"]: row for row in sorted(self.rows(AUDIENCES), key=lambda row: row["saved_at"])}
        found = []
        for _, row in sorted(newest.items()):
            if row["spec"] is not None:
                try:
                    audience = core.from_json(row["spec"], self.terms.grade_names)
                except SettingsError as error:
                    log.warning("saved audience left out", audience=row["audience"], reason=str(error))
                    continue
                found.append(Saved(audience, row["person"], row["saved_at"], None))
        return found

    def of_name(self, name: str) -> Audience:
        known = [one.audience for one in self.known()]
        for audience in known:
            if audience.name == name:
                return audience
        names = ", ".join(audience.name for audience in known) or "none yet"
        raise SettingsError(f"no audience of that name is saved; saved are: {names}")

    def note(self) -> None:
        """Writes down who is in each saved audience today, if that was not done yet, in one commit; days that are too
        old go."""
        known, today = self.known(), self.settings.today
        if not known:
            return
        with self.writing:
            noted = {row["audience_id"] for row in self.rows(AUDIENCE_MEMBERS, ["audience_id"], f"day = '{today}'")}
            missing = [one.audience for one in known if audience_id(one.audience) not in noted]
            rows = [
                {"audience_id": audience_id(audience), "day": today, "customer_id": customer_id}
                for audience in missing
                for customer_id in (None, *self.ids(audience))
            ]
            if rows:
                self.write(AUDIENCE_MEMBERS, rows)
                self.delete(AUDIENCE_MEMBERS, f"day < '{today - timedelta(KEPT_DAYS)}'")

    def delete(self, table: Table, old: str) -> None:
        """Deletes rows by a predicate that names no customer."""
        if self.rows(table, predicate=old):
            with broken_told(self.store):
                DeltaTable(self.store / table.name).delete(old)

    def rows(
        self, table: Table, columns: list[str] | None = None, predicate: str | None = None
    ) -> list[dict[str, Any]]:
        """None where the table is not there yet. Raises StoreError for one that cannot be read."""
        with broken_told(self.store):
            found = opened(self.store / table.name)
            return [] if found is None else pa.table(found.scan(columns=columns, predicate=predicate)).to_pylist()

    def append(self, table: Table, rows: list[dict[str, Any]]) -> None:
        with self.writing:
            self.write(table, rows)

    def write(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """One commit. Raises StoreError when it cannot be written."""
        with broken_told(self.store):
            delta = made(self.store, table)
            append(delta, pa.Table.from_pylist(rows, pa.schema(delta.schema().to_arrow())), None)


def local(settings: Settings) -> Audiences:
    """For who runs commands on the store."""
    return Audiences(asker(settings), settings)


def size_told(audiences: Audiences, parts: Sequence[str]) -> dict[str, Any]:
    """{customers, monetary, reachable, suppressed, no_consent, held_out, consent_known} of an audience described so."""
    size = audiences.size(audiences.described(parts), LOCAL)
    return sized(size) | {"consent_known": size.consent_known}


def sized(size: Size) -> dict[str, Any]:
    return {"customers": size.customers, "monetary": str(size.monetary)} | (asdict(size.reach) if size.reach else {})


def listed(audiences: Audiences) -> dict[str, Any]:
    """By name of each saved audience: as `size_told`, without consent_known, and {entered, left, since}."""
    told = {}
    for one in audiences.saved(LOCAL):
        found = audiences.diff(one.audience.name, LOCAL)
        moved = {"entered": len(found.entered), "left": len(found.left), "since": found.since.isoformat()}
        told[one.audience.name] = (sized(one.size) if one.size else {}) | moved
    return told


def write_export(audiences: Audiences, audience: Audience | str, preset: str, format: str, to: Path) -> int:
    """Writes a file for its owner alone; how many bytes. Raises SettingsError when it is there already, or cannot be
    written; else as Audiences.export."""
    token = audiences.export(audience, cast("Preset", preset), cast("Format", format), LOCAL)
    content = audiences.exported(token, LOCAL).content
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            return file.write(content)
    except OSError as error:
        raise SettingsError(f"{to} cannot be written ({error.strerror}); give the name of a new file") from None


def manifest(evidence: Evidence, reach: Reach) -> dict[str, Any]:
    """What a file was made of: {as_of, tables, query, parameters, count, left_out}."""
    return {
        "as_of": evidence.as_of.isoformat(),
        "tables": [
            {"table": source.table, "version": source.version, "committed_at": source.committed_at.isoformat()}
            for source in evidence.sources
        ],
        "query": {"name": evidence.query.name, "sql": evidence.query.sql},
        "parameters": evidence.parameters,
        "count": reach.reachable,
        "left_out": {"suppressed": reach.suppressed, "no_consent": reach.no_consent, "held_out": reach.held_out},
    }


def audience_id(audience: Audience) -> str:
    """SHA-256 of name and spec, in hex."""
    return hashlib.sha256(core.to_json(audience).encode()).hexdigest()


def suppressed(path: Path) -> frozenset[str]:
    """Raises SettingsError for a file that cannot be read: nobody is then known to be suppressed."""
    try:
        return frozenset(filter(None, path.read_text("utf-8-sig").split("\n")))
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read ({error}); expected a UTF-8 text file with one customer_id a line, of those who "
            "are never written to"
        ) from None


def slug(name: str) -> str:
    """A name for files, of plain letters, digits and -."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "audience"


def packed(rows: Iterable[Mapping[str, Any]], headers: Sequence[str], preset: Preset, about: dict[str, Any]) -> bytes:
    """A ZIP of members.parquet, and of manifest.json: `about` that file, and its SHA-256."""
    fields = zip(headers, core.COLUMNS[preset], strict=True)
    schema = pa.schema([(header, MEMBERS.field(column).type) for header, column in fields])
    parquet, archive = io.BytesIO(), io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema), parquet, compression="zstd")
    told = about | {"sha256": {"members.parquet": hashlib.sha256(parquet.getvalue()).hexdigest()}}
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("members.parquet", parquet.getvalue())
        files.writestr("manifest.json", json.dumps(told, ensure_ascii=False, indent=2, default=str))
    return archive.getvalue()
