import pytest
from pyspark.sql import SparkSession

from dangol.edges import sources
from dangol.edges.broker import LocalBroker, free_port
from dangol.edges.sources import kafka_options, topic_offsets
from dangol.errors import SourceError
from dangol.settings import load_settings


def options(**source: object) -> dict[str, str]:
    return kafka_options(load_settings(overrides={f"source.{name}": value for name, value in source.items()}).source)


def test_a_hub_is_read_with_microsofts_patience() -> None:
    assert options(bootstrap_servers="shop.servicebus.windows.net:9093", topic="hub", security="PLAINTEXT") == {
        "kafka.bootstrap.servers": "shop.servicebus.windows.net:9093",
        "subscribe": "hub",
        "kafka.security.protocol": "PLAINTEXT",
        "kafka.request.timeout.ms": "60000",
        "kafka.session.timeout.ms": "30000",
        "kafka.metadata.max.age.ms": "180000",
        "kafka.connections.max.idle.ms": "180000",
    }


@pytest.mark.spark
def test_a_broker_that_is_not_there_is_told_at_once(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ANSWER_SECONDS", 1)
    nowhere = f"127.0.0.1:{free_port()}"
    sentence = f"the bus at {nowhere} cannot be read: TimeoutException, .*; check source.bootstrap_servers"
    with pytest.raises(SourceError, match=sentence):
        topic_offsets(spark, options(bootstrap_servers=nowhere, security="PLAINTEXT"))


@pytest.mark.spark
@pytest.mark.broker
def test_a_missing_topic_and_a_refused_login_are_told_at_once(spark: SparkSession, broker: LocalBroker) -> None:
    hub = {"bootstrap_servers": broker.bootstrap_servers, "security": "SASL_PLAINTEXT"}
    secret = broker.connection_string.get_secret_value()
    with pytest.raises(SourceError, match=r"it has no topic odrers; create it, or set source.topic"):
        topic_offsets(spark, options(**hub, topic="odrers", connection_string=secret))
    with pytest.raises(SourceError, match=r"SaslAuthenticationException, .*; check .* the login") as refused:
        topic_offsets(spark, options(**hub, connection_string="sesame"))
    assert "sesame" not in str(refused.value)
