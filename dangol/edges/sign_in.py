"""Signing in to the page: nobody has to (loopback), by name and password, or by the headers of Databricks Apps."""

import asyncio
import hashlib
import hmac
import math
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Protocol
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from dangol.answers.intents import Language
from dangol.edges.audit import Audit
from dangol.edges.limits import Limiter
from dangol.edges.people import LOCAL, People, Person, normal
from dangol.errors import SetupError
from dangol.settings import Settings, local

SESSIONS_KEPT = 1000
WINDOW_SECONDS = 15 * 60
FAILURES_PER_NAME = 10
FAILURES_PER_ADDRESS = 30
HASHES_AT_ONCE = 2
"""Each takes 64 MB."""

DATABRICKS_APPS = ("DATABRICKS_APP_NAME", "DATABRICKS_APP_PORT", "DATABRICKS_WORKSPACE_ID", "DATABRICKS_CLIENT_ID")
"""Variables that Databricks sets in every app, and nowhere else together."""

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Sign in",
        "name": "Name",
        "password": "Password",
        "send": "Sign in",
        "wrong": "Name or password is wrong.",
        "throttled": "Too many attempts. Try again in {minutes} minutes.",
        "expired": "This form has expired. Try again.",
        "bye": "Sign out",
        "signed_in": "You are signed in as {name}.",
        "back": "Back to the page",
    },
    "ko": {
        "title": "로그인",
        "name": "이름",
        "password": "비밀번호",
        "send": "로그인",
        "wrong": "이름 또는 비밀번호가 맞지 않습니다.",
        "throttled": "시도 횟수가 너무 많습니다. {minutes}분 뒤에 다시 시도해 주세요.",
        "expired": "양식이 만료되었습니다. 다시 시도해 주세요.",
        "bye": "로그아웃",
        "signed_in": "{name}(으)로 로그인했습니다.",
        "back": "페이지로 돌아가기",
    },
}

STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans KR","Malgun Gothic",sans-serif;margin:0;background:#f8fafc;color:#0f172a}
main{max-width:22rem;margin:12vh auto;padding:1.5rem;background:#fff;border:1px solid #cbd5e1;border-radius:12px}
h1{font-size:1.3rem;margin:0 0 1rem}label{display:block;margin:.75rem 0 .25rem}
input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:1px solid #64748b;border-radius:8px}
button{width:100%;margin-top:1.25rem;padding:.65rem;font:inherit;color:#fff;background:#0f766e;border:0;border-radius:8px}
[role=alert]{color:#b91c1c;margin:.5rem 0}
"""


class SignIn(Protocol):
    """How the person of a request is known; None for nobody."""

    def person(self, headers: Headers) -> Person | None: ...


class Nobody:
    """Everyone at this machine may do everything."""

    def person(self, headers: Headers) -> Person | None:
        return LOCAL


class DatabricksHeaders:
    """The e-mail that the proxy of Databricks Apps puts in a header, and the role that the settings give it."""

    def __init__(self, settings: Settings, audit: Audit) -> None:
        self.roles = {email.casefold(): role for email, role in settings.page.roles.items()}
        self.audit = audit
        self.seen: set[str] = set()

    def person(self, headers: Headers) -> Person | None:
        emails = headers.getlist("x-forwarded-email")
        email = emails[0].casefold() if len(emails) == 1 else ""
        if email not in self.roles:
            return None
        if email not in self.seen:
            self.audit.note("sign_in", email, self.roles[email])
            self.seen.add(email)
        return Person(email, self.roles[email])


@dataclass(frozen=True)
class Session:
    name: str
    ends: float


class Passwords:
    """Sessions of people who have signed in with a password. They are kept in memory: a restart ends them."""

    def __init__(
        self, people: People, audit: Audit, *, tls: bool, session_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self.people = people
        self.audit = audit
        self.tls = tls
        self.session_seconds = session_seconds
        self.clock = clock
        self.key = secrets.token_bytes(32)
        self.sessions: OrderedDict[bytes, Session] = OrderedDict()
        self.lock = threading.Lock()
        self.names = Limiter(FAILURES_PER_NAME, WINDOW_SECONDS)
        self.addresses = Limiter(FAILURES_PER_ADDRESS, WINDOW_SECONDS)
        self.hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        prefix = "__Host-" if tls else ""
        self.session_cookie, self.form_cookie = f"{prefix}dangol-session", f"{prefix}dangol-form"

    def person(self, headers: Headers) -> Person | None:
        """Who holds the session of the cookie, with the role of now; None once it is over or the person is removed."""
        session = self.session(self.cookie(headers, self.session_cookie))
        return self.people.find(session.name) if session else None

    def session(self, cookie: str) -> Session | None:
        if not self.is_signed(cookie):
            return None
        with self.lock:
            session = self.sessions.get(digest(cookie))
        return session if session and session.ends > self.clock() else None

    def start(self, name: str) -> str:
        """A new session; returns what its cookie holds."""
        cookie = self.signed(secrets.token_urlsafe(32))
        with self.lock:
            self.sessions[digest(cookie)] = Session(name, self.clock() + self.session_seconds)
            if len(self.sessions) > SESSIONS_KEPT:
                self.sessions.popitem(last=False)
        return cookie

    def end(self, cookie: str) -> None:
        with self.lock:
            self.sessions.pop(digest(cookie), None)

    def cookie(self, headers: Headers, name: str) -> str:
        return cookie_parser(headers.get("cookie", "")).get(name, "")

    def signed(self, value: str) -> str:
        return f"{value}.{self.mac('cookie', value)}"

    def is_signed(self, cookie: str) -> bool:
        value, _, mac = cookie.rpartition(".")
        return hmac.compare_digest(mac.encode(), self.mac("cookie", value).encode())

    def token(self, cookie: str) -> str:
        """What a form must send along: only a page of this server, shown to the holder of the cookie, knows it."""
        return self.mac("form", cookie)

    def is_own_form(self, cookie: str, token: str) -> bool:
        return self.is_signed(cookie) and hmac.compare_digest(token.encode(), self.token(cookie).encode())

    def mac(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def wait(self, name: str, address: str) -> float:
        """0 when one more attempt is let, and then it counts; else the seconds until one is."""
        by_address = self.addresses.take(address)
        by_name = 0.0 if by_address else self.names.take(name)
        return by_address or by_name

    async def attempt(self, name: str, password: str, address: str) -> Person | None:
        """The person when the password is right; only wrong ones count against `wait`. Audited either way."""
        async with self.hashing:
            person = await run_in_threadpool(self.people.check, name, password)
        if person is None:
            known = self.people.find(name)
            self.audit.note(
                "sign_in_refused", known.name if known else "unknown", known.role if known else None, address=address
            )
            return None
        self.names.give_back(name)
        self.addresses.give_back(address)
        self.audit.note("sign_in", person.name, person.role, address=address)
        return person

    def set_cookie(self, response: Response, name: str, value: str, seconds: float) -> None:
        response.set_cookie(
            name, value, max_age=int(seconds), path="/", secure=self.tls, httponly=True, samesite="strict"
        )


def sign_in(settings: Settings, audit: Audit) -> SignIn:
    """The way that page.sign_in names. Raises SetupError when the page would be open to others; SettingsError for the
    people's file."""
    page = settings.page
    if page.sign_in == "databricks":
        missing = [name for name in DATABRICKS_APPS if not os.environ.get(name)]
        if missing:
            raise SetupError(
                f"page.sign_in is databricks, but this is no Databricks App ({', '.join(missing)} not set): anybody "
                "could send its headers; set page.sign_in to people"
            )
        return DatabricksHeaders(settings, audit)
    if not local(page.host) and page.sign_in == "none":
        raise SetupError(
            f"page.host is {page.host!r}, but the page has no sign-in; set page.sign_in to people, or "
            "page.host to 127.0.0.1"
        )
    if not local(page.host) and not page.tls:
        raise SetupError(
            f"page.host is {page.host!r} and page.tls is false, so passwords would be readable on the way; put a proxy "
            "that speaks TLS before the page and set page.tls to true (docs/page.md)"
        )
    if page.sign_in == "none":
        return Nobody()
    people = People(settings.people_file)
    people.read()
    people.nobody  # noqa: B018  made now: the first unknown name must take no longer than any other
    return Passwords(people, audit, tls=page.tls, session_seconds=page.session_hours * 3600)


def add_sign_in(app: FastAPI, passwords: Passwords) -> None:
    """The routes /sign-in and /sign-out."""

    @app.get("/sign-in")
    def form(request: Request) -> Response:
        return sign_in_form(passwords, request, "", 200)

    @app.post("/sign-in")
    async def sent(request: Request) -> Response:
        fields = fields_of(await request.body())
        cookie = passwords.cookie(request.headers, passwords.form_cookie)
        if not passwords.is_own_form(cookie, fields.get("token", "")):
            return sign_in_form(passwords, request, "expired", 403)
        name, address = normal(fields.get("name", ""))[:64], request.client.host if request.client else ""
        wait = passwords.wait(name, address)
        if wait:
            return sign_in_form(passwords, request, "throttled", 429, wait)
        person = await passwords.attempt(name, fields.get("password", ""), address)
        if person is None:
            return sign_in_form(passwords, request, "wrong", 401)
        passwords.end(passwords.cookie(request.headers, passwords.session_cookie))
        response = RedirectResponse(f"/{next_of(request) or ''}", status_code=303)
        response.delete_cookie(passwords.form_cookie, secure=passwords.tls, httponly=True, samesite="strict")
        passwords.set_cookie(
            response, passwords.session_cookie, passwords.start(person.name), passwords.session_seconds
        )
        return response

    @app.get("/sign-out")
    def sign_out_form(request: Request) -> Response:
        return leaving(passwords, request, 200)

    @app.post("/sign-out")
    async def leave(request: Request) -> Response:
        cookie = passwords.cookie(request.headers, passwords.session_cookie)
        if not passwords.is_own_form(cookie, fields_of(await request.body()).get("token", "")):
            return leaving(passwords, request, 403)
        passwords.end(cookie)
        person = request.state.person
        passwords.audit.note("sign_out", person.name, person.role)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(passwords.session_cookie, secure=passwords.tls, httponly=True, samesite="strict")
        return response


def sign_in_form(passwords: Passwords, request: Request, problem: str, status: int, wait: float = 0) -> Response:
    language = language_of(request)
    texts = TEXTS[language]
    cookie = passwords.signed(secrets.token_urlsafe(16))
    told = texts[problem].format(minutes=math.ceil(wait / 60)) if problem else ""
    response = document(
        language,
        texts["title"],
        f'<form method="post" action="/sign-in?next={next_of(request) or ""}">'
        f'<div role="alert">{told}</div><input type="hidden" name="token" value="{passwords.token(cookie)}">'
        f'<label for="name">{texts["name"]}</label>'
        '<input id="name" name="name" autocomplete="username" required maxlength="64" autofocus>'
        f'<label for="password">{texts["password"]}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">'
        f"<button>{texts['send']}</button></form>",
        status,
    )
    passwords.set_cookie(response, passwords.form_cookie, cookie, WINDOW_SECONDS)
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def leaving(passwords: Passwords, request: Request, status: int) -> Response:
    language = language_of(request)
    texts = TEXTS[language]
    token = passwords.token(passwords.cookie(request.headers, passwords.session_cookie))
    name = escape(request.state.person.name)
    return document(
        language,
        texts["bye"],
        f'<p>{texts["signed_in"].format(name=name)}</p><form method="post" action="/sign-out">'
        f'<input type="hidden" name="token" value="{token}"><button>{texts["bye"]}</button></form>'
        f'<p><a href="/{language}">{texts["back"]}</a></p>',
        status,
    )


def document(language: Language, title: str, content: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>dangol · {title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>",
        status_code=status,
    )


def language_of(request: Request) -> Language:
    return next_of(request) or preferred(request.headers.get("accept-language", "ko"))


def next_of(request: Request) -> Language | None:
    """The page one comes from and goes on to: nothing but one of our own."""
    asked = request.query_params.get("next", "")
    return next((language for language in TEXTS if language == asked), None)


def preferred(accepted: str) -> Language:
    """The language that a browser with this Accept-Language is shown first."""
    return "ko" if accepted.lower().startswith("ko") else "en"


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a sent form; those of no form are none."""
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=10).items()}
    except ValueError:
        return {}


def digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
