"""An Event Hubs namespace on loopback: an AMQP 1.0 peer that hands what the SDK sends to a Kafka topic."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from azure.eventhub._pyamqp import _transport
from azure.eventhub._pyamqp._decode import decode_frame
from confluent_kafka import Producer
from proton import Condition, Data, Delivery, Event, Message, symbol
from proton.handlers import IncomingMessageHandler, MessagingHandler
from proton.reactor import Container, EventInjector

from dangol.edges.broker import LocalBroker, free_port

KEY_NAME, KEY = "send", "dGVzdA=="
DATA_SECTION = 0x75
TRANSFER = 0x14
BUSY = Condition("com.microsoft:server-busy", "come back later", {symbol("hint"): "soon"})


class EventHubs(MessagingHandler):
    """One hub of a namespace: `$cbs` checks the signature of each token, `$management` tells the partitions, and a
    batch is accepted when each of its messages lies in the same partition of the topic, with its partition key as key.

    `throttled` batches are refused first, as a busy namespace does.
    """

    def __init__(self, broker: LocalBroker, hub: str, partitions: int, throttled: int = 0) -> None:
        super().__init__(prefetch=50)
        self.handlers = [one for one in self.handlers if not isinstance(one, IncomingMessageHandler)]  # batches are raw
        self.producer = Producer(broker.client)
        self.hub = hub
        self.partitions = [str(number) for number in range(partitions)]
        self.throttled = throttled
        self.batches: list[int] = []
        self.keys: dict[str, str | None] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.port = free_port()
        self.container = Container(self)
        self.container.listen(f"127.0.0.1:{self.port}")
        self.waker = EventInjector()
        self.container.selectable(self.waker)

    @property
    def connection_string(self) -> str:
        endpoint = f"Endpoint=sb://127.0.0.1:{self.port};SharedAccessKeyName={KEY_NAME};SharedAccessKey={KEY}"
        return f"{endpoint};UseDevelopmentEmulator=true"

    def stop(self) -> None:
        self.container.stop()
        self.waker.close()

    def on_link_opening(self, event: Event) -> None:
        link = event.link
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        link.max_message_size = 1024 * 1024
        if link.is_sender:
            self.answers[link.connection.remote_container, link.source.address] = link

    def on_delivery(self, event: Event) -> None:
        delivery, link = event.delivery, event.link
        if not link.is_receiver or not delivery.readable or delivery.partial:
            return
        raw, address = link.recv(delivery.pending), link.target.address
        link.advance()
        if address.startswith("$"):
            self.answer(raw, link)
            delivery.update(Delivery.ACCEPTED)
        elif self.throttled:
            self.throttled -= 1
            delivery.local.condition = BUSY
            delivery.update(Delivery.REJECTED)
        else:
            self.take(raw, int(address.rpartition("/")[2]))
            delivery.update(Delivery.ACCEPTED)
        delivery.settle()
        link.flow(1)

    def answer(self, raw: bytes, link: Any) -> None:
        request = Message()
        request.decode(raw)
        status, body = self.token(request) if link.target.address == "$cbs" else self.management(request)
        response = Message(body=body, correlation_id=request.id, properties={"status-code": status})
        self.answers[link.connection.remote_container, link.target.address].send(response)

    def token(self, request: Message) -> tuple[int, Any]:
        """As the service does: the signature of `resource newline expiry` by the shared key."""
        given = {name: values[0] for name, values in parse_qs(request.body.partition(" ")[2]).items()}
        signed = f"{quote(given['sr'], safe='')}\n{given['se']}".encode()
        expected = base64.b64encode(hmac.digest(KEY.encode(), signed, hashlib.sha256)).decode()
        return (202, None) if given["sig"] == expected and given["skn"] == KEY_NAME else (401, None)

    def management(self, request: Message) -> tuple[int, Any]:
        return 200, {"name": self.hub, "created_at": 0, "partition_ids": self.partitions}

    def take(self, raw: bytes, partition: int) -> None:
        """A batch: each data section of it is an encoded message."""
        encoded = list(data_sections(raw))
        for inner in encoded:
            message = Message()
            message.decode(inner)
            key = (message.annotations or {}).get("x-opt-partition-key")
            self.producer.produce(self.hub, bytes(message.body), key, partition)
            self.keys[json.loads(bytes(message.body))["order_id"]] = key
        assert self.producer.flush(30) == 0
        self.batches.append(len(encoded))


def data_sections(raw: bytes) -> Iterator[bytes]:
    while raw:
        section = Data()
        raw = raw[section.decode(raw) :]
        section.rewind()
        section.next()
        described = section.get_py_described()
        if described.descriptor == DATA_SECTION:
            yield bytes(described.value)


FIELDS = {0x10: 10, 0x11: 8, 0x12: 14, 0x13: 11, 0x14: 11, 0x15: 6, 0x16: 3, 0x17: 1, 0x18: 1}
"""How many fields each frame of AMQP 1.0 has (specification, part 2.7), by its descriptor: open, begin, ... close."""


def complete(frame: tuple[int, list[Any]]) -> tuple[int, list[Any]]:
    """A frame as the service sends it: proton leaves out fields at the end that are null, which AMQP allows and the
    SDK does not expect."""
    kind, fields = frame
    payload = [fields.pop()] if kind == TRANSFER else []
    return kind, fields + [None] * (FIELDS.get(kind, 0) - len(fields)) + payload


@pytest.fixture
def event_hubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., EventHubs]]:
    """Starts namespaces, with the arguments of EventHubs."""
    monkeypatch.setattr(_transport, "decode_frame", lambda data: complete(decode_frame(data)))
    with ExitStack() as running:

        def start(*arguments: Any, **options: Any) -> EventHubs:
            hubs = EventHubs(*arguments, **options)
            thread = threading.Thread(target=hubs.container.run)
            thread.start()
            running.callback(thread.join)
            running.callback(hubs.stop)
            return hubs

        yield start
