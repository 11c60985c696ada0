"""Event Hubs, as near as one machine comes to it: the SDK speaks AMQP to a peer, which hands on to a real broker that
Spark reads; the broker forgets, pauses and slows down."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from shop_fixture import Shop

from dangol.cli import main
from dangol.edges import losses
from dangol.edges.broker import LocalBroker
from dangol.edges.sources import from_kafka, kafka_options
from dangol.edges.status import status
from dangol.edges.stream import run_stream
from dangol.edges.verify import verify
from dangol.errors import SourceError

pytestmark = [pytest.mark.spark, pytest.mark.broker]


@pytest.fixture
def topic(broker: LocalBroker, request: pytest.FixtureRequest) -> str:
    """A topic of its own for the test, with two partitions."""
    name = request.function.__name__
    admin = AdminClient(broker.client)
    admin.create_topics([NewTopic(name, 2, 1)])[name].result()
    return name


def of_broker(broker: LocalBroker, topic: str) -> dict[str, object]:
    return {
        "source__kind": "kafka",
        "source__bootstrap_servers": broker.bootstrap_servers,
        "source__topic": topic,
        "source__connection_string": broker.connection_string,
    }


def order(number: int, customer: str) -> dict[str, object]:
    amount = {"amount": "10.00", "currency": "GBP", "event_time": "2024-03-01T10:00:00Z"}
    return {"event_id": f"e{number}", "type": "placed", "order_id": f"o{number}", "customer_id": customer, **amount}


def send(broker: LocalBroker, topic: str, partition: int, values: list[bytes]) -> None:
    producer = Producer(broker.client)
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(30) == 0


def test_orders_by_the_sdk_reach_the_tables(
    shop: Any, broker: LocalBroker, event_hubs: Any, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = event_hubs(broker, topic, partitions=2, throttled=1)
    orders = [order(number, f"c{number % 7}") for number in range(60)]
    data = tmp_path / "orders.jsonl"
    data.write_text("".join(json.dumps(event) + "\n" for event in [*orders, order(60, "") | {"customer_id": None}]))
    monkeypatch.setenv("DANGOL_SOURCE__CONNECTION_STRING", hub.connection_string)
    main(["simulate", "--to", "eventhubs", "--data", str(data), "--set", f"source.topic={topic}"])
    monkeypatch.delenv("DANGOL_SOURCE__CONNECTION_STRING")

    stream: Shop = shop(**of_broker(broker, topic))
    stream.run("2024-03-02T12:00:00")

    assert len(hub.batches) < 10  # not a message each
    events = stream.table("events")
    assert sorted(events["order_id"]) == sorted(f"o{number}" for number in range(61))
    partitions = events.dropna(subset="customer_id").groupby("customer_id")["source_partition"].nunique()
    assert partitions.to_dict() == {f"c{number}": 1 for number in range(7)}
    customers = stream.customers()
    assert dict(zip(customers["customer_id"], customers["frequency"], strict=True)) == {
        f"c{number}": len(range(number, 60, 7)) for number in range(7)
    }
    assert hub.keys == {f"o{number}": f"c{number % 7}" for number in range(60)} | {"o60": None}


def test_what_the_bus_forgot_is_told_and_skipped_only_when_accepted(
    spark: Any, shop: Any, broker: LocalBroker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream: Shop = shop(**of_broker(broker, topic))
    now = "2024-03-02T12:00:00"
    orders = [json.dumps(order(number, f"c{number}")).encode() for number in range(10)]
    send(broker, topic, 0, orders[:3])
    stream.run(now)
    send(broker, topic, 0, orders[3:8])
    send(broker, topic, 1, orders[8:])
    admin = AdminClient(broker.client)
    for deleted in admin.delete_records([TopicPartition(topic, 0, 6), TopicPartition(topic, 1, 1)]).values():
        deleted.result()

    lost = f"{topic}/0 offsets 3 to 5, {topic}/1 offsets 0 to 0"
    sentence = re.escape(f"messages that were not read yet: by grades {lost}; by ledger {lost}. Nothing was skipped.")
    with pytest.raises(SourceError, match=f"{sentence} .* --accept-loss"):
        stream.run(now)
    with monkeypatch.context() as patch:
        patch.setattr(losses, "check", after_the_first(losses.check))
        with pytest.raises(SourceError, match=sentence):
            stream.run(now)
    checkpoints = stream.settings().store.checkpoints
    assert sorted(stream.table("events")["order_id"]) == ["o0", "o1", "o2"]
    assert losses.read_losses(checkpoints) == []

    run_stream(spark, stream.settings(now), available_now=True, accept_loss=True)
    assert sorted(stream.table("events")["order_id"]) == ["o0", "o1", "o2", "o6", "o7", "o9"]
    assert sorted(stream.customers()["customer_id"]) == ["c0", "c1", "c2", "c6", "c7", "c9"]
    recorded = losses.read_losses(checkpoints)
    assert status(stream.settings())["losses"] == recorded
    found = [[loss[name] for name in ("query", "partition", "lost_from", "kept_from")] for loss in recorded]
    assert sorted(found) == [
        [query, f"{topic}/{number}", first, after]
        for query in ("grades", "ledger")
        for number, first, after in ((0, 3, 6), (1, 0, 1))
    ]
    proof = verify(spark, stream.settings(now))  # it starts the stream: what was accepted is refused no more
    assert [proof[name] for name in ("accepted", "mismatches", "missing", "lost")] == [6, 0, 0, 4]


def after_the_first(check: Callable[..., None]) -> Callable[..., None]:
    """The bus forgets just after a start has found all there: the first call sees nothing."""
    calls = count()

    def later(*arguments: Any, **options: Any) -> None:
        if next(calls):
            check(*arguments, **options)

    return later


def test_an_idle_a_paused_and_a_slow_bus_are_waited_for(
    spark: Any, shop: Any, broker: LocalBroker, topic: str, tmp_path: Path
) -> None:
    source = shop(**of_broker(broker, topic)).settings().source
    rows = from_kafka(spark, kafka_options(source), 1000).select("value")
    writer = rows.writeStream.format("memory").queryName("read").trigger(processingTime="100 milliseconds")
    query = writer.option("checkpointLocation", str(tmp_path / "read")).start()

    def read() -> int:
        query.processAllAvailable()
        return spark.table("read").count()

    try:
        send(broker, topic, 0, [b"1"])
        assert read() == 1
        assert not query.awaitTermination(2)  # idle for twenty triggers
        send(broker, topic, 1, [b"2"])
        assert read() == 2
        with paused(broker):
            assert not query.awaitTermination(5)
        send(broker, topic, 0, [b"3"])
        assert read() == 3
        with slow(broker, bytes_a_second=100_000):
            send(broker, topic, 1, [b"x" * 100_000] * 5)
            assert read() == 8
        assert query.isActive
    finally:
        query.stop()


@contextmanager
def paused(broker: LocalBroker) -> Iterator[None]:
    assert broker.process
    os.killpg(broker.process.pid, SIGSTOP)
    try:
        yield
    finally:
        os.killpg(broker.process.pid, SIGCONT)


@contextmanager
def slow(broker: LocalBroker, bytes_a_second: int) -> Iterator[None]:
    """A consumer's quota, by which a broker delays its answers, as Event Hubs does with a namespace above its units."""
    quota(broker, "--add-config", f"consumer_byte_rate={bytes_a_second}")
    try:
        yield
    finally:
        quota(broker, "--delete-config", "consumer_byte_rate")


def quota(broker: LocalBroker, *change: str) -> None:
    login = broker.folder / "client.properties"
    login.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
        + next(
            line.replace("listener.name.orders.plain.", "")
            for line in (broker.folder / "server.properties").read_text().splitlines()
            if line.startswith("listener.name.orders.plain.sasl.jaas.config")
        )
    )
    arguments = ["--bootstrap-server", broker.bootstrap_servers, "--command-config", str(login)]
    arguments += ["--alter", *change, "--entity-type", "clients", "--entity-default"]
    command = broker.java("kafka.admin.ConfigCommand", *arguments)
    subprocess.run(command, check=True, capture_output=True)
