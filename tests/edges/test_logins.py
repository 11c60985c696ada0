"""Each login of the bus: its options, and the OAuth ones at a real broker that checks signed tokens."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import jwt
import pytest
from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential, ManagedIdentityCredential
from confluent_kafka import Producer
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from pyspark.sql import SparkSession

from dangol.edges import broker as broker_module
from dangol.edges import logins
from dangol.edges.broker import LocalBroker, free_port, until
from dangol.edges.logins import TokenEndpoint, credential, kafka_login
from dangol.edges.sources import kafka_options, topic_offsets
from dangol.errors import SettingsError, SourceError
from dangol.settings import Source, load_settings

SHARED_KEY = "Endpoint=sb://localhost/;SharedAccessKeyName=k;SharedAccessKey=abc+/="
SCOPE = "https://shop.servicebus.windows.net/.default"


def source(**values: object) -> Source:
    hub = {"bootstrap_servers": "shop.servicebus.windows.net:9093", "security": "SASL_SSL"}
    return load_settings(overrides={f"source.{name}": value for name, value in (hub | values).items()}).source


def test_a_connection_string() -> None:
    assert kafka_login(source(connection_string='Key=a"b\\c=')) == {
        "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required "
        'username="$ConnectionString" password="Key=a\\"b\\\\c=";',
    }


def test_a_client_secret() -> None:
    assert kafka_login(source(login="client_secret", tenant_id="t1", client_id="app", client_secret="s~1")) == {
        "kafka.sasl.mechanism": "OAUTHBEARER",
        "kafka.sasl.login.callback.handler.class": "org.apache.kafka.common.security.oauthbearer"
        ".OAuthBearerLoginCallbackHandler",
        "kafka.sasl.oauthbearer.token.endpoint.url": "https://login.microsoftonline.com/t1/oauth2/v2.0/token",
        "kafka.sasl.jaas.config": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
        f'clientId="app" clientSecret="s~1" scope="{SCOPE}";',
    }


def test_a_service_credential() -> None:
    assert kafka_login(source(login="service_credential", service_credential="hub-reader")) == {
        "databricks.serviceCredential": "hub-reader",
        "databricks.serviceCredential.scope": SCOPE,
    }


def test_on_databricks_kafkas_classes_are_the_shaded_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "18.0")
    options = kafka_login(source(login="client_secret", tenant_id="t1", client_id="app", client_secret="s"))
    assert options["kafka.sasl.jaas.config"].startswith("kafkashaded.org.apache.kafka.")
    assert options["kafka.sasl.login.callback.handler.class"].startswith("kafkashaded.org.apache.kafka.")


def test_no_login_is_asked_for_in_plain_text() -> None:
    assert kafka_login(source(security="PLAINTEXT")) == {}


@pytest.mark.parametrize(
    ("login", "missing"),
    [
        ("connection_string", "connection_string"),
        ("client_secret", "tenant_id"),
        ("service_credential", "service_credential"),
    ],
)
def test_a_missing_value_says_where_to_put_it(login: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"set DANGOL_SOURCE__{missing.upper()}"):
        kafka_login(source(login=login))


def test_who_sends_without_a_connection_string() -> None:
    assert isinstance(credential(source(login="managed_identity")), ManagedIdentityCredential)
    app = source(login="client_secret", tenant_id="t1", client_id="app", client_secret="s")
    assert isinstance(credential(app), ClientSecretCredential)
    with pytest.raises(SettingsError, match=r"source\.login is service_credential, which cannot send"):
        credential(source(login="service_credential", service_credential="hub-reader"))


class Identity:
    """A credential that signs its own tokens, for a broker that knows its key."""

    KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def __init__(self, seconds: int = 3600) -> None:
        self.seconds = seconds
        self.scopes: list[str] = []

    def get_token(self, *scopes: str) -> AccessToken:
        self.scopes += scopes
        now = int(time())
        claims = {"sub": "dangol", "aud": "hub", "scope": "hub", "iat": now, "exp": now + self.seconds}
        return AccessToken(jwt.encode(claims, self.KEY, "RS256", {"kid": "one"}), now + self.seconds)

    @classmethod
    def keys(cls) -> str:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(cls.KEY.public_key()))
        return json.dumps({"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]})


class Broken:
    def get_token(self, *_: str) -> AccessToken:
        raise ConnectionError("secret-part")


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    endpoint = TokenEndpoint(Identity())
    yield endpoint
    endpoint.close()


def asked(endpoint: TokenEndpoint, authorization: str) -> int:
    request = Request(endpoint.url, b"grant_type=client_credentials", {"Authorization": authorization})  # noqa: S310 - ours
    try:
        return urlopen(request).status  # noqa: S310 - ours
    except HTTPError as error:
        return error.code


def test_the_endpoint_gives_a_stranger_nothing(endpoint: TokenEndpoint) -> None:
    assert asked(endpoint, "") == 401
    assert asked(endpoint, "Basic ZGFuZ29sOg==") == 401
    assert endpoint.credential.scopes == []


def test_an_identity_that_fails_is_logged_without_its_words(
    endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.credential = Broken()
    with caplog.at_level(logging.DEBUG):
        status, _ = endpoint.answer(basic(endpoint), "scope=x")
    assert status == 503
    assert "secret-part" not in caplog.text + "".join(capsys.readouterr())


def basic(endpoint: TokenEndpoint) -> str:
    return "Basic " + b64encode(f"dangol:{endpoint.secret}".encode()).decode()


OAUTH = """
listeners=ORDERS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},OAUTH://127.0.0.1:%(port)d
advertised.listeners=ORDERS://127.0.0.1:{port},OAUTH://127.0.0.1:%(port)d
listener.security.protocol.map=ORDERS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,OAUTH:SASL_PLAINTEXT
listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oauth.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ;
listener.name.oauth.oauthbearer.sasl.server.callback.handler.class=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.oauth.oauthbearer.connections.max.reauth.ms=3600000
sasl.oauthbearer.jwks.endpoint.url=%(keys)s
sasl.oauthbearer.expected.audience=hub
"""


class OAuthBroker(LocalBroker):
    """A broker with a second door, for signed tokens alone; as at Event Hubs a connection ends with its token."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "kafka", free_port(), SHARED_KEY, "orders", partitions=2)
        self.door = f"127.0.0.1:{free_port()}"
        self.keys = folder / "keys.json"
        self.keys.write_text(Identity.keys())

    def java(self, main: str, *arguments: str) -> list[str]:
        java, *rest = super().java(main, *arguments)
        return [java, f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self.keys.as_uri()}", *rest]

    def start(self) -> None:
        more = OAUTH % {"port": int(self.door.rpartition(":")[2]), "keys": self.keys.as_uri()}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(broker_module, "PROPERTIES", broker_module.PROPERTIES + more)
            super().start()

    def send(self, *values: bytes) -> None:
        producer = Producer(self.client)
        for value in values:
            producer.produce("orders", value)
        assert producer.flush(30) == 0


@pytest.fixture(scope="module")
def oauth_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OAuthBroker]:
    with OAuthBroker(tmp_path_factory.mktemp("oauth")) as running:
        yield running


@pytest.mark.broker
@pytest.mark.spark
def test_a_client_secret_lets_in(spark: SparkSession, oauth_broker: OAuthBroker, endpoint: TokenEndpoint) -> None:
    app = {"login": "client_secret", "client_id": "dangol", "tenant_id": "t1", "security": "SASL_PLAINTEXT"}
    app |= {"bootstrap_servers": oauth_broker.door, "authority": endpoint.url}
    right = source(**app, client_secret=endpoint.secret)
    assert topic_offsets(spark, kafka_options(right)).keys() == {0, 1}
    assert endpoint.credential.scopes == ["https://127.0.0.1/.default"]

    wrong = SecretStr("guessed-secret")
    with pytest.raises(SourceError, match=r"the bus at .* cannot be read: .*; check .* the login") as refused:
        topic_offsets(spark, kafka_options(source(**app, client_secret=wrong)))
    assert "guessed-secret" not in str(refused.value)


@pytest.mark.broker
@pytest.mark.spark
def test_a_managed_identity_reads_on_when_its_token_has_expired(
    spark: SparkSession, oauth_broker: OAuthBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = Identity(seconds=5)
    monkeypatch.setattr(logins, "ManagedIdentityCredential", lambda client_id: identity)
    hub = source(login="managed_identity", bootstrap_servers=oauth_broker.door, security="SASL_PLAINTEXT")
    options = kafka_options(hub) | {
        "kafka.sasl.login.refresh.min.period.seconds": "1",  # by default a token is expected to live for minutes
        "kafka.sasl.login.refresh.buffer.seconds": "0",
        "startingOffsets": "earliest",
    }
    oauth_broker.send(b"1", b"2")
    rows = spark.readStream.format("kafka").options(**options).load().selectExpr("cast(value as string) value")
    query = rows.writeStream.format("memory").queryName("read").start()
    try:
        query.processAllAvailable()
        began = monotonic()
        until(lambda: len(identity.scopes) >= 3 and monotonic() > began + identity.seconds, 60)
        oauth_broker.send(b"3")
        query.processAllAvailable()
        assert {row.value for row in spark.table("read").collect()} == {"1", "2", "3"}
    finally:
        query.stop()
        logins.identity_endpoint.cache_clear()
