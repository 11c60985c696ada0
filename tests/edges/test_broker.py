import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from dangol.edges.broker import LocalBroker, check_free, free_port
from dangol.errors import SettingsError, SetupError

SECRET = "Endpoint=sb://localhost/;SharedAccessKeyName=k;SharedAccessKey=abc+/="

PARENT = """
import sys, time
from pathlib import Path
from dangol.edges.broker import LocalBroker
LocalBroker(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], "orders").start()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalBroker:
    return LocalBroker(tmp_path_factory.mktemp("broker") / "kafka", free_port(), SECRET, "orders", partitions=2)


def send(broker: LocalBroker, value: bytes) -> KafkaError | None:
    outcome: list[KafkaError | None] = []
    producer = Producer(broker.client)
    producer.produce("orders", value, key=b"17850", timestamp=1, on_delivery=lambda error, _: outcome.append(error))
    assert producer.flush(30) == 0
    return outcome[0]


def received(broker: LocalBroker) -> list[tuple[bytes | None, int, float]]:
    """What the topic holds: value, kind of timestamp, seconds since the epoch."""
    consumer = Consumer({**broker.client, "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.subscribe(["orders"])
    try:
        message = consumer.poll(30)
        messages = [message, *consumer.consume(10, timeout=1)] if message else []
    finally:
        consumer.close()
    return [(message.value(), message.timestamp()[0], message.timestamp()[1] / 1000) for message in messages]


@pytest.mark.broker
def test_orders_outlive_a_restart_and_bear_the_time_of_their_arrival(local: LocalBroker) -> None:
    began = time.time()
    with local:
        assert len(AdminClient(local.client).list_topics(timeout=10).topics["orders"].partitions) == 2
        assert send(local, b"first") is None
    with local:
        [(value, kind, seconds)] = received(local)
    assert (value, kind) == (b"first", TIMESTAMP_LOG_APPEND_TIME)
    assert began - 1 <= seconds <= time.time()


@pytest.mark.broker
def test_another_password_is_refused_and_a_message_above_1_mb_too(local: LocalBroker) -> None:
    with local:
        errors: list[KafkaError] = []
        stranger = AdminClient({**local.client, "sasl.password": SECRET + "x", "error_cb": errors.append})
        with pytest.raises(KafkaException):
            stranger.list_topics(timeout=3)
        stranger.poll(3)
        assert KafkaError._AUTHENTICATION in [error.code() for error in errors]
        # the producer's own limit is raised, so that it is the broker that refuses
        refusal: list[KafkaError | None] = []
        producer = Producer({**local.client, "message.max.bytes": 4_000_000})
        producer.produce("orders", os.urandom(2_000_000), on_delivery=lambda error, _: refusal.append(error))
        assert producer.flush(30) == 0
        assert refusal[0] is not None
        assert refusal[0].code() == KafkaError.MSG_SIZE_TOO_LARGE


@pytest.mark.broker
def test_the_secret_lies_in_one_private_file(local: LocalBroker) -> None:
    with local:
        pass
    holders = [path for path in local.folder.rglob("*") if path.is_file() and b"abc+/=" in path.read_bytes()]
    assert holders == [local.folder / "server.properties"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(local.folder.stat().st_mode) == 0o700


@pytest.mark.broker
def test_a_killed_parent_takes_the_broker_with_it_and_the_folder_can_be_used_again(tmp_path: Path) -> None:
    port = free_port()
    arguments = [str(tmp_path / "kafka"), str(port), SECRET]
    with subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        with pytest.raises(SetupError, match=f"port {port} of 127.0.0.1 cannot be used"):
            LocalBroker(tmp_path / "other", port, SECRET, "orders").start()
        parent.send_signal(signal.SIGKILL)
    with LocalBroker(tmp_path / "kafka", port, SECRET, "orders"):
        pass


def test_a_taken_port_is_said_with_the_setting_to_change() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port} .* choose another port by --set source.bootstrap_servers="):
            check_free(port)


@pytest.mark.parametrize("secret", ["", 'a"; user_guest="x', "a\\", "a\nb", "비밀"])
def test_a_connection_string_that_could_break_out_of_its_line_is_refused_unseen(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"source\.connection_string: expected printable ASCII") as refusal:
        LocalBroker(tmp_path / "kafka", free_port(), secret, "orders").start()
    assert not secret or secret not in str(refusal.value)
    assert not (tmp_path / "kafka").exists()
