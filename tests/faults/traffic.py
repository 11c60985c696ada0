"""Endless messages of a small shop at its worst: repeated, late, in any order, corrected, cancelled, malformed."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pydantic import SecretStr

from dangol.edges.broker import LocalBroker
from dangol.edges.producers import BrokerProducer
from dangol.orders.simulation import MALFORMED, Event, Message, encode, iso

CUSTOMERS = [*(f"{number}" for number in range(12340, 12370)), "고객-1", "Zoë", "c" * 128]
PAST = timedelta(days=500)
MIXED = 60
"""Messages wait among so many others before they are sent: a return may overtake its order."""


class Traffic:
    """Same seed, same messages. Orders happen in the 500 days before `now`, one every six hours, so that some are older
    than the window; when `now` is reached, and now and then before, they come late by anything up to 500 days."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.now = now
        self.count = 0
        self.waiting: list[bytes] = []
        self.spoil = cycle(MALFORMED.values())

    def take(self, count: int) -> list[Message]:
        messages = []
        for _ in range(count):
            while len(self.waiting) < MIXED:
                self.waiting += self.order()
            value = self.waiting.pop(self.rng.randrange(len(self.waiting)))
            messages.append(Message(None, value, self.now))
        return messages

    def order(self) -> list[bytes]:
        """One order and all that happens to it."""
        self.count += 1
        rng = self.rng
        order = self.event("placed", f"o{self.count}", self.money())
        if rng.random() < 0.05:
            del order["customer_id"]
        if rng.random() < 0.03:
            order["amount"] = "0"
        told = [order]
        if rng.random() < 0.15:  # some of these move the order across the edge of the window
            told.append({**order, "version": 1, "amount": self.money(), "event_time": self.time()})
        if rng.random() < 0.05:
            told.append({**order, "event_id": f"{self.count}-again", "amount": self.money()})
        if rng.random() < 0.1:
            told.append({**order, "type": "cancelled", "version": rng.choice([0, 1, 2]), "amount": None})
        for number in range(rng.choice([0, 0, 0, 1, 2])):
            back = {**order, "type": "returned", "event_id": f"r{self.count}-{number}", "event_time": self.time()}
            told.append({**back, "amount": self.money(), **({"order_id": f"credit-{self.count}"} if number else {})})
        values = [encode(event) for event in told]
        values += [value for value in values if rng.random() < 0.1]
        if rng.random() < 0.1:
            values.append(next(self.spoil)(order))
        return values

    def event(self, kind: str, order_id: str, amount: str) -> Event:
        return {
            "event_id": f"e{self.count}",
            "type": kind,
            "order_id": order_id,
            "customer_id": self.rng.choice(CUSTOMERS),
            "event_time": self.time(),
            "amount": amount,
            "currency": "GBP",
            "version": 0,
        }

    def time(self) -> str:
        ago = PAST - self.count * timedelta(hours=6)
        if ago <= timedelta() or self.rng.random() < 0.1:
            ago = self.rng.random() * PAST
        return iso(self.now - ago)

    def money(self) -> str:
        return f"{self.rng.randrange(1, 2_000_000) / 10**4:.4f}"


class Topic:
    """A topic of its own on a broker."""

    def __init__(self, broker: LocalBroker, name: str) -> None:
        self.broker = broker
        self.name = name
        admin = AdminClient(broker.client)
        admin.create_topics([NewTopic(name, broker.partitions, 1)])[name].result()

    def send(self, messages: Sequence[Message]) -> None:
        producer = self.producer()
        producer.send(messages)
        producer.close()

    def producer(self) -> BrokerProducer:
        secret = SecretStr(self.broker.connection_string.get_secret_value())
        return BrokerProducer(self.broker.bootstrap_servers, self.name, "SASL_PLAINTEXT", secret)

    @contextmanager
    def sending(self, traffic: Traffic, count: int = 5, pause_seconds: float = 0.2) -> Iterator[list[bytes]]:
        """Sends a few messages again and again beside the caller; yields the bytes sent so far."""
        sent: list[bytes] = []
        over = threading.Event()
        failures: list[Exception] = []

        def run() -> None:
            producer = self.producer()
            try:
                while not over.wait(pause_seconds):
                    batch = traffic.take(count)
                    producer.send(batch)
                    sent.extend(message.value for message in batch)
            except Exception as failure:  # noqa: BLE001 - raised below, in the caller's thread
                failures.append(failure)
            producer.close()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield sent
        finally:
            over.set()
            thread.join()
        if failures:
            raise failures[0]

    def content(self) -> dict[tuple[str, int], bytes]:
        """All that the broker holds: {(topic/partition, offset): bytes}."""
        consumer = Consumer({**self.broker.client, "group.id": "content", "enable.auto.commit": False})
        partitions = [TopicPartition(self.name, number, 0) for number in range(self.broker.partitions)]
        ends = {at.partition: consumer.get_watermark_offsets(at, timeout=30)[1] for at in partitions}
        consumer.assign(partitions)
        found: dict[tuple[str, int], bytes] = {}
        while missing := sum(ends.values()) - len(found):  # asked for more, it would wait for them
            for message in consumer.consume(min(missing, 1000), timeout=30):
                assert message.error() is None, message.error()
                found[f"{self.name}/{message.partition()}", message.offset()] = message.value() or b""
        consumer.close()
        return found
