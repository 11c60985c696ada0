"""Changes told to the outside, when it is switched on: to a topic, an event hub or a signed webhook.

Told are those who agreed (`triggers.consent`), less a hold-out; each change at least once, with its id, by which a
receiver drops repeats. What became of it stands in `deliveries`; `failed` rows are the dead letters.
"""

import hashlib
import hmac
import ipaddress
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import duckdb
import httpx
import numpy as np
import pyarrow as pa
import structlog
from deltalake import DeltaTable
from pydantic import SecretStr
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential_jitter,
)

from dangol.edges.lake import CLOSED, UNREADABLE, opened, since
from dangol.edges.positions import append, joined, made, reached, split
from dangol.errors import DangolError, SettingsError, SourceError
from dangol.orders.simulation import Message
from dangol.settings import Settings
from dangol.settings import Triggers as Rules
from dangol.tables import CHANGES, DELIVERIES

if TYPE_CHECKING:  # azure and confluent_kafka take seconds to import
    from dangol.edges.producers import Producer

log = structlog.get_logger()
Change = dict[str, Any]
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LOOK_SECONDS = 1.0
TIMEOUT = httpx.Timeout(10, connect=5)
WORKERS = 8
"""A receiver is asked so many things at once, so that one that fails does not keep the others waiting."""
CHUNK = 100
"""So many changes are sent before it is written down; killed in between, they are sent again."""
MEASURED = 10_000
"""So many orders, the newest, tell how long they took."""
REPEATABLE = {408, 429}

FAILED = """
select changes.* from changes semi join (
    select change_id from deliveries group by change_id having arg_max(outcome, handled_at) = 'failed'
) using (change_id) order by generation, batch_id, change_id
"""
OUTCOMES = """
select outcome, count(*) from (select arg_max(outcome, handled_at) as outcome from deliveries group by change_id)
group by outcome order by outcome
"""


@dataclass(frozen=True)
class Attempt:
    """How sending a change ended: after how many attempts, when, and why it failed; no reason when it arrived."""

    attempts: int
    at: datetime
    reason: str | None = None


class Channel(Protocol):
    """Where changes go."""

    def send(self, changes: Sequence[Change], ending: threading.Event) -> list[Attempt | None]:
        """How each change ended; none for one that was given up because of `ending`."""

    def close(self) -> None: ...


class UnreachableError(Exception):
    """It did not arrive, and may at another time."""


class EndingError(Exception):
    """It is not sent any more, for this process ends."""


class RefusedError(Exception):
    """It was not taken, and will not be."""


def attempted(
    send: Callable[[], None], attempts: int, ending: threading.Event, first_wait: float = FIRST_WAIT_SECONDS
) -> Attempt | None:
    """Sends, waiting twice as long after each failure that may pass; none when given up because of `ending`."""
    retrying = Retrying(
        retry=retry_if_exception_type(UnreachableError),
        stop=stop_after_attempt(attempts) | stop_when_event_set(ending),
        wait=wait_exponential_jitter(multiplier=first_wait, max=LONGEST_WAIT_SECONDS, jitter=first_wait),
        sleep=sleep_using_event(ending),
        reraise=True,
    )

    def unless_ending() -> None:
        if ending.is_set():
            raise EndingError
        send()

    reason = None
    try:
        retrying(unless_ending)
    except EndingError:
        return None
    except (UnreachableError, RefusedError) as error:
        reason = str(error)
    count = retrying.statistics["attempt_number"]
    if reason and ending.is_set() and count < attempts:
        return None
    return Attempt(count, datetime.now(UTC), reason)


class Webhook:
    """POSTs each change as JSON. What it sends is signed: HMAC-SHA256, in hex, over the text `TIMESTAMP.BODY`."""

    def __init__(self, url: str, secret: SecretStr, attempts: int, first_wait: float = FIRST_WAIT_SECONDS) -> None:
        """Raises SettingsError for an address that would let the change be read on its way."""
        refuse_open(url)
        self.url = url
        self.secret = secret
        self.attempts = attempts
        self.first_wait = first_wait
        # plain HTTP stays on this machine, whatever proxy the environment names
        self.client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=url.startswith("https:"))
        self.pool = ThreadPoolExecutor(WORKERS, "webhook")

    def send(self, changes: Sequence[Change], ending: threading.Event) -> list[Attempt | None]:
        def one(change: Change) -> Attempt | None:
            return attempted(lambda: self.post(change), self.attempts, ending, self.first_wait)

        return list(self.pool.map(one, changes))

    def post(self, change: Change) -> None:
        body, timestamp = encoded(change), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Dangol-Change-Id": change["change_id"],
            "Dangol-Timestamp": timestamp,
            "Dangol-Signature": signature(self.secret, timestamp, body),
        }
        try:
            status = self.client.post(self.url, content=body, headers=headers).status_code
        except httpx.RequestError as error:
            raise UnreachableError(type(error).__name__) from None  # its text may hold the address, and that a secret
        if status >= 500 or status in REPEATABLE:
            raise UnreachableError(f"HTTP {status}")
        if not 200 <= status < 300:
            raise RefusedError(f"HTTP {status}")

    def close(self) -> None:
        self.pool.shutdown()
        self.client.close()


class Topic:
    """A topic of the broker or an event hub; the key is the customer, so that a customer's changes stay in order."""

    def __init__(self, producer: "Producer", attempts: int, first_wait: float = FIRST_WAIT_SECONDS) -> None:
        self.producer = producer
        self.attempts = attempts
        self.first_wait = first_wait

    def send(self, changes: Sequence[Change], ending: threading.Event) -> list[Attempt | None]:
        """All together: the producer tells how many did not arrive, and not which."""
        messages = [Message(change["customer_id"], encoded(change), change["as_of"]) for change in changes]

        def all_of_them() -> None:
            try:
                self.producer.send(messages)
            except SourceError as error:
                raise UnreachableError(str(error)) from None

        return [attempted(all_of_them, self.attempts, ending, self.first_wait)] * len(changes)

    def close(self) -> None:
        self.producer.close()


def encoded(change: Change) -> bytes:
    """A row of `changes` as JSON: money as text, times in ISO 8601."""
    return json.dumps(change, ensure_ascii=False, separators=(",", ":"), default=as_text).encode()


def as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def signature(secret: SecretStr, timestamp: str, body: bytes) -> str:
    key = secret.get_secret_value().encode()
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def refuse_open(url: str) -> None:
    """Raises SettingsError, without the address, for it may hold a secret."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname or ""))
        usable = safe and bool(parts.hostname) and httpx.URL(url).host
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise SettingsError("triggers.url is no https:// address; http:// is for 127.0.0.1 alone") from None
    if parts.username or parts.password:
        raise SettingsError("triggers.url has a login in it; leave it out, the signature tells who sends")


def loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Consent:
    """The customer ids of a text file, one a line, read anew when the file changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_at: tuple[int, int] | None = None
        self.ids: frozenset[str] = frozenset()
        self.refresh()

    def refresh(self) -> None:
        """Raises SettingsError when the file cannot be read: nobody is then known to agree."""
        try:
            stat = self.path.stat()
            if (stat.st_mtime_ns, stat.st_size) != self.read_at:
                lines = self.path.read_text("utf-8-sig").split("\n")  # universal newlines; no other sign ends an id
                self.ids, self.read_at = frozenset(filter(None, lines)), (stat.st_mtime_ns, stat.st_size)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"triggers.consent = {self.path} cannot be read ({error}); "
                "expected a UTF-8 text file with one customer_id a line, of those who agreed"
            ) from None


@dataclass(frozen=True)
class Policy:
    """Whom to tell."""

    consent: Consent
    holdout_percent: float
    holdout_salt: str
    max_age: timedelta

    def withheld(self, change: Change, now: datetime) -> str | None:
        """Why a change is not told: no_consent, held_out or expired; none when it is."""
        if change["customer_id"] not in self.consent.ids:
            return "no_consent"
        if held_out(change["customer_id"], self.holdout_percent, self.holdout_salt):
            return "held_out"
        return "expired" if now - change["enqueued_time"] > self.max_age else None


def held_out(customer_id: str, percent: float, salt: str) -> bool:
    """Whether a customer belongs to the `percent` who are never told; always the same for one salt."""
    digest = hashlib.sha256(f"{salt}/{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < percent / 100 * 2**64


def deal(changes: Sequence[Change], policy: Policy, channel: Channel, ending: threading.Event) -> list[dict[str, Any]]:
    """Sends what is to be sent; the rows of `deliveries`, without what was given up because of `ending`."""
    policy.consent.refresh()
    now = datetime.now(UTC)
    withheld = {change["change_id"]: policy.withheld(change, now) for change in changes}
    told = [change for change in changes if not withheld[change["change_id"]]]
    sent = {c["change_id"]: attempt for c, attempt in zip(told, channel.send(told, ending), strict=True)}
    rows = []
    for change in changes:
        why = withheld[change["change_id"]]
        attempt = Attempt(0, now) if why else sent[change["change_id"]]
        if attempt:
            same = {name: change[name] for name in ("change_id", "customer_id", "generation", "batch_id")}
            outcome = why or ("failed" if attempt.reason else "sent")
            rows.append(
                same
                | {"outcome": outcome, "attempts": attempt.attempts}
                | {"reason": attempt.reason, "handled_at": attempt.at}
            )
    return rows


class Sender:
    """Follows `changes` in a thread of its own, so that whoever is told holds nothing up.

    A first start begins with what changes from now on. How far it has come is written with the rows of `deliveries`.
    """

    def __init__(self, store: Path, causes: Sequence[str], policy: Policy, channel: Channel) -> None:
        """`store` has a table `changes`."""
        self.store = store
        self.causes = ", ".join(f"'{cause}'" for cause in causes)
        self.policy = policy
        self.channel = channel
        self.outcomes = Counter[str]()
        self.seconds = deque[float](maxlen=MEASURED)
        self.problem: str | None = None
        self.woken, self.draining, self.ending = threading.Event(), threading.Event(), threading.Event()
        self.open()
        self.thread = threading.Thread(target=self.run, name="triggers")

    def open(self) -> None:
        self.changes, self.deliveries = DeltaTable(self.store / CHANGES.name), made(self.store, DELIVERIES)
        position = reached(self.deliveries, DELIVERIES.name)
        if position is None:
            position = reached(self.changes, CHANGES.name) or 0
            append(self.deliveries, None, (DELIVERIES.name, position))
        self.position = position
        rows = self.deliveries.scan(columns=["change_id"], predicate=since(split(position), ">"))
        self.handled: set[str] = set(pa.table(rows)["change_id"].to_pylist())

    def wake(self) -> None:
        """There may be something to do."""
        self.woken.set()

    def drain(self) -> None:
        """Returns when all that is in `changes` has been dealt with, or could not be."""
        self.draining.set()
        self.wake()
        self.thread.join()

    def end(self) -> None:
        """Gives up what is being repeated; it comes again at the next start."""
        self.ending.set()
        self.wake()
        self.thread.join()

    def run(self) -> None:
        while not self.ending.is_set():
            last = self.draining.is_set()
            try:
                self.step()
                self.problem = None
            except (DangolError, *UNREADABLE) as error:
                self.trouble(str(error))
            except Exception as error:  # noqa: BLE001 - whatever a channel raises, the writing of changes goes on
                self.trouble(type(error).__name__)
            if last:
                return
            self.woken.wait(LOOK_SECONDS)
            self.woken.clear()

    def trouble(self, reason: str) -> None:
        if reason != self.problem:
            log.warning("triggers wait", reason=reason)
        self.problem = reason
        with suppress(*UNREADABLE):  # then the next step meets the same and tells it
            self.open()  # a commit that failed may be there

    def step(self) -> None:
        newest = reached(self.changes, CHANGES.name) or 0
        if newest <= self.position:
            return
        changes = self.pending()
        for start in range(0, len(changes), CHUNK):
            chunk = changes[start : start + CHUNK]
            rows = deal(chunk, self.policy, self.channel, self.ending)
            complete = len(rows) == len(chunk)
            if complete:
                last = joined(chunk[-1]["generation"], chunk[-1]["batch_id"])
                self.position = newest if start + CHUNK >= len(changes) else last - 1
            self.record(chunk, rows)
            if not complete:
                return
        self.position = newest
        self.handled.clear()

    def pending(self) -> list[Change]:
        """The changes to be dealt with, in their order."""
        wanted = f"({since(split(self.position), '>')}) and cause in ({self.causes})"
        changes: list[Change] = pa.table(self.changes.scan(predicate=wanted)).to_pylist()
        changes.sort(key=lambda change: (change["generation"], change["batch_id"], change["change_id"]))
        return [change for change in changes if change["change_id"] not in self.handled]

    def record(self, chunk: Sequence[Change], rows: list[dict[str, Any]]) -> None:
        append(self.deliveries, table_of(rows, self.deliveries), (DELIVERIES.name, self.position))
        self.handled.update(row["change_id"] for row in rows)
        self.outcomes.update(row["outcome"] for row in rows)
        orders = {change["change_id"]: change["enqueued_time"] for change in chunk if change["cause"] == "order"}
        self.seconds.extend(
            (row["handled_at"] - orders[row["change_id"]]).total_seconds()
            for row in rows
            if row["outcome"] == "sent" and row["change_id"] in orders
        )

    def result(self) -> dict[str, Any]:
        """{outcomes, order_to_trigger_seconds, problem}: of this run; see `percentiles`; why it waits, if it does."""
        return {
            "outcomes": dict(self.outcomes),
            "order_to_trigger_seconds": percentiles(self.seconds),
            "problem": self.problem,
        }


def percentiles(seconds: Sequence[float]) -> dict[str, float] | None:
    """{p50, p95, orders}; none without any."""
    if not seconds:
        return None
    p50, p95 = np.percentile(list(seconds), [50, 95])
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3), "orders": len(seconds)}


@contextmanager
def sending(settings: Settings) -> Iterator[Sender | None]:
    """A sender that runs, or none when triggers.kind is null. Raises SettingsError when a setting is missing."""
    if settings.triggers.kind is None:
        yield None
        return
    policy = policy_of(settings.triggers)
    with closing(channel_of(settings)) as channel:
        sender = Sender(settings.store.path, settings.triggers.causes, policy, channel)
        sender.thread.start()
        try:
            yield sender
        finally:
            sender.end()


def redeliver(settings: Settings) -> dict[str, int]:
    """Sends what has failed again; how many by outcome. Consent and hold-out are asked anew, the age is not.

    Raises SettingsError when triggers are off or lack a setting.
    """
    if settings.triggers.kind is None:
        raise SettingsError("triggers.kind is null, so nothing is sent; set it as when the deliveries failed")
    policy = replace(policy_of(settings.triggers), max_age=timedelta.max)
    changes, deliveries = opened(settings.store.path / CHANGES.name), opened(settings.store.path / DELIVERIES.name)
    if changes is None or deliveries is None:
        return {}
    failed = rows_of(FAILED, changes=changes, deliveries=deliveries).to_arrow_table().to_pylist()
    outcomes = Counter[str]()
    with closing(channel_of(settings)) as channel:
        for start in range(0, len(failed), CHUNK):
            rows = deal(failed[start : start + CHUNK], policy, channel, threading.Event())
            append(deliveries, table_of(rows, deliveries), None)
            outcomes.update(row["outcome"] for row in rows)
    return dict(outcomes)


def outcomes(store: Path) -> dict[str, int]:
    """How many changes ended how, by their newest row of `deliveries`."""
    deliveries = opened(store / DELIVERIES.name)
    return dict(rows_of(OUTCOMES, deliveries=deliveries).fetchall()) if deliveries else {}


def rows_of(sql: str, **tables: DeltaTable) -> duckdb.DuckDBPyRelation:
    database = duckdb.connect(config=CLOSED)
    for name, table in tables.items():
        database.register(name, pa.table(table.scan()))
    return database.sql(sql)


def table_of(rows: list[dict[str, Any]], table: DeltaTable) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(table.schema().to_arrow()))


def policy_of(rules: Rules) -> Policy:
    if rules.consent is None:
        raise SettingsError(
            "triggers.consent is not set; give the path of a text file with one customer_id a line, of those who agreed"
        )
    age = timedelta(hours=rules.max_age_hours)
    return Policy(Consent(rules.consent), rules.holdout_percent, rules.holdout_salt, age)


def channel_of(settings: Settings) -> Channel:
    rules, source = settings.triggers, settings.source
    if rules.kind == "webhook":
        if rules.url is None:
            raise SettingsError("triggers.url is not set; give the address that takes the changes")
        if rules.secret is None:
            raise SettingsError("triggers.secret is not set; set DANGOL_TRIGGERS__SECRET")
        return Webhook(rules.url, rules.secret, rules.attempts)
    if rules.topic == source.topic:
        raise SettingsError(
            f"triggers.topic is {rules.topic}, where orders come from; give the changes one of their own"
        )
    from dangol.edges import producers

    source = source.model_copy(update={"topic": rules.topic})
    if rules.kind == "eventhubs":
        return Topic(producers.EventHubsProducer(source), rules.attempts)
    login = source.security, source.connection_string
    return Topic(producers.BrokerProducer(source.bootstrap_servers, source.topic, *login), rules.attempts)
