import asyncio
import re
import socket
from typing import Any

import pytest
from starlette.datastructures import Headers

from dangol.edges import doors
from dangol.edges.doors import RefusedError, body_of, check_request, patient
from dangol.edges.web import ForwardedHost, SecurityHeaders, listener
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


def exchange(path: str, body: bytes, *, tls: bool = False) -> tuple[dict[str, str], bytes]:
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
    asyncio.run(SecurityHeaders(app, tls=tls)(scope, None, send))  # type: ignore[arg-type]
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


def test_a_browser_is_told_to_come_back_by_tls_alone_where_there_is_tls() -> None:
    assert "strict-transport-security" not in exchange("/", b"")[0]
    assert exchange("/", b"", tls=True)[0]["strict-transport-security"] == "max-age=31536000"


def test_pages_are_not_kept_by_browsers_and_what_never_changes_is() -> None:
    assert exchange("/ko/config", b"")[0]["cache-control"] == "no-store"
    assert "cache-control" not in exchange("/ko/assets/x.js", b"")[0]


def test_the_host_is_the_one_that_a_trusted_proxy_passes_on() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(Headers(scope=scope).getlist("host"))

    headers = [(b"host", b"10.0.0.1"), (b"x-forwarded-host", b"evil.example"), (b"x-forwarded-host", b"grades.example")]
    for sent in (headers, headers[:1]):
        asyncio.run(ForwardedHost(app)({"type": "http", "headers": sent}, None, None))  # type: ignore[arg-type]
    assert seen == [["grades.example"], ["10.0.0.1"]]


def refusal(path: str, method: str = "GET", **headers: str) -> int | None:
    sent = Headers(headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        check_request({"path": path, "method": method, "query_string": b""}, sent)
    except RefusedError as refused:
        return refused.status
    return None


SERVED = [
    *("/", "/ko", "/ko/", "/en/config", "/ko/theme.css", "/en/assets/index-a_b.js", "/ko/static/fonts/x/a.woff2"),
    *("/ko/gradio_api/heartbeat/a1", "/sign-in", "/sign-out", "/healthz", "/favicon.ico", "/page.js", "/export/aB-_9"),
]
NOT_SERVED = [
    *("/fr", "/KO", "//ko", "/ko//config", "/ko/login", "/ko/gradio_api/upload", "/ko/gradio_api/file=a"),
    *("/ko/gradio_api/run/ask", "/ko/assets/", "/ko/assets//a", "/ko/assets/a/../b", "/ko/config\n"),
    *("/export/", "/export/a.b", "/export/a/b", "/healthz/"),
]


@pytest.mark.parametrize("path", SERVED)
def test_what_the_pages_use_is_served(path: str) -> None:
    assert refusal(path) is None


@pytest.mark.parametrize("path", NOT_SERVED)
def test_nothing_else_is(path: str) -> None:
    assert refusal(path) == 404


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, None),
        ("POST", {"origin": "http://localhost:7860", "host": "localhost:7860"}, None),
        ("POST", {"sec_fetch_site": "same-origin"}, None),
        ("POST", {"origin": "http://localhost:7861", "host": "localhost:7860"}, 403),
        ("POST", {"origin": "null", "host": "localhost:7860"}, 403),
        ("POST", {"sec_fetch_site": "same-site"}, 403),
        ("GET", {"sec_fetch_site": "cross-site"}, None),
        ("PUT", {}, 405),
        ("GET", {"cookie": "a" * 20_000}, 431),
    ],
)
def test_a_page_of_another_server_cannot_post(method: str, headers: dict[str, str], status: int | None) -> None:
    assert refusal("/sign-in", method, **headers) == status


def test_a_body_is_taken_whole_and_no_more_than_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "LARGEST_BODY", 4)

    def received(*parts: bytes) -> bytes:
        messages = [{"type": "http.request", "body": part, "more_body": part != parts[-1]} for part in parts]

        async def receive() -> Any:
            return messages.pop(0)

        return asyncio.run(body_of(receive))

    assert received(b"ab", b"cd") == b"abcd"
    with pytest.raises(RefusedError) as refused:
        received(b"ab", b"cde", b"f")
    assert refused.value.status == 413


def test_a_client_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "SEND_SECONDS", 0.01)

    async def send(message: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(patient(send)({"type": "http.response.body"}))
