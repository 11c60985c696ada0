"""How this program logs in to Event Hubs, to read by Kafka and to send by the SDK: source.login chooses."""

import hmac
import json
import os
import secrets
import threading
from base64 import b64encode
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import TypeVar
from urllib.parse import parse_qs

import structlog
from azure.core.credentials import TokenCredential
from azure.identity import ClientSecretCredential, ManagedIdentityCredential
from pydantic import SecretStr

from dangol.errors import SettingsError
from dangol.settings import Source

log = structlog.get_logger()
Value = TypeVar("Value", str, SecretStr)


def kafka_login(source: Source) -> dict[str, str]:
    """Options of Spark's Kafka source that log in. They hold the secret, which Spark and Kafka do not print.

    Raises SettingsError when a setting that the login needs is missing.
    """
    if source.security == "PLAINTEXT":
        return {}
    if source.login == "connection_string":
        password = required(source.connection_string, "connection_string").get_secret_value()
        login = jaas("plain.PlainLoginModule", username="$ConnectionString", password=password)
        return {"kafka.sasl.mechanism": "PLAIN", "kafka.sasl.jaas.config": login}
    if source.login == "client_secret":
        tenant = required(source.tenant_id, "tenant_id")
        secret = required(source.client_secret, "client_secret").get_secret_value()
        url = f"{source.authority.rstrip('/')}/{tenant}/oauth2/v2.0/token"
        return oauth(url, required(source.client_id, "client_id"), secret, scope(source))
    if source.login == "managed_identity":
        endpoint = identity_endpoint(source.client_id)
        return oauth(endpoint.url, endpoint.CLIENT, endpoint.secret, scope(source))
    return {
        "databricks.serviceCredential": required(source.service_credential, "service_credential"),
        "databricks.serviceCredential.scope": scope(source),
    }


def oauth(url: str, client: str, secret: str, scope: str) -> dict[str, str]:
    """Kafka's own client fetches a token from `url` by a client's id and secret, and anew before it expires."""
    return {
        "kafka.sasl.mechanism": "OAUTHBEARER",
        "kafka.sasl.login.callback.handler.class": security("oauthbearer.OAuthBearerLoginCallbackHandler"),
        "kafka.sasl.oauthbearer.token.endpoint.url": url,
        "kafka.sasl.jaas.config": jaas(
            "oauthbearer.OAuthBearerLoginModule", clientId=client, clientSecret=secret, scope=scope
        ),
    }


def jaas(module: str, **options: str) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in options.values())
    written = " ".join(f'{name}="{value}"' for name, value in zip(options, quoted, strict=True))
    return f"{security(module)} required {written};"


def security(name: str) -> str:
    return f"{kafka_package()}.common.security.{name}"


def kafka_package() -> str:
    """The Java package of Kafka's client."""
    return "kafkashaded.org.apache.kafka" if "DATABRICKS_RUNTIME_VERSION" in os.environ else "org.apache.kafka"


def required(value: Value | None, name: str) -> Value:
    """Raises SettingsError when the setting is not given."""
    if value is None:
        raise SettingsError(f"source.{name} is not set, and the login needs it; set DANGOL_SOURCE__{name.upper()}")
    return value


def namespace(source: Source) -> str:
    """The host of the bus, such as NAMESPACE.servicebus.windows.net."""
    return source.bootstrap_servers.partition(",")[0].rpartition(":")[0]


def scope(source: Source) -> str:
    return f"https://{namespace(source)}/.default"


def credential(source: Source) -> TokenCredential:
    """The identity that sends to Event Hubs where no connection string does. Raises SettingsError."""
    if source.login == "managed_identity":
        return ManagedIdentityCredential(client_id=source.client_id)
    if source.login != "client_secret":
        raise SettingsError(f"source.login is {source.login}, which cannot send; expected one of the other three")
    return ClientSecretCredential(
        required(source.tenant_id, "tenant_id"),
        required(source.client_id, "client_id"),
        required(source.client_secret, "client_secret").get_secret_value(),
        authority=source.authority,
    )


@cache
def identity_endpoint(client_id: str | None) -> "TokenEndpoint":
    """The machine's managed identity for this process's Kafka clients; it ends with the process."""
    return TokenEndpoint(ManagedIdentityCredential(client_id=client_id))


class TokenEndpoint:
    """An OAuth token endpoint on loopback that hands a credential's tokens to Kafka's client in this machine's JVM.

    Kafka's client knows no managed identity; a token's file it reads once, so that a token would end the stream when it
    expires; an endpoint it asks again. `secret` is new for each endpoint, and who does not know it gets nothing.
    """

    CLIENT = "dangol"

    def __init__(self, credential: TokenCredential) -> None:
        self.credential = credential
        self.secret = secrets.token_urlsafe(32)
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, answer = endpoint.answer(self.headers.get("Authorization", ""), form)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: by default each request is a line on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, name="token-endpoint", daemon=True).start()

    def answer(self, authorization: str, form: str) -> tuple[int, dict[str, str | int]]:
        """(HTTP status, body) for a request with that header and that body, which names the scope."""
        expected = "Basic " + b64encode(f"{self.CLIENT}:{self.secret}".encode()).decode()
        if not hmac.compare_digest(authorization.encode(), expected.encode()):
            return 401, {"error": "invalid_client"}
        try:
            token = self.credential.get_token(*parse_qs(form).get("scope", []))
        except Exception as error:  # noqa: BLE001 - a credential's own errors and its transport's share no base
            log.warning("no token", reason=type(error).__name__)  # the text may hold parts of the secret
            return 503, {"error": "temporarily_unavailable"}
        return 200, {"access_token": token.token, "token_type": "Bearer", "expires_in": int(token.expires_on - time())}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
