"""A real Kafka broker on loopback that takes the very login of Azure Event Hubs."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import SecretStr

from dangol.edges.jars import broker_jars
from dangol.edges.java import java_home
from dangol.errors import SettingsError, SetupError

USER = "$ConnectionString"
MAX_MESSAGE_BYTES = 1_048_576
CLUSTER = "ZGFuZ29sLWxvY2FsLTAwMQ"  # Kafka wants 16 bytes in base64 here
START_SECONDS = 90
STOP_SECONDS = 20

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=ORDERS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=ORDERS://127.0.0.1:{port}
listener.security.protocol.map=ORDERS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=ORDERS
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.orders.plain.sasl.jaas.config={login}
listener.name.controller.plain.sasl.jaas.config={login}
log.dirs=data
auto.create.topics.enable=false
message.max.bytes={max_message_bytes}
# as Event Hubs stamps messages: with the time of their arrival
log.message.timestamp.type=LogAppendTime
# orders stay for a stream that was away for long
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=2097152
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""

LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="{user}" password="{password}" user_{user}="{password}";'
)

# The shell waits on a pipe whose other end this process holds: when this process ends, be it by SIGKILL, so does
# the broker.
KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- &
broker=$!
{ read -r line <&3; kill "$broker"; } &
keeper=$!
exec 3<&-
wait "$broker"
code=$?
kill "$keeper" 2>/dev/null
exit "$code"
"""


class LocalBroker:
    """One Kafka node with one topic; what it received stays in `folder` for the next start.

    Clients log in as they do to Event Hubs: the user `$ConnectionString`, the connection string as the password.
    """

    def __init__(
        self, folder: Path, port: int, connection_string: SecretStr | str, topic: str, partitions: int = 4
    ) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.connection_string = (
            SecretStr(connection_string) if isinstance(connection_string, str) else connection_string
        )
        self.topic = topic
        self.partitions = partitions
        self.log = self.folder / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LocalBroker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def client(self) -> dict[str, str | int | float | bool]:
        """The settings with which a confluent-kafka client connects and logs in. They hold the secret."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": USER,
            "sasl.password": self.connection_string.get_secret_value(),
        }

    def start(self) -> None:
        """Start, and return when a client that logs in finds the topic. Raises SetupError and SettingsError."""
        properties = PROPERTIES.format(
            port=self.port,
            controller_port=free_port(),
            login=login(self.connection_string.get_secret_value()),
            max_message_bytes=MAX_MESSAGE_BYTES,
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.take(log)
            check_free(self.port)
            log.truncate(0)
            with open(self.folder / "server.properties", "w", opener=private) as file:
                file.write(properties)
            if not (self.folder / "data" / "meta.properties").exists():
                self.format(log)
            self.launch(log)
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Let the broker close its files and end; kill it if that takes too long. Without one, nothing happens."""
        if self.process is None or self.process.stdin is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def take(self, log: BinaryIO) -> None:
        """Lock the log. The broker inherits it as its output, so one that still closes its files is waited for."""
        try:
            until(lambda: locked(log), STOP_SECONDS)
        except TimeoutError:
            raise SetupError(f"another broker runs on {self.folder}; stop it, or use another store") from None

    def format(self, log: BinaryIO) -> None:
        command = self.java("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", "server.properties")
        if subprocess.run(command, cwd=self.folder, stdout=log, stderr=log, check=False).returncode:
            raise SetupError(f"the local broker could not prepare {self.folder}; {self.log} tells why")

    def launch(self, log: BinaryIO) -> None:
        self.process = subprocess.Popen(
            ["sh", "-c", KEEPER, "broker", *self.java("kafka.Kafka", "server.properties")],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is not for the broker: it is stopped in its turn
        )

    def java(self, main: str, *arguments: str) -> list[str]:
        options = [
            *("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss",
        ]
        return [str(java_home() / "bin" / "java"), *options, "-cp", f"{broker_jars()}/*", main, *arguments]

    def wait_until_ready(self) -> None:
        try:
            until(self.accepts_connections, START_SECONDS)
            admin = AdminClient(self.client)
            until(lambda: self.partitions_in(admin) is not None, START_SECONDS)
            if not self.partitions_in(admin):
                admin.create_topics([NewTopic(self.topic, self.partitions, 1)])[self.topic].result()
                until(lambda: bool(self.partitions_in(admin)), START_SECONDS)
        except TimeoutError:
            raise SetupError(f"the local broker did not answer in {START_SECONDS} s; {self.log} tells why") from None
        except KafkaException as error:
            raise SetupError(f"the topic {self.topic!r} could not be made: {error.args[0].str()}") from None

    def accepts_connections(self) -> bool:
        if self.process and self.process.poll() is not None:
            raise SetupError(f"the local broker ended while it started; {self.log} tells why")
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def partitions_in(self, admin: AdminClient) -> int | None:
        """How many partitions the topic has, 0 without one; null while the broker does not answer."""
        try:
            found = admin.list_topics(timeout=2).topics.get(self.topic)
        except KafkaException:
            return None
        return len(found.partitions) if found else 0


def login(connection_string: str) -> str:
    """The JAAS line that lets in USER with `connection_string`. Raises SettingsError, without its value."""
    if not re.fullmatch(r"[!#-\[\]-~]+", connection_string):
        raise SettingsError(
            "source.connection_string: expected printable ASCII without spaces, quotes and backslashes, such as "
            "Endpoint=sb://localhost/;SharedAccessKeyName=NAME;SharedAccessKey=KEY"
        )
    return LOGIN.format(user=USER, password=connection_string)


def check_free(port: int) -> None:
    """Raises SetupError when 127.0.0.1:`port` cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SetupError(
                f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); stop the program that has it, "
                "or choose another port by --set source.bootstrap_servers=127.0.0.1:PORT"
            ) from None


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for `condition`. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)
