import pytest
from pydantic import SecretStr

from dangol.edges.sources import kafka_options
from dangol.errors import SourceError


def test_the_login_of_event_hubs() -> None:
    options = kafka_options("shop.servicebus.windows.net:9093", "orders", "SASL_SSL", SecretStr('Key=a"b\\c='))
    assert options == {
        "kafka.bootstrap.servers": "shop.servicebus.windows.net:9093",
        "subscribe": "orders",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required "
        'username="$ConnectionString" password="Key=a\\"b\\\\c=";',
    }


def test_on_databricks_the_login_module_is_the_shaded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "18.0")
    options = kafka_options("shop:9093", "orders", "SASL_SSL", SecretStr("Key=a"))
    assert options["kafka.sasl.jaas.config"].startswith("kafkashaded.org.apache.kafka.")


def test_no_login_is_asked_for_in_plain_text() -> None:
    assert "kafka.sasl.jaas.config" not in kafka_options("127.0.0.1:9092", "orders", "PLAINTEXT", None)


def test_a_missing_connection_string_says_where_to_put_it() -> None:
    with pytest.raises(SourceError, match="set DANGOL_SOURCE__CONNECTION_STRING"):
        kafka_options("shop:9093", "orders", "SASL_SSL", None)
