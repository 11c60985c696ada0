"""The server of the page: Korean at /ko, English at /en, on loopback, with the headers that hold it."""

import secrets
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dangol.answers.intents import Language
from dangol.answers.queries import GRADES_NOW
from dangol.edges.asking import Asker
from dangol.edges.panels import TEXTS
from dangol.errors import SetupError, StoreError

LOOPBACK = ("127.0.0.1", "localhost")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Gradio writes style attributes, so styles stay inline; its own inline scripts get a nonce, any other does not run."""

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/>'
    '<path d="M9 22V15M16 22V11M23 22V7" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>'
)


def serve(asker: Asker, *, host: str, port: int, announce: Callable[[str], None] = print) -> None:
    """Serves the page until interrupted; `announce` gets its URL. Port 0 takes a free one.

    Raises SetupError when the address is not loopback, or the port is taken.
    """
    bound = listener(host, port)
    app = site(asker)
    announce(f"http://{host}:{bound.getsockname()[1]}/")
    server(app).run(sockets=[bound])


def server(app: ASGIApp) -> uvicorn.Server:
    """Open pages hold a connection: one second is what they get when the server stops."""
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=1))


def listener(host: str, port: int, setting: str = "page.port") -> socket.socket:
    if host not in LOOPBACK:
        raise SetupError(f"page.host is {host!r}, but the page has no sign-in; set it to 127.0.0.1")
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise SetupError(
            f"port {port} of {host} cannot be used ({error.strerror}); choose another with --set {setting}=..."
        ) from error
    return bound


def site(asker: Asker) -> ASGIApp:
    """The application: both pages, /healthz, and the headers that hold them."""
    from dangol.edges.page import mount_pages  # takes seconds

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> Response:
        try:
            evidence = asker.answerer.lake.run(GRADES_NOW)
        except StoreError:
            return JSONResponse({"status": "waiting for tables"}, status_code=503)
        return JSONResponse({"status": "ok", "table": evidence.source.table, "version": evidence.source.version})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    @app.get("/")
    def start(request: Request) -> Response:
        return RedirectResponse(f"/{preferred(request.headers.get('accept-language', 'ko'))}", status_code=303)

    mount_pages(app, asker)
    return TrustedHostMiddleware(SecurityHeaders(app), allowed_hosts=list(LOOPBACK))


def preferred(accepted: str) -> Language:
    """The language that a browser with this Accept-Language is shown first."""
    return "ko" if accepted.lower().startswith("ko") else "en"


class SecurityHeaders:
    """Adds the headers to every response, and to a page's own inline scripts the nonce that lets them run."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        is_page = scope["path"].strip("/") in TEXTS
        if is_page:  # it is rewritten below, so it must not arrive compressed
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"accept-encoding"]}
        held: list[Message] = []

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
            if not is_page:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                body = b"".join(part.get("body", b"") for part in held)
                body = body.replace(b"<script", f'<script nonce="{nonce}"'.encode())
                MutableHeaders(scope=held[0])["Content-Length"] = str(len(body))
                await send(held[0])
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, secured)
