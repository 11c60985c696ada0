"""What every request to the page passes first: who sends it, to where, how much, how often and how fast."""

import asyncio
import json
import math
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import h11
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from dangol.edges.limits import Limiter
from dangol.edges.people import Person
from dangol.edges.sign_in import SignIn

OPEN = frozenset({"/healthz", "/favicon.ico", "/sign-in"})
OWN = re.compile(r"/|/healthz|/favicon\.ico|/page\.js|/sign-in|/sign-out|/export/[\w-]{1,200}")
PAGES = re.compile(
    r"/(?:ko|en)(?:/|/(?:assets|static)(?:/[\w.@+-]+)+|/theme\.css|/config|/manifest\.json"
    r"|/gradio_api/(?:info|app_id|startup-events|heartbeat/\w+|queue/join|queue/data|run/predict|cancel|reset|theme\.css))?"
)
"""What the pages use of Gradio. Its other routes (files, uploads, proxies, logins, monitoring ...) are not there."""

LARGEST_HEAD = 16 * 1024
LARGEST_BODY = 128 * 1024
HEAD_SECONDS = 10.0
BODY_SECONDS = 15.0
SEND_SECONDS = 30.0
CONNECTIONS = 600
REQUESTS_PER_MINUTE = 1200
"""Of one person: an open page asks every other second by itself."""
VISITS_KEPT = 10_000

SENTENCES = {
    401: "Sign in first. / 먼저 로그인해 주세요.",
    403: "You may not do this. / 권한이 없습니다.",
    404: "There is nothing here. / 찾을 수 없습니다.",
    400: "This request cannot be read. / 읽을 수 없는 요청입니다.",
    405: "This method is not served. / 허용되지 않는 방식입니다.",
    408: "This request took too long. / 요청 시간이 초과되었습니다.",
    413: "This request is too large. / 요청이 너무 큽니다.",
    431: "The headers are too large. / 헤더가 너무 큽니다.",
    429: "Too many requests; wait a moment. / 요청이 너무 많습니다. 잠시 뒤 다시 시도해 주세요.",
}


class RefusedError(Exception):
    def __init__(self, status: int, wait: float = 0) -> None:
        super().__init__(SENTENCES[status])
        self.status = status
        self.wait = wait

    @property
    def response(self) -> Response:
        headers = {"Retry-After": str(math.ceil(self.wait))} if self.wait else {}
        if self.status in (408, 413):  # the rest of its body is not waited for
            headers["Connection"] = "close"
        return JSONResponse({"detail": SENTENCES[self.status]}, self.status, headers)


class Doors:
    """Lets a request in when it is for something that is served, by a person, from a page of this server, of a bounded
    size, not too often and not slower than a person's network. `request.state.person` then says whose it is.

    `is_refresh(path, number)` says whether a page asks for a function of Gradio by itself; such a call is no question.
    """

    def __init__(
        self,
        app: ASGIApp,
        sign_in: SignIn,
        *,
        tls: bool,
        questions_per_minute: int,
        is_refresh: Callable[[str, int], bool],
    ) -> None:
        self.app = app
        self.sign_in = sign_in
        self.tls = tls
        self.is_refresh = is_refresh
        self.questions = Limiter(questions_per_minute, 60)
        self.requests = Limiter(REQUESTS_PER_MINUTE, 60)
        self.visits: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self.http(scope, receive, patient(send))

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            check_request(scope, headers)
            person = self.sign_in.person(headers)
            if person is None and scope["path"] not in OPEN:
                raise RefusedError(401)
            if person is not None:
                self.take(self.requests, person)
            if scope["method"] == "POST":
                body = await body_of(receive)
                receive = replayed(body, receive)
            else:
                body = b""
            if person is not None and "/gradio_api/" in scope["path"]:
                self.check_call(scope, body, person)
        except RefusedError as refused:
            response = refused.response
            if refused.status == 401 and "text/html" in headers.get("accept", ""):
                page = scope["path"].strip("/")
                response = RedirectResponse(f"/sign-in?next={page}" if page in ("ko", "en") else "/sign-in", 303)
            await response(scope, receive, send)
            return
        await self.app(self.inner(scope, person), receive, send)

    def inner(self, scope: Scope, person: Person | None) -> Scope:
        """The request without the headers by which a client could say who it is and where it came from."""
        kept = [
            (name, value) for name, value in scope["headers"] if not name.startswith((b"x-forwarded-", b"forwarded"))
        ]
        state = {**scope.get("state", {}), "person": person}
        return {**scope, "headers": kept, "scheme": "https" if self.tls else "http", "state": state}

    def check_call(self, scope: Scope, body: bytes, person: Person) -> None:
        """A call to a function of a page: its visit is that person's, and a question is not one too many."""
        path = scope["path"]
        if scope["method"] == "GET":
            asked = parse_qs(scope["query_string"].decode("latin-1"))
            visits = asked.get("session_hash", []) + [path.rpartition("/")[2]] * ("/heartbeat/" in path)
        else:
            call = read_call(body)
            visits = [call["session_hash"]] if call.get("session_hash") is not None else []
            if path.endswith(("/queue/join", "/run/predict")):
                number = call.get("fn_index")
                if not isinstance(number, int) or isinstance(number, bool):
                    raise RefusedError(400)
                if not self.is_refresh(path, number):
                    self.take(self.questions, person)
        for visit in visits:
            self.check_visit(visit, person)

    def check_visit(self, visit: Any, person: Person) -> None:
        """What a page remembers belongs to whoever opened it, also for another who knows the name of the visit."""
        if not isinstance(visit, str) or not re.fullmatch(r"\w{1,64}", visit):
            raise RefusedError(400)
        if self.visits.setdefault(visit, person.name) != person.name:
            raise RefusedError(403)
        self.visits.move_to_end(visit)
        if len(self.visits) > VISITS_KEPT:
            self.visits.popitem(last=False)

    def take(self, limiter: Limiter, person: Person) -> None:
        wait = limiter.take(person.name)
        if wait:
            raise RefusedError(429, wait)


def check_request(scope: Scope, headers: Headers) -> None:
    """Raises RefusedError for what is not served, or is sent by a page of another server."""
    path, method = scope["path"], scope["method"]
    if ".." in path or not (OWN.fullmatch(path) or PAGES.fullmatch(path)):
        raise RefusedError(404)
    if sum(len(name) + len(value) for name, value in headers.raw) + len(scope["query_string"]) > LARGEST_HEAD:
        raise RefusedError(431)
    if method not in ("GET", "HEAD", "POST"):
        raise RefusedError(405)
    if method != "POST":
        return
    origin = headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if is_foreign or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusedError(403)


async def body_of(receive: Receive) -> bytes:
    """Raises RefusedError for a body that is too large or comes too slowly."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > LARGEST_BODY:
                    raise RefusedError(413)
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise RefusedError(408) from None


def read_call(body: bytes) -> dict[str, Any]:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400) from None
    if not isinstance(call, dict):
        raise RefusedError(400)
    return call


def replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` for an application whose body is read already."""
    is_told = False

    async def again() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def patient(send: Send) -> Send:
    """`send` that gives up on a client that does not take what it asked for."""

    async def sent(message: Message) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await send(message)

    return sent


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection whose request has not begun in time, and any beyond CONNECTIONS."""

    head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
            return
        self.head_timer = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self.stop_timer()
        elif self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop_timer()
        super().connection_lost(exc)

    def stop_timer(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None
