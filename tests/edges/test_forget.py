"""Forgetting a customer: all that was written of it goes, whoever looks alike stays, a receipt says what was done."""

import io
import json
import re
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from sources_fixture import TYPES, SourcesStore
from store_fixture import AS_OF
from summaries_fixture import SummariesStore

from dangol.answers.intents import Period, Scope
from dangol.cli import main
from dangol.edges import forget as forgetting
from dangol.edges import question_log
from dangol.edges.forget import forget, traces
from dangol.edges.forgotten import read_forgotten
from dangol.edges.index import Index
from dangol.edges.manifest import Manifest, only_driver, read_manifest, write_json, write_manifest
from dangol.edges.positions import made, note, reached
from dangol.edges.pseudonyms import pseudonym
from dangol.errors import StoreError
from dangol.settings import Settings, load_settings
from dangol.tables import CHANGES, CUSTOMER_DAYS, DELIVERIES, INLET, SEED, SUMMARIES, Table

pytestmark = pytest.mark.real

WHOLE = {
    "events": 4,
    "inlet": 2,
    "customer_history": 2,
    "customers": 1,
    "customer_days": 1,
    "changes": 1,
    "deliveries": 1,
    "summaries": 1,
    "seed": 1,
    "questions": 1,
    "logs": 1,
}
"""What there is of each customer of `template`."""
EVERYBODY = ("1234", "12345", "ana-90210")
LINE = b'{"type":"placed","customer_id":"%s","order_id":"o"}'


def write(store: Path, table: Table, *rows: dict[str, Any]) -> None:
    """One commit, of the columns of plain types."""
    schema = pa.schema([(column.name, TYPES[column.type]) for column in table.columns if column.type in TYPES])
    write_deltalake(store / table.name, pa.Table.from_pylist(list(rows), schema), mode="append")


def messages(store: SourcesStore, number: int, customer: str) -> list[dict[str, Any]]:
    """Of a customer: an order on the bus, one by the inlet, a refused one, and one that is no JSON."""
    value = LINE % customer.encode()
    origins = [
        (value, "kafka", "orders/0", 10 * number),
        (value, "inlet", "backfill/1", number),
        (value, "kafka", "orders/0", 10 * number + 1),
        (b'"customer_id": "%s", broken' % customer.encode(), "kafka", "orders/1", number),
    ]
    return [
        store.placed(customer if at < 2 else None, "o", "2011-12-01", "10.00", ("CANDLE", 1, "10.00"))
        | {"value": value, "source": source, "source_partition": partition, "source_offset": offset}
        | {"message_id": f"message {number}.{at}", "rejections": [] if at < 2 else ["no amount"]}
        for at, (value, source, partition, offset) in enumerate(origins)
    ]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a store that knows EVERYBODY, alike in everything."""
    home = tmp_path_factory.mktemp("template")
    path = home / "store"
    store = SourcesStore(path)
    made(path, INLET)
    made(path, DELIVERIES)
    for number, customer in enumerate(EVERYBODY):
        store.events(number, *messages(store, number, customer))
        store.history(number, store.row(customer), store.row(customer, grade="VIP"))
        store.change(number, customer, "Gold", "VIP", "order")
        write(path, CUSTOMER_DAYS, {"customer_id": customer, "day": date(2011, 12, 1), "orders": 1})
        write(path, DELIVERIES, {"customer_id": customer, "outcome": "sent", "change_id": f"change {number}"})
        write(path, SEED_1, {"customer_id": customer, "cause": "placed"})
        tick = {"kind": "tick", "cause": "tick", "customer_id": customer, "enqueued_time": AS_OF}
        order = {"kind": "order", "origin": "backfill/1", "position": number, "value": LINE % customer.encode()}
        write(path, INLET, tick, order | {"enqueued_time": AS_OF})
        scope = Scope((customer,), (), Period())
        asked = SimpleNamespace(language="ko", intent="why", status="answered", scope=scope, writer="template")
        question_log.QuestionLog(home).note(asked, "analyst", 0.1)
    store.snapshot(*(store.row(customer, grade="VIP") for customer in EVERYBODY))
    summaries = SummariesStore(path)
    summaries.write(*(summaries.customer(customer, "VIP", "CANDLE") for customer in EVERYBODY))
    note(DeltaTable(path / CHANGES.name), {CHANGES.name: 7})
    Index(path).refresh()
    (home / "logs" / "stream.log").write_text("".join(f'{{"customer_id": "{each}"}}\n' for each in EVERYBODY))
    begin(home)
    return home


SEED_1 = Table(f"{SEED.name}/1", SEED.row, SEED.written_by, SEED.how, SEED.columns)


def begin(home: Path) -> None:
    """The checkpoints of a stream that has read all that there is."""
    checkpoints = home / "checkpoints" / "store"
    write_manifest(checkpoints, Manifest({"ledger": 1, "grades": 1, "days": 1}, AS_OF.isoformat(), {}))
    inlet = DeltaTable(home / "store" / INLET.name)
    at = {"reservoirId": str(inlet.metadata().id), "reservoirVersion": inlet.version() + 1, "isStartingVersion": False}
    read(checkpoints / "ledger-1", {"orders": {"0": 22, "1": 3}}, at)
    read(checkpoints / "grades-1", {"orders": {"0": 22, "1": 3}}, at)
    for query in ("grades-1", "days-1"):
        (checkpoints / query / "state").mkdir(parents=True)
        (checkpoints / query / "state" / "1.delta").write_text(" ".join(EVERYBODY))
    (checkpoints / "metrics.json").write_text(json.dumps({"longest": {"customer_id": EVERYBODY[2]}}))


def read(checkpoint: Path, *offsets: dict[str, Any]) -> None:
    """Has a query have read so far."""
    for name in ("offsets", "commits"):
        (checkpoint / name).mkdir(parents=True, exist_ok=True)
    lines = ["v1", '{"batchWatermarkMs": 0}', *(json.dumps(offset) for offset in offsets)]
    (checkpoint / "offsets" / "0").write_text("\n".join(lines))
    (checkpoint / "commits" / "0").write_text("v1\n{}")


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "home")


def settings_of(home: Path, **given: object) -> Settings:
    kafka = {"source.kind": "kafka", "source.topic": "orders"}
    named = {name.replace("__", "."): value for name, value in given.items()}
    return load_settings(overrides={"store.path": home / "store"} | kafka | named)


def holders(home: Path, customer: str) -> set[str]:
    """Where a file has a customer's id in it, as bytes or as a value of a table: its first two names under home."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {"/".join(path.relative_to(home).parts[:2]) for path in files if customer.encode() in content(path)}


def content(path: Path) -> bytes:
    if path.suffix != ".parquet":
        return path.read_bytes()
    return path.read_bytes() + repr(pq.ParquetFile(path).read().to_pylist()).encode()


def others(home: Path, customer: str) -> dict[str, list[str]]:
    """By table, the rows that are not a customer's."""
    words = re.compile(rf"(?<![\w-]){re.escape(customer)}(?![\w-])")
    tables = [path.parent for path in home.rglob("_delta_log") if SEED.name not in path.parts]
    return {
        table.name: sorted(
            row for row in map(repr, pa.table(DeltaTable(table).scan()).to_pylist()) if not words.search(row)
        )
        for table in tables
    }


@pytest.mark.parametrize("customer", ["12345", "ana-90210"])
def test_a_forgotten_id_is_nowhere_any_more(home: Path, customer: str) -> None:
    tables = {f"store/{name}" for name in WHOLE.keys() - {"questions", "logs"}}
    assert holders(home, customer) == tables | {"checkpoints/store", "logs/stream.log", "index/store"}
    forget(settings_of(home), customer)
    assert holders(home, customer) == set()


@pytest.mark.parametrize("customer", EVERYBODY)
def test_whoever_looks_alike_stays(home: Path, customer: str) -> None:
    stay = others(home, customer)
    assert traces(settings_of(home), customer) == WHOLE

    receipt = forget(settings_of(home), customer)

    assert receipt["removed"] == WHOLE | {"index": 1}
    assert others(home, customer) == stay
    assert [len(rows) for name, rows in sorted(stay.items())] == [2, 2, 4, 2, 2, 8, 4, 2]
    found = Index(home / "store").search("candle", customer_ids=None, grades=None, n=9)
    assert {hit.customer_id for hit in found} == set(EVERYBODY) - {customer}
    assert (home / "logs" / "stream.log").read_text().count("\n") == 2
    assert question_log.mentions(home, customer) == 0
    assert [question_log.mentions(home, other) for other in EVERYBODY if other != customer] == [1, 1]


def test_the_receipt_says_what_was_done_and_not_to_whom(home: Path) -> None:
    receipt = forget(settings_of(home), "ana-90210")

    kept = Path(receipt.pop("receipt"))
    assert json.loads(kept.read_text()) == receipt
    assert kept.parent == home / "receipts"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert receipt["customer"] == pseudonym(home, "ana-90210")
    assert receipt["versions"] == {
        name: DeltaTable(home / "store" / name).version() for name in WHOLE if name not in ("seed", "questions", "logs")
    }
    assert receipt["next"] == "dangol rebuild"
    assert datetime.now(UTC) >= datetime.fromisoformat(receipt["forgotten_at"])
    told = " ".join(receipt["remains"])
    assert "messages of topic orders stay on the bus" in told
    assert "1 changes of the customer were sent" in told


def test_the_stream_does_not_go_on_before_a_rebuild(home: Path) -> None:
    checkpoints = settings_of(home).store.checkpoints
    write_manifest(checkpoints, Manifest({"ledger": 1, "grades": 1, "days": 1}, "", {}, outgrown=["1234", "12345"]))
    forget(settings_of(home), "1234")

    manifest = read_manifest(checkpoints)
    assert manifest is not None
    assert str(manifest.stale).startswith("a customer was forgotten at ")
    assert manifest.outgrown == ["12345"]
    assert sorted(path.name for path in checkpoints.glob("*-1")) == ["ledger-1"]
    assert not (home / "store" / SEED.name).exists()


def test_messages_of_the_bus_that_went_are_known_as_gone(home: Path) -> None:
    forget(settings_of(home), "12345")
    forget(settings_of(home), "1234")

    assert read_forgotten(settings_of(home).store.checkpoints) == {
        ("orders/0", 0): "message 0.0",
        ("orders/0", 1): "message 0.2",
        ("orders/1", 0): "message 0.3",
        ("orders/0", 10): "message 1.0",
        ("orders/0", 11): "message 1.2",
        ("orders/1", 1): "message 1.3",
    }


def test_whoever_follows_the_tables_goes_on_where_it_was(home: Path) -> None:
    forget(settings_of(home), "1234")
    assert reached(DeltaTable(home / "store" / CHANGES.name), CHANGES.name) == 7


@pytest.mark.parametrize(
    ("step", "calls"),
    [("leave_state", 0), ("remove", 0), ("remove", 6), ("purge", 0), ("purge", 6), ("forget_in_logs", 0), ("done", 0)],
)
def test_killed_anywhere_it_is_run_again_and_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: str, calls: int
) -> None:
    real, left = getattr(forgetting, step), iter(range(calls))

    def killed(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, step, killed)
        with pytest.raises(KeyboardInterrupt):
            forget(settings_of(home), "ana-90210")
    receipt = forget(settings_of(home), "ana-90210")

    assert {name: receipt["removed"][name] for name in WHOLE} == WHOLE
    assert "1 changes of the customer were sent" in " ".join(receipt["remains"])
    assert holders(home, "ana-90210") == set()
    with pytest.raises(StoreError, match="there is nothing of customer ana-90210"):
        forget(settings_of(home), "ana-90210")


def test_nobody_else_is_finished_in_its_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "leave_state", exploding)
        with pytest.raises(KeyboardInterrupt):
            forget(settings_of(home), "1234")
    forget(settings_of(home), "12345")

    assert forget(settings_of(home), "1234")["removed"] == WHOLE | {"index": 1}


def exploding(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("customer", ["123", "ana", "ANA-90210", "1234 ", "12.34", "' or customer_id = '1234"])
def test_an_id_that_nobody_has_removes_nothing(home: Path, customer: str) -> None:
    before = versions(home)
    with pytest.raises(StoreError, match=r"there is nothing of customer .*; check the id"):
        forget(settings_of(home), customer)
    assert versions(home) == before


def versions(home: Path) -> dict[str, int]:
    return {path.parent.name: DeltaTable(path.parent).version() for path in home.rglob("_delta_log")}


def test_what_runs_is_to_be_stopped_first(home: Path) -> None:
    settings, before = settings_of(home), versions(home)
    for lock, command in (
        ("", "dangol stop"),
        (CHANGES.name, "end that process"),
        (SUMMARIES.name, "end that process"),
    ):
        with (
            only_driver(settings.store.checkpoints / lock),
            pytest.raises(StoreError, match=f"runs already as process .*; stop it first: {command}"),
        ):
            forget(settings, "1234")
    assert versions(home) == before


def test_a_file_that_a_rebuild_would_read_again_is_to_be_cleaned_first(home: Path, tmp_path: Path) -> None:
    settings = settings_of(home, source__kind="files", source__path=tmp_path / "orders")
    file = tmp_path / "orders" / "1.jsonl"
    file.parent.mkdir()
    file.write_bytes(LINE % b"12345" + b"\n" + LINE % b"1234" + b"\n")
    with pytest.raises(
        StoreError, match=r"1\.jsonl holds orders of the customer, .*; take those lines out of it first"
    ):
        forget(settings, "1234")
    file.write_bytes(LINE % b"12345" + b"\n")

    assert forget(settings, "1234")["removed"]["events"] == 4


def test_what_the_stream_has_not_read_is_to_be_read_first(home: Path) -> None:
    settings = settings_of(home)
    write(home / "store", INLET, {"kind": "tick", "customer_id": "12345", "enqueued_time": AS_OF})
    with pytest.raises(StoreError, match="the inlet has rows that the stream has not read"):
        forget(settings, "1234")
    read(settings.store.checkpoints / "ledger-1", {"orders": {"0": 21}})
    with pytest.raises(StoreError, match="events lacks messages that the stream has graded"):
        forget(settings, "1234")


def test_what_lies_elsewhere_is_told(home: Path, tmp_path: Path) -> None:
    consent = tmp_path / "consent.txt"
    consent.write_text("12345\nana-90210\n")
    write_json(home / "store" / "settings.json", {"ingest.ignored_customers": ["ana-90210"]})
    given = {"triggers__consent": consent, "ingest__ignored_customers": ["ana-90210"]}
    remains = forget(settings_of(home, **given), "ana-90210")["remains"]

    assert f"{consent}, the file of triggers.consent, lists the customer; take the line out" in remains
    assert holders(home, "ana-90210") == {"store/settings.json"}
    assert [line for line in remains if "settings.json" in line] == [
        "ingest.ignored_customers lists the customer; take it out, also in the store's settings.json"
    ]


def command(home: Path, *more: str) -> None:
    main(["forget", "12345", "--store", str(home / "store"), "--set", "source.kind=kafka", *more])


def test_without_a_terminal_it_shows_what_there_is_and_asks_for_yes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = versions(home)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(SystemExit, match="1"):
        command(home)
    said = capsys.readouterr()
    assert "customer_history: 2" in said.out
    assert said.err == "dangol: nothing was removed: there is no terminal to ask at; run it again with --yes\n"
    assert versions(home) == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("said", "left"), [("n\n", True), ("y\n", False)])
def test_at_a_terminal_it_asks(home: Path, monkeypatch: pytest.MonkeyPatch, said: str, left: bool) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    if left:
        with pytest.raises(SystemExit, match="1"):
            command(home)
    else:
        command(home)
    assert bool(holders(home, "12345")) is left


def test_other_programs_get_the_receipt(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(home, "--yes", "--json")
    receipt = json.loads(capsys.readouterr().out)
    assert json.loads(Path(receipt.pop("receipt")).read_text()) == receipt
