import asyncio
import re
import socket
from typing import Any

import pytest

from dangol.edges.web import SecurityHeaders, listener
from dangol.errors import SetupError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.10", ""])  # noqa: S104
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(SetupError, match=re.escape(f"page.host is {host!r}")):
        listener(host, 0)


def test_a_taken_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port} .* choose another"):
            listener("127.0.0.1", port)


def exchange(path: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """What a browser gets for a GET of `path`, when the application behind sends `body` in two parts."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (b"accept-encoding" in dict(scope["headers"])) == (path != "/ko")
        headers = [(b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": body[9:]})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", b"br")]}
    asyncio.run(SecurityHeaders(app)(scope, None, send))  # type: ignore[arg-type]
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(message["body"] for message in sent[1:])


def test_every_response_carries_the_security_headers() -> None:
    headers, body = exchange("/ko/assets/x.js", b"<script>1</script>")
    assert body == b"<script>1</script>"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src[^;]*unsafe-inline", policy)


def test_a_pages_own_scripts_get_the_nonce_of_that_response() -> None:
    headers, body = exchange("/ko", b"<html><script>1</script></html>")
    again, _ = exchange("/ko", b"<html><script>1</script></html>")
    nonce = re.search(r"'nonce-([^']+)'", headers["content-security-policy"])[1]
    assert body == f'<html><script nonce="{nonce}">1</script></html>'.encode()
    assert headers["content-length"] == str(len(body))
    assert nonce not in again["content-security-policy"]
