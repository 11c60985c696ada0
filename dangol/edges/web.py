"""The server of the page: Korean at /ko, English at /en, behind the doors and the headers that hold it."""

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Any, get_args
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dangol.answers.intents import Language
from dangol.answers.queries import GRADES_NOW
from dangol.edges.asking import Asker, asker
from dangol.edges.audiences import Audiences
from dangol.edges.audit import Audit
from dangol.edges.doors import LARGEST_HEAD, Doors, PatientProtocol, RefusedError
from dangol.edges.limits import Limiter
from dangol.edges.people import person_of
from dangol.edges.sign_in import Passwords, SignIn, add_sign_in, preferred, sign_in
from dangol.errors import NoRightsError, SetupError, StoreError
from dangol.settings import Settings

LANGUAGES = get_args(Language)
LOOPBACK = ("127.0.0.1", "localhost")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Gradio writes style attributes, so styles stay inline; its own inline scripts get a nonce, any other does not run."""

PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/>'
    '<path d="M9 22V15M16 22V11M23 22V7" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>'
)


def serve(settings: Settings, announce: Callable[[str], None] = print) -> None:
    """Serves the page until interrupted; `announce` gets its URL. Port 0 takes a free one.

    Raises SetupError when others could reach it without sign-in, or the port is taken.
    """
    page, audit = settings.page, Audit(settings.store.home)
    way = sign_in(settings, audit)
    port = int(os.environ["DATABRICKS_APP_PORT"]) if page.sign_in == "databricks" else page.port
    bound = listener(page.host, port, is_open=True)
    asking = asker(settings)
    app = site(asking, settings, way, audit, Audiences(asking, settings, audit))
    announce(f"http://{page.host}:{bound.getsockname()[1]}/")
    server(app, page.proxies).run(sockets=[bound])


def server(app: ASGIApp, proxies: Sequence[str] = ()) -> uvicorn.Server:
    """Open pages hold a connection: one second is what they get when the server stops."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            log_level="warning",
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
    )


def listener(host: str, port: int, setting: str = "page.port", *, is_open: bool = False) -> socket.socket:
    """A socket on loopback; anywhere where the caller has made sure that people sign in (`is_open`)."""
    if host not in LOOPBACK and not is_open:
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


def site(asker: Asker, settings: Settings, way: SignIn, audit: Audit, audiences: Audiences) -> ASGIApp:
    """The application: both pages, sign-in, exports, /healthz, and the doors before them."""
    from dangol.edges.page import mount_pages  # imports Gradio, which takes seconds

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(app, asker)
    add_exports(app, audiences, audit, settings.page.exports_per_hour)
    if isinstance(way, Passwords):
        add_sign_in(app, way)
    mount_pages(app, asker, audiences)
    is_databricks = settings.page.sign_in == "databricks"
    tls = settings.page.tls or is_databricks
    doors = Doors(
        app,
        way,
        tls=tls,
        questions_per_minute=settings.page.questions_per_minute,
        is_refresh=refreshes(app),
    )
    hosts = [*LOOPBACK, *settings.page.allowed_hosts]
    inner: ASGIApp = TrustedHostMiddleware(doors, allowed_hosts=hosts, www_redirect=False)
    return SecurityHeaders(ForwardedHost(inner) if is_databricks else inner, tls=tls)


def add_routes(app: FastAPI, asker: Asker) -> None:
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


def add_exports(app: FastAPI, audiences: Audiences, audit: Audit, exports_per_hour: int) -> None:
    limiter = Limiter(exports_per_hour, 3600)

    @app.get("/export/{token}")
    def export(token: str, request: Request) -> Response:
        person = person_of(request)
        wait = limiter.take(person.name)
        if wait:
            return RefusedError(429, wait).response
        try:
            name, media_type, content = audiences.exported(token, person)
        except NoRightsError:
            audit.note("download_refused", person.name, person.role)
            return RefusedError(404).response  # nor is it told whether there is such an export
        audit.note("download", person.name, person.role, file=name, bytes=len(content))
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def refreshes(app: FastAPI) -> Callable[[str, int], bool]:
    """Whether a page calls its function of a number by itself, on loading or by its clock.

    Also tells Gradio who is signed in: its pages and functions then refuse everybody else.
    """
    pages = {}
    for route in app.routes:
        if isinstance(route, Mount):
            gradio_app: Any = route.app
            gradio_app.auth_dependency = lambda request: person_of(request).name
            pages[route.path] = gradio_app.get_blocks()

    def is_refresh(path: str, number: int) -> bool:
        function = pages["/" + path.split("/")[1]].fns.get(number)
        return function is not None and all(event in ("load", "tick") for _, event in function.targets)

    return is_refresh


class ForwardedHost:
    """Takes the name that a browser called for the host, where a trusted proxy passes it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = [value for name, value in scope.get("headers", []) if name == b"x-forwarded-host"]
        if names:
            others = [header for header in scope["headers"] if header[0] != b"host"]
            scope = {**scope, "headers": [(b"host", names[-1]), *others]}
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Adds the headers to every response, and to a page's own inline scripts the nonce that lets them run."""

    def __init__(self, app: ASGIApp, *, tls: bool = False) -> None:
        self.app = app
        self.tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        is_page = scope["path"].strip("/") in LANGUAGES
        if is_page:  # it is rewritten below, so it must not arrive compressed
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"accept-encoding"]}
        held: list[Message] = []

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "same-origin"  # with no-referrer, browsers send forms from nowhere
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = PERMISSIONS_POLICY
                if not any(part in scope["path"] for part in ("/assets/", "/static/")):
                    headers["Cache-Control"] = "no-store"
                if self.tls:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
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
