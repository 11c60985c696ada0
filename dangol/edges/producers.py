"""Orders out of files, and messages sent to where the stream reads them."""

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import pandas as pd
import pyarrow as pa
from azure.eventhub import EventData, EventHubProducerClient
from azure.eventhub.exceptions import EventDataSendError
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import Producer as KafkaProducer
from pydantic import SecretStr

from dangol.edges.logins import credential, namespace, required
from dangol.errors import SettingsError, SourceError
from dangol.orders.online_retail import order_events
from dangol.orders.simulation import Line, Message, decode
from dangol.settings import Source


def read_orders(path: Path) -> list[Line]:
    """Order events of a file: Online Retail when it is Parquet, else JSON Lines. Raises SourceError."""
    return list(read_online_retail(path)) if path.suffix == ".parquet" else read_jsonl(path)


def read_online_retail(path: Path) -> list[dict[str, Any]]:
    """Order events of the Parquet file of invoice lines. Raises SourceError."""
    try:
        lines = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from error
    return order_events(lines)


def read_jsonl(path: Path) -> list[Line]:
    """One order event per line; a line that holds none stays the bytes that it is. Raises SourceError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return [decode(line.removesuffix(b"\r")) for line in content.removesuffix(b"\n").split(b"\n")] if content else []


def unreadable(path: Path, error: Exception) -> SourceError:
    reason = str(error).splitlines()[0]
    return SourceError(
        f"{path} cannot be read ({reason}); expected a Parquet file of Online Retail or JSON Lines of orders"
    )


def replay(
    messages: Iterable[Message],
    speed: float = math.inf,
    *,
    batch: int = 500,
    pause_seconds: float = 0.1,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[Message]]:
    """Messages in batches, each when its messages are due: `speed` times as fast as they happened, the first at once.

    A batch has at most `batch` messages and, between waits of at least `pause_seconds`, all that have become due.
    """
    if not speed > 0:
        raise SettingsError(f"the speed is {speed}; expected a number above 0, or max")
    began, first, pending = clock(), None, list[Message]()
    for message in messages:
        first = first or message.due
        wait = began + (message.due - first).total_seconds() / speed - clock()
        if pending and (wait > 0 or len(pending) == batch):
            yield pending
            pending = []
            wait = began + (message.due - first).total_seconds() / speed - clock()
        if wait > 0:
            sleep(max(wait, pause_seconds))
        pending.append(message)
    if pending:
        yield pending


class Producer(Protocol):
    """Where messages go. `refused` counts those that the destination cannot hold; they are left out."""

    refused: int

    def send(self, messages: Sequence[Message]) -> None:
        """Returns when the messages have arrived. Raises SourceError when one that could arrive did not."""

    def close(self) -> None: ...


class StreamProducer:
    """Messages as lines of a binary stream, such as sys.stdout.buffer."""

    def __init__(self, stream: BinaryIO) -> None:
        self.refused = 0
        self.stream = stream

    def send(self, messages: Sequence[Message]) -> None:
        lines = as_lines(messages)
        self.refused += len(messages) - len(lines)
        self.stream.writelines(lines)
        self.stream.flush()

    def close(self) -> None:
        pass


class FolderProducer:
    """Messages as JSON Lines, each call of `send` one file, written under a hidden name that readers pass over."""

    def __init__(self, folder: Path) -> None:
        self.refused = 0
        self.folder = folder
        self.run = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        self.files = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"orders cannot be written to {folder} ({error.strerror}); choose another folder"
            ) from error

    def send(self, messages: Sequence[Message]) -> None:
        lines = as_lines(messages)
        self.refused += len(messages) - len(lines)
        if not lines:
            return
        name = f"orders-{self.run}-{self.files:06d}.jsonl"
        hidden = self.folder / f".{name}.tmp"
        try:
            hidden.write_bytes(b"".join(lines))
            os.replace(hidden, self.folder / name)
        except OSError as error:
            raise SourceError(
                f"orders cannot be written to {self.folder} ({error.strerror}); free some space"
            ) from error
        self.files += 1

    def close(self) -> None:
        pass


def as_lines(messages: Sequence[Message]) -> list[bytes]:
    """Messages that can be one line each: a line break inside would make two of them."""
    return [m.value + b"\n" for m in messages if b"\n" not in m.value and b"\r" not in m.value]


class BrokerProducer:
    """A Kafka broker, or Event Hubs through its Kafka endpoint: both take the login `$ConnectionString`."""

    def __init__(
        self,
        servers: str,
        topic: str,
        security: str = "SASL_SSL",
        connection_string: SecretStr | None = None,
        timeout_seconds: float = 30,
    ) -> None:
        self.refused = 0
        self.servers = servers
        self.topic = topic
        self.failure: KafkaError | None = None
        self.failed = 0
        login = {}
        if security.startswith("SASL"):
            if connection_string is None:
                raise SettingsError("source.connection_string is not set; set DANGOL_SOURCE__CONNECTION_STRING")
            secret = connection_string.get_secret_value()
            login = {"sasl.mechanism": "PLAIN", "sasl.username": "$ConnectionString", "sasl.password": secret}
        self.producer = KafkaProducer(
            {
                "bootstrap.servers": servers,
                "security.protocol": security,
                **login,
                "enable.idempotence": True,
                "compression.type": "gzip",
                "partitioner": "murmur2_random",  # a customer's partition is the same as from a Java producer
                "linger.ms": 5,
                "message.max.bytes": 8_000_000,  # the broker decides, on compressed batches
                "message.timeout.ms": round(timeout_seconds * 1000),
                "error_cb": self.note,
                "log_level": 0,  # what matters comes through error_cb
            }
        )

    def send(self, messages: Sequence[Message]) -> None:
        self.failed, self.failure = 0, None
        for message in messages:
            self.enqueue(message)
        self.producer.flush()
        if self.failed:
            reason = self.failure.str() if self.failure else "no reason given"
            raise SourceError(
                f"{self.failed} orders did not reach {self.topic} at {self.servers} ({reason}); "
                "check that the broker runs and takes the connection string"
            )

    def enqueue(self, message: Message) -> None:
        try:
            self.producer.produce(self.topic, message.value, message.key, on_delivery=self.delivered)
        except BufferError:
            self.producer.flush()
            self.enqueue(message)
        except KafkaException as error:
            self.delivered(error.args[0], None)

    def delivered(self, error: KafkaError | None, _: object) -> None:
        if error is None:
            return
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self.refused += 1
        else:
            self.failed += 1
            self.failure = self.failure or error

    def note(self, error: KafkaError) -> None:
        """The connection's trouble tells more than the timeout that each message ends in."""
        self.failure = error

    def close(self) -> None:
        self.producer.close()


class EventHubsProducer:
    """Azure Event Hubs by its SDK, which batches per partition, keeps a customer in one, and repeats what a broken
    connection lost. What a busy hub refuses it does not repeat: that is done here."""

    MAX_BYTES = 1_000_000
    """An event of a Standard namespace may have 1 MiB, its headers included."""

    PAUSES = (1, 4, 16)
    """Seconds before a refused batch is sent again: a throughput unit is counted by the second."""

    def __init__(self, source: Source) -> None:
        """Logs in as source.login says. Raises SettingsError."""
        self.refused = 0
        self.hub = source.topic
        self.failed = 0
        self.failure = ""
        self.busy: list[EventData] = []
        self.client = self.connect(source)

    def connect(self, source: Source) -> EventHubProducerClient:
        buffered: dict[str, Any] = {"buffered_mode": True, "on_success": lambda events, partition: None}
        buffered["on_error"] = self.note
        if source.login != "connection_string":
            return EventHubProducerClient(namespace(source), self.hub, credential(source), **buffered)
        secret = required(source.connection_string, "connection_string").get_secret_value()
        try:
            return EventHubProducerClient.from_connection_string(secret, eventhub_name=self.hub, **buffered)
        except ValueError:
            # Without the cause: its text may hold parts of the secret.
            raise SettingsError(
                "source.connection_string is not one of Event Hubs; expected "
                "Endpoint=sb://NAMESPACE.servicebus.windows.net/;SharedAccessKeyName=...;SharedAccessKey=..."
            ) from None

    def send(self, messages: Sequence[Message]) -> None:
        self.failed, self.busy = 0, []
        fitting = [message for message in messages if len(message.value) <= self.MAX_BYTES]
        self.refused += len(messages) - len(fitting)
        self.put([(EventData(message.value), message.key) for message in fitting])
        for seconds in self.PAUSES:
            if self.busy:
                time.sleep(seconds)
                again, self.busy = self.busy, []
                self.put([(event, cast(str | None, event.partition_key)) for event in again])  # it is what was given
        if self.failed or self.busy:
            raise SourceError(
                f"{self.failed + len(self.busy)} orders did not reach the event hub {self.hub} ({self.failure}); "
                "check the name, the network and the login"
            )

    def put(self, events: Sequence[tuple[EventData, str | None]]) -> None:
        try:
            for event, key in events:
                self.client.send_event(event, partition_key=key)
            self.client.flush()
        except Exception as error:  # noqa: BLE001 - the SDK's own, its transport's and the socket's errors share no base
            self.note([event for event, _ in events], None, error)

    def note(self, events: Sequence[EventData], partition: str | None, error: Exception) -> None:
        if isinstance(error, EventDataSendError):
            self.busy += events
        else:
            self.failed += len(events)
        self.failure = f"partition {partition}: {type(error).__name__}" if partition else type(error).__name__

    def close(self) -> None:
        self.client.close()
