"""`dangol forget`: one customer's traces are removed from all that this program keeps, and a receipt says which.

Needs no JVM. Rows are found and then removed by keys in a merge: a delete would write the id into Delta's log. What of
the customer the state of a query holds goes with its checkpoint, so a rebuild must follow. Killed anywhere, it is run
again.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from dangol.edges import index, question_log
from dangol.edges.checkpoints import progress
from dangol.edges.exports import FOLDER, SUPPRESSED
from dangol.edges.forgotten import add_forgotten
from dangol.edges.lake import UNREADABLE, literal
from dangol.edges.manifest import only_driver, read_manifest, write_json, write_manifest
from dangol.edges.metrics import FILE as METRICS
from dangol.edges.pseudonyms import pseudonym
from dangol.errors import StoreError
from dangol.settings import Settings
from dangol.tables import CHANGES, DELIVERIES, EVENTS, INLET, SEED, SUMMARIES

STATEFUL = ("grades", "days")
"""Queries whose checkpoints hold customers; that of ledger holds offsets alone."""
UNFINISHED = "forgetting.json"
"""Beside the checkpoints: by pseudonym, what there was of a customer whose removal has begun and is not over."""
LOG_FILE = re.compile(r"\.?(\d{20})\.")
FOUND = ("message_id", "source", "source_partition", "source_offset")
"""What identifies a message in `events`, and leads to where it came from."""


@dataclass(frozen=True)
class Doomed:
    """The rows of a table that are the customer's: how many, and the keys by which a merge finds them."""

    table: DeltaTable
    rows: int
    keys: tuple[pa.Table, ...]


def traces(settings: Settings, customer_id: str) -> dict[str, int]:
    """How much there is of a customer, or was when a removal began that did not end: rows by table, and lines of the
    logs (`questions`, `logs`). It changes nothing.

    Raises StoreError as `forget`.
    """
    with alone(settings), broken_told(settings):
        return counted(settings, customer_id, doomed(settings, customer_id))


def forget(settings: Settings, customer_id: str) -> dict[str, Any]:
    """Removes all traces of a customer and writes a receipt without the id; what it says: {forgotten_at, customer (its
    pseudonym), store, removed (as `traces`, and `index`), versions (of each table, after it), remains (sentences: what
    lies elsewhere), next, receipt}.

    Raises StoreError when the stream, changes or summarize runs, the source's files still hold orders of the customer,
    the inlet has rows that were not read, a table can be neither read nor written, or there is nothing of the customer.
    Other commands must not write to the store meanwhile.
    """
    home = settings.store.home
    with alone(settings), broken_told(settings):
        found = doomed(settings, customer_id)
        removed, remains = begun(settings, customer_id, found)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        leave_state(settings, customer_id, now)
        for name in sorted(found, key=lambda name: name == EVENTS.name):  # last, for it tells which of the inlet to go
            remove(found[name])
        versions = {name: purge(settings.store.path / name) for name in found}
        removed["index"] = index.forget_customer(home, customer_id)
        question_log.forget(home, customer_id)
        shutil.rmtree(home / FOLDER, ignore_errors=True)  # what waits to be taken away is exported again
        forget_in_logs(settings.store.logs, customer_id)
        receipt: dict[str, Any] = {
            "forgotten_at": now,
            "customer": pseudonym(home, customer_id),
            "store": str(settings.store.path),
            "removed": removed,
            "versions": versions,
            "remains": remains,
            "next": "dangol rebuild",
        }
        path = home / "receipts" / f"forget-{now.replace(':', '')}-{receipt['customer'][:12]}.json"
        write_json(path, receipt)
        path.chmod(0o600)
        done(settings, customer_id)
        return receipt | {"receipt": str(path)}


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keeps out what follows the tables. Raises StoreError when it runs, or there is no store."""
    if not (settings.store.path / EVENTS.name).exists():
        raise StoreError(
            f"{settings.store.path} has no events, so nobody is known there; give --store the right folder"
        )
    checkpoints = settings.store.checkpoints
    with ExitStack() as locks:
        locks.enter_context(only_driver(checkpoints))
        for table, command in ((CHANGES, "dangol changes"), (SUMMARIES, "dangol summarize")):
            locks.enter_context(only_driver(checkpoints / table.name, command, "end that process"))
        yield


@contextmanager
def broken_told(settings: Settings) -> Iterator[None]:
    """Raises StoreError for a table that can be neither read nor written."""
    try:
        yield
    except UNREADABLE as error:
        raise StoreError(
            f"something under {settings.store.home} cannot be read or written ({error}); mend that and run it again"
        ) from error


def doomed(settings: Settings, customer_id: str) -> dict[str, Doomed]:
    """By name of each table that knows customers, what is to go of it; `seed` is not among them."""
    if not customer_id.strip():
        raise StoreError("the customer's id is empty; give the whole id")
    tables = tables_of(settings.store.path)
    refuse_unread(settings, tables.get(INLET.name))
    refuse_source(settings, customer_id)
    messages = messages_of(tables[EVENTS.name], customer_id)
    found = {}
    for name, table in tables.items():
        by_id = pa.table({"customer_id": [customer_id]})
        rows = pa.table(table.scan(columns=["customer_id"], predicate=of(customer_id))).num_rows
        if name == EVENTS.name:
            ids = {row["message_id"] for row in messages}
            found[name] = Doomed(table, len(messages), (pa.table({"message_id": sorted(ids)}),))
        elif name == INLET.name:
            places = {(m["source_partition"], m["source_offset"]) for m in messages if m["source"] == INLET.name}
            orders = pa.table(dict(zip(("origin", "position"), zip(*sorted(places), strict=True), strict=False)))
            found[name] = Doomed(table, rows + len(places), (by_id, orders))
        else:
            found[name] = Doomed(table, rows, (by_id,))
    return found


def tables_of(store: Path) -> dict[str, DeltaTable]:
    """The tables of a store that have a customer_id, by name."""
    found = {folder.name: DeltaTable(folder) for folder in sorted(store.iterdir()) if (folder / "_delta_log").is_dir()}
    return {name: table for name, table in found.items() if "customer_id" in columns(table)}


def columns(table: DeltaTable) -> list[str]:
    return [field.name for field in table.schema().fields]


def of(customer_id: str) -> str:
    """The predicate of a customer's rows."""
    return f"customer_id = {literal(customer_id)}"


def messages_of(events: DeltaTable, customer_id: str) -> list[dict[str, Any]]:
    """FOUND of each message of a customer, and of each rejected one that names the customer."""
    accepted: list[dict[str, Any]] = pa.table(events.scan(columns=list(FOUND), predicate=of(customer_id))).to_pylist()
    others = f"array_length(rejections) > 0 and not coalesce({of(customer_id)}, false)"
    rejected = [
        {name: row[name] for name in FOUND}
        for batch in events.scan(columns=[*FOUND, "value"], predicate=others)
        for row in pa.record_batch(batch).to_pylist()
        if names(row["value"] or b"", customer_id)
    ]
    return accepted + rejected


def names(value: bytes, customer_id: str) -> bool:
    """Whether a rejected message is a customer's: by its customer_id, or, where none can be read, by any mention."""
    owners = owners_of(value)
    return customer_id in owners if owners else bool(mention_of(customer_id).search(value))


def owners_of(message: bytes) -> set[str] | None:
    """What stands under customer_id in a message, wherever and however often; null when it is not JSON."""
    owners = set[str]()

    def kept(pairs: list[tuple[str, Any]]) -> None:
        owners.update(str(value).strip() for name, value in pairs if name == "customer_id" and value is not None)

    try:
        json.loads(message, object_pairs_hook=kept)
    except (ValueError, RecursionError):
        return None
    return owners


def mention_of(customer_id: str) -> re.Pattern[bytes]:
    """The id as a whole word, as it stands or escaped as in JSON: 12347, and not 123470, 12347-1 or 12347.5."""
    spellings = {customer_id, *(json.dumps(customer_id, ensure_ascii=ascii)[1:-1] for ascii in (True, False))}
    words = b"|".join(re.escape(spelling.encode()) for spelling in sorted(spellings))
    before, after = (rb"\x80-\xff" if ord(end) > 127 else b"" for end in (customer_id[0], customer_id[-1]))
    return re.compile(rb"(?<![\w%b-])(?<!\d\.)(?:%b)(?![\w%b-]|\.\d)" % (before, words, after))


def refuse_unread(settings: Settings, inlet: DeltaTable | None) -> None:
    """Raises StoreError when ledger has yet to read what grades has read of the bus, for it would bring the customer
    back, or rows of the inlet: it could not find them again in the files that the removal writes anew, and `events`
    does not tell yet whose they are."""
    ledger, grades = offsets_of(settings, "ledger"), offsets_of(settings, "grades")
    topic = settings.source.topic
    read, graded = on_bus(ledger, topic), on_bus(grades, topic)
    if any(read.get(partition, 0) < offset for partition, offset in graded.items()):
        raise StoreError(
            "events lacks messages that the stream has graded; run dangol stream --available-now, then forget again"
        )
    if inlet is None:
        return
    version = 0
    for offset in ledger:
        if offset.get("reservoirId") == inlet.metadata().id:
            version = 0 if offset["isStartingVersion"] else int(offset["reservoirVersion"])
    if any(appends(commit) for commit in commits(settings.store.path / INLET.name, version)):
        raise StoreError(
            "the inlet has rows that the stream has not read; run dangol stream --available-now, then forget again"
        )


def offsets_of(settings: Settings, query: str) -> list[dict[str, Any]]:
    """How far a query has read, by source, as far as a source tells it as a mapping."""
    manifest = read_manifest(settings.store.checkpoints)
    read = progress(manifest.checkpoint(settings.store.checkpoints, query)) if manifest else None
    return [offset for offset in read.offsets if isinstance(offset, dict)] if read else []


def on_bus(offsets: list[dict[str, Any]], topic: str) -> dict[str, int]:
    """The offset by partition, of the source that is the bus; empty without one."""
    return next((offset[topic] for offset in offsets if topic in offset), {})


def commits(table: Path, version: int) -> Iterator[list[dict[str, Any]]]:
    """The actions of each commit from a version on, as far as the log goes back."""
    for path in sorted((table / "_delta_log").glob("*.json")):
        if LOG_FILE.fullmatch(path.stem + ".") and int(path.stem) >= version:
            yield [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def appends(commit: Iterable[dict[str, Any]]) -> bool:
    """Whether a query that skips changes has something to read in a commit."""
    changed = {kind for action in commit for kind in ("add", "remove") if action.get(kind, {}).get("dataChange")}
    return changed == {"add"}


def refuse_source(settings: Settings, customer_id: str) -> None:
    """Raises StoreError when the files that orders come from hold the customer's: a rebuild reads them all again."""
    folder = settings.source.path
    if settings.source.kind != "files" or folder is None or not folder.is_dir():
        return
    mention = mention_of(customer_id)
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith((".", "_")):
            with path.open("rb") as lines:
                if any(holds(line, customer_id, mention) for line in lines):
                    raise StoreError(
                        f"{path} holds orders of the customer, and a rebuild reads it again; "
                        "take those lines out of it first"
                    )


def holds(line: bytes, customer_id: str, mention: re.Pattern[bytes]) -> bool:
    owners = owners_of(line)
    return bool(mention.search(line)) if owners is None else customer_id in owners


def counted(settings: Settings, customer_id: str, found: dict[str, Doomed]) -> dict[str, int]:
    """What `traces` says. Raises StoreError when it is nothing at all."""
    home, mention = settings.store.home, mention_of(customer_id)
    counts = {name: table.rows for name, table in found.items()}
    seeds = [DeltaTable(folder) for folder in sorted((settings.store.path / SEED.name).glob("*"))]
    counts[SEED.name] = sum(
        pa.table(seed.scan(columns=["customer_id"], predicate=of(customer_id))).num_rows for seed in seeds
    )
    counts["questions"] = question_log.mentions(home, customer_id)
    counts["logs"] = sum(bool(mention.search(line)) for path in logs(settings.store.logs) for line in path.open("rb"))
    before = unfinished(settings).get(pseudonym(home, customer_id))
    if before is None and not any(counts.values()):
        raise StoreError(f"there is nothing of customer {customer_id} under {settings.store.path}; check the id")
    earlier = before["removed"] if before else {}
    return {name: max(count, earlier.get(name, 0)) for name, count in counts.items()}


def unfinished(settings: Settings) -> dict[str, Any]:
    """What UNFINISHED says."""
    try:
        found: dict[str, Any] = json.loads((settings.store.checkpoints / UNFINISHED).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def begun(settings: Settings, customer_id: str, found: dict[str, Doomed]) -> tuple[dict[str, int], list[str]]:
    """What is removed and what remains, written down before anything goes."""
    name, others = pseudonym(settings.store.home, customer_id), unfinished(settings)
    removed = counted(settings, customer_id, found)
    earlier = others.get(name, {"remains": []})["remains"]
    remains = list(dict.fromkeys([*earlier, *elsewhere(settings, customer_id)]))
    write_json(settings.store.checkpoints / UNFINISHED, others | {name: {"removed": removed, "remains": remains}})
    return removed, remains


def done(settings: Settings, customer_id: str) -> None:
    name, path = pseudonym(settings.store.home, customer_id), settings.store.checkpoints / UNFINISHED
    if others := {other: begun for other, begun in unfinished(settings).items() if other != name}:
        write_json(path, others)
    else:
        path.unlink()


def leave_state(settings: Settings, customer_id: str, now: str) -> None:
    """Has the stream refuse to go on until a rebuild, and removes what its state and its last words hold of customers.
    First of all it writes down which messages of the bus will be missing from `events`."""
    checkpoints, store = settings.store.checkpoints, settings.store.path
    messages = messages_of(DeltaTable(store / EVENTS.name), customer_id)
    bus = [message for message in messages if message["source"] == "kafka"]
    add_forgotten(checkpoints, {(m["source_partition"], m["source_offset"]): m["message_id"] for m in bus})
    manifest = read_manifest(checkpoints)
    if manifest:
        others = [customer for customer in manifest.outgrown if customer != customer_id]
        stale = f"a customer was forgotten at {now}, and the stream's state with it"
        write_manifest(checkpoints, replace(manifest, outgrown=others, stale=stale))
    for query in STATEFUL:
        for folder in checkpoints.glob(f"{query}-*"):
            shutil.rmtree(folder)
    (checkpoints / METRICS).unlink(missing_ok=True)
    if (store / SEED.name).exists():
        shutil.rmtree(store / SEED.name)


def remove(doomed: Doomed) -> None:
    """Removes rows by their keys, which the log does not tell."""
    for keys in doomed.keys if doomed.rows else ():
        if keys.num_rows:
            same = " and ".join(f"kept.{name} = gone.{name}" for name in keys.column_names)
            # not streamed, the merge would look for the range of the keys first, and write that into the log
            merger = doomed.table.merge(keys, same, source_alias="gone", target_alias="kept", streamed_exec=True)
            merger.when_matched_delete().execute()


def purge(folder: Path) -> int:
    """Removes all files of a table but those of its newest version, and what its log said before; that version.

    The inlet's log stays: ledger goes on in it. It tells no customers, for its statistics are of enqueued_time alone.
    """
    table = DeltaTable(folder)
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    table.create_checkpoint()
    if folder.name != INLET.name:
        log = [
            (int(found[1]), path) for path in (folder / "_delta_log").iterdir() if (found := LOG_FILE.match(path.name))
        ]
        for _, path in sorted(entry for entry in log if entry[0] < table.version()):
            path.unlink()
    return int(table.version())


def logs(folder: Path) -> list[Path]:
    """The processes' logs."""
    return [path for path in sorted(folder.glob("*")) if path.is_file() and not path.name.startswith(question_log.FILE)]


def forget_in_logs(folder: Path, customer_id: str) -> None:
    """Removes the lines that mention the customer."""
    mention = mention_of(customer_id)
    for path in logs(folder):
        with path.open("rb") as lines:
            if not any(mention.search(line) for line in lines):
                continue
        draft = path.with_name(f"{path.name}.tmp")
        with path.open("rb") as lines, draft.open("wb") as kept:
            kept.writelines(line for line in lines if not mention.search(line))
        shutil.copymode(path, draft)
        draft.replace(path)


def elsewhere(settings: Settings, customer_id: str) -> Iterator[str]:
    """What this program cannot remove, and who can."""
    source, mention = settings.source, mention_of(customer_id)
    if source.kind == "kafka":
        yield (
            f"messages of topic {source.topic} stay on the bus until its retention ends; that is its owner's to set. "
            "Those that were not read yet bring the customer back as a new one"
        )
    consent = settings.triggers.consent
    if consent and consent.is_file() and mention.search(consent.read_bytes()):
        yield f"{consent}, the file of triggers.consent, lists the customer; take the line out"
    suppressed = settings.store.home / SUPPRESSED
    if suppressed.is_file() and mention.search(suppressed.read_bytes()):
        yield f"{suppressed} lists the customer as one who is never written to; take the line out, or keep it for that"
    if customer_id in settings.ingest.ignored_customers:
        yield "ingest.ignored_customers lists the customer; take it out, also in the store's settings.json"
    deliveries = settings.store.path / DELIVERIES.name
    if deliveries.exists():
        sent = pa.table(
            DeltaTable(deliveries).scan(columns=["outcome"], predicate=f"{of(customer_id)} and outcome = 'sent'")
        )
        if sent.num_rows:
            yield f"{sent.num_rows} changes of the customer were sent to whom triggers name; have them forget, too"
    yield "models and their runs in the registry hold sums, shares and pictures of all customers, and no id"
    yield (
        "a page that runs holds the customer in memory until it looks again; backups, copies and files of backfills "
        "are their owner's"
    )
