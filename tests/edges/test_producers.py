import io
import math
import random
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from azure.identity import ManagedIdentityCredential
from confluent_kafka import Consumer
from pydantic import SecretStr

from dangol.edges.broker import LocalBroker, free_port
from dangol.edges.producers import (
    BrokerProducer,
    EventHubsProducer,
    FolderProducer,
    StreamProducer,
    read_orders,
    replay,
)
from dangol.errors import SettingsError, SourceError
from dangol.orders.simulation import Message
from dangol.settings import Source, load_settings

NOON = datetime(2011, 12, 9, 12, tzinfo=UTC)
SECRET = "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0"


def message(value: bytes, seconds: float = 0, key: str | None = "ann") -> Message:
    return Message(key, value, NOON + timedelta(seconds=seconds))


class Watch:
    """A clock that moves only when someone sleeps, or when told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(messages, speed, watch, **options) -> list[tuple[float, list[bytes]]]:
    """(seconds since the start, values) of each batch."""
    batches = replay(messages, speed, clock=watch, sleep=watch.sleep, **options)
    return [(round(watch.now - 1000, 6), [m.value for m in batch]) for batch in batches]


def test_at_real_speed_each_message_goes_out_when_it_is_due():
    watch = Watch()
    assert paced([message(b"a"), message(b"b", 2), message(b"c", 5)], 1, watch) == [
        (0, [b"a"]),
        (2, [b"b"]),
        (5, [b"c"]),
    ]
    assert watch.slept == [2, 3]


def test_a_higher_speed_shortens_the_waits_and_a_pause_gathers_close_messages():
    messages = [message(b"a"), message(b"b", 100), message(b"c", 109), message(b"d", 109.5)]
    assert paced(messages, 100, Watch()) == [(0, [b"a"]), (1, [b"b"]), (1.1, [b"c", b"d"])]


def test_a_slow_receiver_gets_all_that_has_become_due():
    watch = Watch()
    batches = replay([message(bytes([n]), n) for n in range(6)], 1, clock=watch, sleep=watch.sleep)
    assert len(next(batches)) == 1
    watch.now += 4
    assert [len(batch) for batch in batches] == [4, 1]


def test_max_speed_never_waits_and_fills_batches():
    watch = Watch()
    messages = [message(b"x", seconds=n * 86400) for n in range(5)]
    assert [len(values) for _, values in paced(messages, math.inf, watch, batch=2)] == [2, 2, 1]
    assert watch.slept == []


def test_endless_messages_are_sent_as_they_come():
    endless = (message(b"x", seconds=n) for n in iter(int, 1))
    assert len(next(replay(endless, clock=Watch(), batch=3))) == 3


def test_a_speed_of_zero_is_said():
    with pytest.raises(SettingsError, match="the speed is 0; expected a number above 0, or max"):
        next(replay([message(b"x")], 0))


def test_a_folder_gets_whole_files_of_one_line_per_message(tmp_path):
    producer = FolderProducer(tmp_path / "orders")
    producer.send([message('{"name":"머그컵"}'.encode()), message(b"\xff"), message(b"")])
    producer.send([message(b"null")])
    producer.close()
    files = sorted((tmp_path / "orders").iterdir())
    assert [file.read_bytes() for file in files] == ['{"name":"머그컵"}\n'.encode() + b"\xff\n\n", b"null\n"]
    assert all(file.name.startswith("orders-") and file.suffix == ".jsonl" for file in files)


def test_a_file_that_could_not_be_finished_stays_hidden(tmp_path, monkeypatch):
    def interrupted(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(SourceError, match=r"cannot be written to .* \(No space left on device\); free some space"):
        FolderProducer(tmp_path).send([message(b"{}")])
    assert [file.name[0] for file in tmp_path.iterdir()] == ["."]


def test_a_second_run_does_not_overwrite_the_first(tmp_path):
    for value in (b"1", b"2"):
        FolderProducer(tmp_path).send([message(value)])
    assert sorted(file.read_bytes() for file in tmp_path.iterdir()) == [b"1\n", b"2\n"]


def test_a_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"cannot be written to .*; choose another folder"):
        FolderProducer(tmp_path / "file")


@pytest.mark.parametrize("value", [b"a\nb", b"a\rb"])
def test_a_message_of_two_lines_is_refused_and_counted(tmp_path, value):
    producer = FolderProducer(tmp_path)
    producer.send([message(value)])
    assert (producer.refused, list(tmp_path.iterdir())) == (1, [])


def test_a_stream_gets_lines():
    stream = io.BytesIO()
    producer = StreamProducer(stream)
    producer.send([message(b"{}"), message(b"a\nb"), message(b"null")])
    assert (stream.getvalue(), producer.refused) == (b"{}\nnull\n", 1)


def test_json_lines_keep_what_is_no_event(tmp_path):
    file = tmp_path / "orders.jsonl"
    event = b'{"order_id":"o1","event_time":"2011-12-09T12:00:00Z"}'
    file.write_bytes(event + b"\r\n\njunk \xff\n" + event)
    parsed = {"order_id": "o1", "event_time": "2011-12-09T12:00:00Z"}
    assert read_orders(file) == [parsed, b"", b"junk \xff", parsed]
    file.write_bytes(b"")
    assert read_orders(file) == []


def test_a_parquet_file_is_online_retail(tmp_path):
    line = {"InvoiceNo": "1", "StockCode": "A", "Description": "MUG", "Quantity": 2, "UnitPrice": 1.5}
    line |= {"InvoiceDate": pd.Timestamp("2011-07-01 10:00"), "CustomerID": 7}
    pd.DataFrame([line]).to_parquet(tmp_path / "lines.parquet")
    (event,) = read_orders(tmp_path / "lines.parquet")
    assert (event["order_id"], event["customer_id"], event["amount"]) == ("1", "7", "3.00")


@pytest.mark.parametrize("name", ["absent.jsonl", "absent.parquet", "broken.parquet"])
def test_a_file_that_cannot_be_read_is_said(tmp_path, name):
    (tmp_path / "broken.parquet").write_bytes(b"PAR0")
    with pytest.raises(
        SourceError, match=r"cannot be read \(.*\); expected a Parquet file of Online Retail or JSON Lines"
    ):
        read_orders(tmp_path / name)


def test_a_broker_that_is_not_there_ends_in_a_sentence_without_the_secret():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        servers = f"127.0.0.1:{taken.getsockname()[1]}"
        producer = BrokerProducer(servers, "orders", "SASL_PLAINTEXT", SecretStr(SECRET), timeout_seconds=0.3)
        with pytest.raises(SourceError, match=f"2 orders did not reach orders at {servers} ") as raised:
            producer.send([message(b"{}"), message(b"{}", key=None)])
    assert "c2VjcmV0" not in str(raised.value)
    producer.send([])  # what failed once is not told again


def test_a_message_over_the_limit_is_counted_and_not_fatal():
    producer = BrokerProducer("127.0.0.1:9", "orders", "PLAINTEXT")
    producer.send([message(b"x" * 9_000_000)])
    producer.close()
    assert producer.refused == 1


def test_a_login_needs_a_connection_string():
    with pytest.raises(SettingsError, match="DANGOL_SOURCE__CONNECTION_STRING"):
        BrokerProducer("127.0.0.1:9", "orders", "SASL_PLAINTEXT")


class Hub:
    """Stands in for the SDK's client: remembers, and fails every message that says so."""

    def __init__(self, producer: EventHubsProducer) -> None:
        self.sent: list[tuple[str | None, bytes]] = []
        self.note = producer.note
        self.flushed = self.closed = False

    def send_event(self, event, partition_key) -> None:
        body = b"".join(event.body)
        self.sent.append((partition_key, body))
        if body == b"fail":
            self.note([event], "3", TimeoutError("SharedAccessKey=c2VjcmV0"))
        if body == b"break":
            raise ConnectionError("SharedAccessKey=c2VjcmV0")

    def flush(self) -> None:
        self.flushed = True

    def close(self) -> None:
        self.closed = True


def hub_source(**values: object) -> Source:
    return load_settings(overrides={f"source.{name}": value for name, value in values.items()}).source


@pytest.fixture
def event_hubs() -> EventHubsProducer:
    producer = EventHubsProducer(hub_source(connection_string=SECRET))
    producer.client.close()
    producer.client = Hub(producer)
    return producer


def test_event_hubs_takes_the_connection_string_and_opens_nothing_yet():
    producer = EventHubsProducer(hub_source(connection_string=SECRET))
    assert producer.client.eventhub_name == "orders"
    producer.close()


def test_event_hubs_takes_an_identity_by_the_setting_that_the_stream_has_too():
    servers = "shop.servicebus.windows.net:9093"
    producer = EventHubsProducer(hub_source(login="managed_identity", bootstrap_servers=servers))
    assert producer.client._address.hostname == "shop.servicebus.windows.net"
    assert isinstance(producer.client._credential, ManagedIdentityCredential)
    producer.close()


def test_event_hubs_without_a_login_says_what_to_set():
    with pytest.raises(SettingsError, match="set DANGOL_SOURCE__CONNECTION_STRING"):
        EventHubsProducer(hub_source())


def test_event_hubs_gets_the_customer_as_partition_key(event_hubs):
    event_hubs.send([message(b"{}"), message(b"null", key=None), message(b"x" * 2_000_000)])
    event_hubs.close()
    assert event_hubs.client.sent == [("ann", b"{}"), (None, b"null")]
    assert (event_hubs.refused, event_hubs.client.flushed, event_hubs.client.closed) == (1, True, True)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (b"fail", r"1 orders did not reach the event hub orders \(partition 3: TimeoutError\); check the name"),
        (b"break", r"2 orders did not reach the event hub orders \(ConnectionError\); check the name"),
    ],
)
def test_event_hubs_failures_end_in_a_sentence_without_the_secret(event_hubs, value, sentence):
    with pytest.raises(SourceError, match=sentence):
        event_hubs.send([message(b"{}"), message(value)])
    event_hubs.send([message(b"{}")])  # what failed once is not told again


@pytest.mark.parametrize("secret", ["junk", "Endpoint=sb://x/;SharedAccessKeyName=a", "c2VjcmV0=;a"])
def test_a_malformed_connection_string_is_said_without_it(secret):
    with pytest.raises(SettingsError, match=r"source.connection_string is not one of Event Hubs") as raised:
        EventHubsProducer(hub_source(connection_string=secret))
    assert "c2VjcmV0" not in str(raised.value)


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path_factory.mktemp("broker"), free_port(), SECRET, "orders", partitions=2) as running:
        yield running


def received(broker: LocalBroker, count: int) -> list[tuple[bytes | None, bytes]]:
    consumer = Consumer({**broker.client, "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.subscribe([broker.topic])
    found = consumer.consume(count, timeout=30)
    consumer.close()
    return [(one.key(), one.value()) for one in found]


@pytest.mark.broker
def test_the_broker_gets_every_message_but_those_over_its_limit(broker):
    producer = BrokerProducer(broker.bootstrap_servers, broker.topic, "SASL_PLAINTEXT", SecretStr(SECRET))
    dense = random.Random(1).randbytes(2_000_000)  # noqa: S311 - repeatable, not secret
    producer.send([message(b"1"), message(b"guest", key=None), message(dense), message(b"\xff"), message(b"")])
    producer.send([message(b"x" * 2_000_000), message(b"2")])
    producer.close()
    assert producer.refused == 1
    found = received(broker, 6)
    assert [value for key, value in found if key == b"ann"] == [b"1", b"\xff", b"", b"x" * 2_000_000, b"2"]
    assert [value for key, value in found if key is None] == [b"guest"]


@pytest.mark.broker
def test_a_wrong_login_ends_in_a_sentence(broker):
    wrong = SecretStr("Endpoint=sb://shop/;SharedAccessKeyName=send;SharedAccessKey=d3Jvbmc=")
    producer = BrokerProducer(broker.bootstrap_servers, broker.topic, "SASL_PLAINTEXT", wrong, timeout_seconds=1)
    with pytest.raises(SourceError, match=r"1 orders did not reach orders .* takes the connection string") as raised:
        producer.send([message(b"{}")])
    assert "Authentication failed" in str(raised.value)
    assert "d3Jvbmc" not in str(raised.value)
