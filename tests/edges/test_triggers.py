"""Changes told to a real receiver on loopback, and to the real broker."""

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from broker_fixture import CONNECTION_STRING
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewTopic
from deltalake import DeltaTable
from pydantic import SecretStr
from store_fixture import CustomerStore

from dangol.edges import producers, triggers
from dangol.edges.changes import Follower, run_changes
from dangol.edges.logs import log_to
from dangol.edges.triggers import Consent, Policy, Sender, Webhook, attempted, held_out, outcomes, redeliver, sending
from dangol.errors import SettingsError
from dangol.settings import Settings, load_settings
from dangol.tables import CHANGES, DELIVERIES

SECRET = "c2VjcmV0LW9mLXRoZS1zaG9w"
VIP = {"grade": "VIP", "grade_rank": 3, "recency_days": 0, "frequency": 8}


class Receiver:
    """Answers with `statuses` in turn, then with 200; keeps (headers, body) of every request."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.gate = threading.Event()
        self.gate.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers), body))
                receiver.gate.wait()
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/grades?token=for-me-alone"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]

    def customers(self) -> list[str]:
        return sorted(body["customer_id"] for body in self.bodies())

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers.Webhook.__init__, "__defaults__", (0.001,))
    monkeypatch.setattr(triggers.Topic.__init__, "__defaults__", (0.001,))


class Shop:
    """A store whose customers ann, bob, cho and dan are Gold, and each changed by an order of now."""

    def __init__(self, store: CustomerStore, folder: Path, url: str) -> None:
        self.store = store
        self.batch_id = 0
        self.consent = folder / "consent.txt"
        self.consent.write_text("ann\nbob\ncho\ndan\n")
        self.given: dict[str, Any] = {
            "store.path": store.path,
            "triggers.kind": "webhook",
            "triggers.url": url,
            "triggers.secret": SECRET,
            "triggers.consent": self.consent,
            "triggers.holdout_percent": 0,
        }
        self.write("ann", "bob", "cho", "dan")
        Follower(store.path, 0.15)

    def write(self, *customers: str, **changed: Any) -> None:
        rows = [
            self.store.row(
                customer, **({"generation": 1, "batch_id": self.batch_id, "enqueued_time": datetime.now(UTC)} | changed)
            )
            for customer in customers
        ]
        self.store.append(*rows)
        self.batch_id += 1

    def settings(self, **more: Any) -> Settings:
        return load_settings(overrides=self.given | {f"triggers.{name}": value for name, value in more.items()})

    def run(self, **more: Any) -> dict[str, Any]:
        told: dict[str, Any] = run_changes(self.settings(**more), available_now=True)["triggers"]
        return told

    def baseline(self) -> None:
        """A first start of the triggers."""
        assert self.run()["outcomes"] == {}

    def deliveries(self) -> list[tuple[str, str, int, str | None]]:
        rows = pa.table(DeltaTable(self.store.path / DELIVERIES.name).scan()).to_pylist()
        rows.sort(key=lambda row: (row["handled_at"], row["customer_id"]))
        return [(row["customer_id"], row["outcome"], row["attempts"], row["reason"]) for row in rows]


@pytest.fixture
def shop(customer_store: CustomerStore, tmp_path: Path, receiver: Receiver) -> Shop:
    return Shop(customer_store, tmp_path, receiver.url)


def test_a_change_arrives_signed_and_whole(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    shop.write("ann", **VIP)
    told = shop.run()

    ((headers, body),) = receiver.requests
    change = json.loads(body)
    (row,) = pa.table(DeltaTable(shop.store.path / CHANGES.name).scan()).to_pylist()
    assert list(change) == CHANGES.names
    assert (change["customer_id"], change["old_grade"], change["new_grade"]) == ("ann", "Gold", "VIP")
    assert change["new_monetary"] == "4310.0000"
    assert datetime.fromisoformat(change["as_of"]) == row["as_of"]
    assert headers["Dangol-Change-Id"] == change["change_id"] == row["change_id"]
    assert headers["Content-Type"] == "application/json"
    assert abs(int(headers["Dangol-Timestamp"]) - time.time()) < 60
    signed = headers["Dangol-Timestamp"].encode() + b"." + body
    assert headers["Dangol-Signature"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert shop.deliveries() == [("ann", "sent", 1, None)]
    assert told["outcomes"] == {"sent": 1}
    assert told["order_to_trigger_seconds"]["orders"] == 1


def test_a_first_start_tells_nothing_of_before_and_none_twice(shop: Shop, receiver: Receiver) -> None:
    shop.write("ann", **VIP)
    Follower(shop.store.path, 0.15).step()
    shop.baseline()
    shop.write("bob", **VIP)
    shop.run()
    shop.run()
    assert receiver.customers() == ["bob"]


def test_only_causes_that_were_chosen_are_told(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    shop.write("ann", **VIP, model_version="2")
    shop.write("bob", grade="VIP", cause="tick")
    shop.write("cho", grade="Silver", grade_rank=1, cause="returned", monetary=Decimal("9.0000"))
    shop.run()
    assert shop.deliveries() == [("cho", "sent", 1, None)]


def test_what_passes_is_repeated_and_what_does_not_is_a_dead_letter(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    receiver.statuses = [503, 429]
    shop.write("ann", **VIP)
    shop.run()
    receiver.statuses = [500] * 3
    shop.write("bob", **VIP)
    shop.run(attempts=3)
    for status in (400, 302):
        receiver.statuses = [status]
        shop.write("cho" if status == 400 else "dan", **VIP)
        shop.run()

    assert shop.deliveries() == [
        ("ann", "sent", 3, None),
        ("bob", "failed", 3, "HTTP 500"),
        ("cho", "failed", 1, "HTTP 400"),
        ("dan", "failed", 1, "HTTP 302"),
    ]
    signed_at = {headers["Dangol-Change-Id"] for headers, _ in receiver.requests[:3]}
    assert len(signed_at) == 1
    assert outcomes(shop.store.path) == {"failed": 3, "sent": 1}


def test_dead_letters_are_sent_again_to_those_who_still_agree(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    receiver.statuses = [400] * 2
    long_ago = datetime.now(UTC) - timedelta(hours=23)
    shop.write("ann", "bob", **VIP, enqueued_time=long_ago)
    shop.run()
    receiver.requests.clear()
    shop.consent.write_text("ann\n")

    assert redeliver(shop.settings(max_age_hours=1)) == {"sent": 1, "no_consent": 1}
    assert redeliver(shop.settings()) == {}
    assert receiver.customers() == ["ann"]
    assert outcomes(shop.store.path) == {"no_consent": 1, "sent": 1}


def test_who_did_not_agree_is_held_out_or_came_too_late_is_not_told(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    shop.consent.write_text("ann\r\nbob\r\n\r\n")
    shop.write("ann", **VIP, enqueued_time=datetime.now(UTC) - timedelta(hours=25))
    shop.write("bob", "cho", **VIP)
    shop.run()
    assert sorted(shop.deliveries()) == [
        ("ann", "expired", 0, None),
        ("bob", "sent", 1, None),
        ("cho", "no_consent", 0, None),
    ]
    shop.write("bob", grade="Silver", grade_rank=1, recency_days=0, frequency=9)
    shop.run(holdout_percent=100)
    assert shop.deliveries()[-1] == ("bob", "held_out", 0, None)
    assert receiver.customers() == ["bob"]


def test_consent_that_is_withdrawn_counts_at_once_and_a_missing_file_stops_all(
    shop: Shop, receiver: Receiver, tmp_path: Path
) -> None:
    consent = Consent(shop.consent)
    shop.consent.write_text("ann\n")
    consent.refresh()
    assert consent.ids == {"ann"}
    shop.consent.write_text("ann\r\nbob\u2028cho\n\n", "utf-8")
    consent.refresh()
    assert consent.ids == {"ann", "bob\u2028cho"}
    shop.consent.rename(tmp_path / "moved.txt")
    with pytest.raises(SettingsError, match=r"cannot be read .* one customer_id a line"):
        consent.refresh()


def test_a_file_that_is_gone_meanwhile_keeps_the_changes_for_later(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    store = shop.store.path
    with sending(shop.settings()) as sender:
        assert sender is not None
        text = shop.consent.read_text()
        shop.consent.unlink()
        shop.write("ann", **VIP)
        Follower(store, 0.15).step()
        sender.wake()
        wait_for(lambda: sender.problem is not None)
        shop.consent.write_text(text)
        sender.wake()
        wait_for(lambda: receiver.customers() == ["ann"])
        sender.drain()
        assert sender.problem is None
    assert shop.deliveries() == [("ann", "sent", 1, None)]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_hold_out_is_a_share_that_never_moves() -> None:
    ids = [str(number) for number in range(20_000)]
    held = {customer for customer in ids if held_out(customer, 10, "dangol")}
    assert 1_800 < len(held) < 2_200
    assert held < {customer for customer in ids if held_out(customer, 20, "dangol")}
    assert held != {customer for customer in ids if held_out(customer, 10, "another")}
    assert not any(held_out(customer, 0, "dangol") for customer in ids)
    assert all(held_out(customer, 100, "dangol") for customer in ids)
    digest = hashlib.sha256(b"dangol/12347").hexdigest()
    assert held_out("12347", 10, "dangol") == (int(digest[:16], 16) / 2**64 < 0.1)


def test_writing_changes_does_not_wait_for_who_is_told(shop: Shop, receiver: Receiver) -> None:
    """Then the stop gives up what waits, and the next start sends what was not sent, and that alone."""
    shop.baseline()
    store = shop.store.path
    receiver.gate.clear()
    receiver.statuses = [503]
    with sending(shop.settings()) as sender:
        assert sender is not None
        sender.channel.first_wait = 60  # type: ignore[attr-defined]
        follower = Follower(store, 0.15)
        shop.write("ann", **VIP)
        follower.step()
        sender.wake()
        wait_for(lambda: len(receiver.requests) == 1)
        shop.write("bob", **VIP)
        assert follower.step().num_rows == 1  # type: ignore[union-attr]
        receiver.gate.set()
        wait_for(lambda: not receiver.statuses)
    assert shop.deliveries() == []
    shop.run()
    assert sorted(row[:3] for row in shop.deliveries()) == [("ann", "sent", 1), ("bob", "sent", 1)]


def test_what_was_sent_before_a_stop_in_between_is_not_sent_again(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    shop.write("ann", "bob", **VIP)
    Follower(shop.store.path, 0.15).step()

    class Interrupted:
        def send(self, changes: Any, _ending: Any) -> list[Any]:
            return [triggers.Attempt(1, datetime.now(UTC)) if c["customer_id"] == "ann" else None for c in changes]

        def close(self) -> None:
            pass

    policy = Policy(Consent(shop.consent), 0, "", timedelta(hours=1))
    Sender(shop.store.path, ["order"], policy, Interrupted()).step()
    shop.run()
    assert receiver.customers() == ["bob"]
    assert [row[:2] for row in shop.deliveries()] == [("ann", "sent"), ("bob", "sent")]


def test_many_changes_of_one_batch_are_told_once_each(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "CHUNK", 2)
    shop.baseline()
    shop.write("ann", "bob", "cho", "dan", "eve", **VIP)
    shop.consent.write_text("ann\nbob\ncho\ndan\neve\n")
    shop.run()
    shop.run()
    assert receiver.customers() == ["ann", "bob", "cho", "dan", "eve"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"consent": None}, "triggers.consent is not set; give the path"),
        ({"consent": "/nowhere/consent.txt"}, "triggers.consent = /nowhere/consent.txt cannot be read"),
        ({"url": None}, "triggers.url is not set"),
        ({"secret": None}, "triggers.secret is not set; set DANGOL_TRIGGERS__SECRET"),
        ({"url": "http://shop.example/?token=hidden"}, "triggers.url is no https:// address"),
        ({"url": "http://127.0.0.1.example/?token=hidden"}, "triggers.url is no https:// address"),
        ({"url": "ftp://127.0.0.1/hidden"}, "triggers.url is no https:// address"),
        ({"url": "http://[::1/hidden"}, "triggers.url is no https:// address"),
        ({"url": "https://shop.example:hidden/"}, "triggers.url is no https:// address"),
        ({"url": "https://me:hidden@shop.example/"}, "triggers.url has a login in it"),
        ({"kind": "kafka", "topic": "orders"}, "triggers.topic is orders, where orders come from"),
        ({"kind": "kafka"}, "source.connection_string is not set"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_sent(shop: Shop, given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as raised:
        shop.run(**given)
    assert "hidden" not in str(raised.value)


def test_redelivery_needs_the_triggers(shop: Shop) -> None:
    with pytest.raises(SettingsError, match=r"triggers\.kind is null"):
        redeliver(shop.settings(kind=None))


def test_neither_secret_nor_address_is_in_a_log_or_a_table(
    shop: Shop, tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.baseline()
    log = tmp_path / "changes.log"
    logging.getLogger("dangol").handlers.clear()
    log_to(log)
    shop.write("ann", **VIP)
    receiver.close()  # refuses connections
    shop.run(attempts=2)
    logging.getLogger("dangol").handlers.clear()

    assert shop.deliveries() == [("ann", "failed", 2, "ConnectError")]
    said = log.read_text() + "".join(capsys.readouterr()) + repr(shop.settings())
    assert SECRET not in said
    assert "for-me-alone" not in log.read_text()
    assert SECRET not in repr(Webhook(receiver.url, SecretStr(SECRET), 1).__dict__)


def test_what_a_channel_raises_is_told_and_stops_nothing(shop: Shop, receiver: Receiver) -> None:
    shop.baseline()
    with sending(shop.settings()) as sender:
        assert sender is not None
        post = sender.channel.post  # type: ignore[attr-defined]
        sender.channel.post = lambda _: 1 / 0  # type: ignore[attr-defined]
        shop.write("ann", **VIP)
        Follower(shop.store.path, 0.15).step()
        sender.wake()
        wait_for(lambda: sender.problem == "ZeroDivisionError")
        sender.channel.post = post  # type: ignore[attr-defined]
        sender.drain()
    assert receiver.customers() == ["ann"]


def test_attempts_wait_longer_each_time_and_end() -> None:
    tried: list[float] = []

    def send() -> None:
        tried.append(time.monotonic())
        raise triggers.UnreachableError("no route")

    ended = attempted(send, 3, threading.Event(), first_wait=0.01)
    assert ended is not None
    assert (len(tried), ended.attempts, ended.reason) == (3, 3, "no route")


@pytest.mark.broker
def test_a_topic_takes_the_changes_by_customer(shop: Shop, broker) -> None:
    admin = AdminClient(broker.client)
    for made in admin.create_topics([NewTopic("changes", 2, 1)]).values():
        made.result()
    kafka = {"kind": "kafka", "topic": "changes"}
    login = {"source.bootstrap_servers": broker.bootstrap_servers, "source.connection_string": CONNECTION_STRING}
    shop.given |= login
    assert shop.run(**kafka)["outcomes"] == {}
    shop.write("ann", "bob", **VIP)
    told = shop.run(**kafka)

    assert told["outcomes"] == {"sent": 2}
    consumer = Consumer({**broker.client, "group.id": "triggers", "auto.offset.reset": "earliest"})
    consumer.subscribe(["changes"])
    found = consumer.consume(2, timeout=30)
    consumer.close()
    bodies = {one.key().decode(): json.loads(one.value()) for one in found}
    assert bodies.keys() == {"ann", "bob"}
    assert bodies["ann"]["customer_id"] == "ann"
    assert (bodies["bob"]["new_grade"], bodies["bob"]["cause"]) == ("VIP", "order")


def test_a_broker_that_is_away_makes_dead_letters_without_the_login(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.given |= {"source.bootstrap_servers": "127.0.0.1:9", "source.connection_string": CONNECTION_STRING}
    made = producers.BrokerProducer
    monkeypatch.setattr(producers, "BrokerProducer", lambda *given: made(*given, timeout_seconds=0.3))
    assert shop.run(kind="kafka")["outcomes"] == {}
    shop.write("ann", **VIP)
    assert shop.run(kind="kafka", attempts=1)["outcomes"] == {"failed": 1}
    ((*_, reason),) = shop.deliveries()
    assert "did not reach changes at 127.0.0.1:9" in str(reason)
    assert "dGVzdA" not in str(reason)
