"""Attacks on the real page over HTTP on loopback: what must not get in, out, or stop it."""

import http.client
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from store_fixture import CustomerStore

from dangol.answers.audiences import Audience
from dangol.edges import doors
from dangol.edges.asking import asker
from dangol.edges.audiences import Audiences
from dangol.edges.audit import Audit
from dangol.edges.people import People, Person
from dangol.edges.sign_in import FAILURES_PER_NAME, sign_in
from dangol.edges.web import listener, server, site
from dangol.settings import Settings, load_settings

pytestmark = pytest.mark.real

PASSWORDS = {
    "vera": ("viewer", "viewing-is-enough"),
    "ana": ("analyst", "analysing-is-work"),
    "ada": ("admin", "administrators-door"),
    "bob": ("admin", "bobs-own-password"),
    "cho": ("analyst", "chatting-all-day"),
    "dan": ("analyst", "download-everything"),
    "eve": ("analyst", "eavesdropping-eve"),
}
SPENT = re.compile(r"(?<![\d.])4,?310(?!\d)")
"""What customer 12347 has spent, and nothing else on the page."""
QUESTION = "고객 12347 등급 알려줘"


@dataclass(frozen=True)
class Site:
    url: str
    port: int
    settings: Settings
    audiences: Audiences

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, **more)

    def send_sign_in(self, client: httpx.Client, name: str, password: str, **changes: str) -> httpx.Response:
        form = client.get("/sign-in").text
        token = re.search(r'name="token" value="([^"]+)"', form)[1]
        return client.post("/sign-in", data={"name": name, "password": password, "token": token} | changes)

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        with self.client() as client:
            assert self.send_sign_in(client, name, PASSWORDS[name][1]).status_code == 303
            yield client

    def audited(self) -> list[dict[str, Any]]:
        log = self.settings.store.home / "logs" / "audit.jsonl"
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()]

    def is_well(self) -> bool:
        return httpx.get(f"{self.url}/healthz", timeout=10).json()["status"] == "ok"

    def raw(self, method: str, path: str, cookie: str = "") -> tuple[int, str]:
        """As typed: no client makes the path harmless first."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.putheader("Cookie", cookie)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
        connection.close()
        return response.status, body


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("attacked")
    store = CustomerStore(home / "store")
    store.append(store.row("12347"), store.row("12348", grade="VIP", grade_rank=3, posterior=[0.0, 0.1, 0.9]))
    settings = load_settings(
        overrides={
            "store.path": store.path,
            "page.sign_in": "people",
            "page.questions_per_minute": 80,
            "clock.now": "2011-12-10T09:00:00",
        }
    )
    people = People(settings.people_file)
    people.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the strength is not what is attacked
    for name, (role, password) in PASSWORDS.items():
        people.add(name, role, password)
    audit = Audit(settings.store.home)
    bound = listener("127.0.0.1", 0)
    asking = asker(settings)
    audiences = Audiences(asking, settings, audit)
    running = server(site(asking, settings, sign_in(settings, audit), audit, audiences))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "HEAD_SECONDS", 1.0)
        patch.setattr(doors, "BODY_SECONDS", 1.0)
        thread.start()
        port = bound.getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", port, settings, audiences)
        running.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="module")
def viewer(page: Site) -> Iterator[httpx.Client]:
    with page.signed_in("vera") as client:
        yield client


@pytest.fixture(scope="module")
def admin(page: Site) -> Iterator[httpx.Client]:
    with page.signed_in("ada") as client:
        yield client


def functions(client: httpx.Client, asked: str = QUESTION) -> list[dict[str, Any]]:
    """Every function of the Korean page, private or not: texts hold what is asked, all else what is shown at first."""
    config = client.get("/ko/config").raise_for_status().json()
    given = {
        component["id"]: asked if component["type"] == "textbox" else component["props"].get("value")
        for component in config["components"]
    }
    return [
        {"fn_index": one["id"], "data": [given[part] for part in one["inputs"]], "event_data": None, "trigger_id": None}
        for one in config["dependencies"]
        if one["backend_fn"]
    ]


def called(client: httpx.Client, call: dict[str, Any], visit: str) -> str:
    """What a function of the Korean page gave back, as the text of its last event."""
    joined = client.post("/ko/gradio_api/queue/join", json=call | {"session_hash": visit})
    joined.raise_for_status()
    with client.stream("GET", f"/ko/gradio_api/queue/data?session_hash={visit}") as events:
        for line in events.iter_lines():
            if '"process_completed"' in line:
                return line
    pytest.fail("the function never ended")


def test_without_sign_in_nothing_is_there_but_the_door(page: Site) -> None:
    with page.client() as nobody:
        assert nobody.get("/ko", headers={"accept": "text/html"}).headers["location"] == "/sign-in?next=ko"
        for path in (
            "/ko/config",
            "/en/gradio_api/info",
            "/export/ada-1",
            "/sign-out",
            "/ko/theme.css",
            "/ko/assets/a.js",
        ):
            assert nobody.get(path).status_code == 401, path
        assert nobody.get("/ko/gradio_api/heartbeat/abc").status_code == 401
        assert set(nobody.get("/healthz").json()) == {"status", "table", "version"}


def test_headers_that_say_who_one_is_are_not_believed_outside_databricks(page: Site, viewer: httpx.Client) -> None:
    forged = {
        "X-Forwarded-Email": "ada",
        "X-Forwarded-User": "ada",
        "X-Forwarded-Preferred-Username": "ada",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    with page.client(headers=forged) as nobody:
        assert nobody.get("/ko/config").status_code == 401
    shown = viewer.get("/ko/", headers=forged).text
    assert '"username":"vera"' in shown
    assert "evil.example" not in shown


def test_another_host_name_is_not_answered(page: Site) -> None:
    with page.client(headers={"Host": "rebound.example"}) as client:
        assert client.get("/sign-in").status_code == 400


def test_a_session_is_new_at_sign_in_and_over_at_sign_out(page: Site) -> None:
    with page.client() as client:
        client.cookies.set("dangol-session", "chosen-by-another.0000")
        page.send_sign_in(client, "ana", PASSWORDS["ana"][1])
        cookie = [one for one in client.cookies.jar if one.name == "dangol-session"][-1]
        assert cookie.value != "chosen-by-another.0000"
        assert "HttpOnly" in cookie._rest
        assert cookie._rest["SameSite"] == "strict"
        kept = {"Cookie": f"dangol-session={cookie.value}"}
        token = re.search(r'name="token" value="([^"]+)"', httpx.get(f"{page.url}/sign-out", headers=kept).text)[1]
        assert httpx.post(f"{page.url}/sign-out", headers=kept, data={"token": token}).status_code == 303
        assert httpx.get(f"{page.url}/ko/config", headers=kept).status_code == 401


def test_a_changed_or_made_up_cookie_is_nobodys(page: Site, admin: httpx.Client) -> None:
    value = admin.cookies["dangol-session"]
    secret, _, mac = value.rpartition(".")
    for forged in (secret, f"{secret}.", f"{secret[:-1]}A.{mac}", f"{secret}.{'0' * 64}", "x.y", "é.é", value + "0"):
        headers = {"Cookie": f"dangol-session={forged}".encode()}
        assert httpx.get(f"{page.url}/ko/config", headers=headers).status_code == 401, forged


def test_guessing_a_password_is_throttled_and_audited(page: Site) -> None:
    with page.client() as client:
        guesses = [page.send_sign_in(client, "bob", f"guess number {number}").status_code for number in range(12)]
        assert guesses == [401] * FAILURES_PER_NAME + [429] * 2
        right = page.send_sign_in(client, "bob", PASSWORDS["bob"][1])
        assert right.status_code == 429
        assert 0 < int(right.headers["retry-after"]) <= 900
        other = page.send_sign_in(client, "ｂｏｂ", PASSWORDS["bob"][1])
        assert other.status_code == 429
    refused = [line for line in page.audited() if line["event"] == "sign_in_refused" and line["name"] == "bob"]
    assert len(refused) == FAILURES_PER_NAME


def test_an_unknown_name_is_refused_in_the_same_words(page: Site) -> None:
    with page.client() as client:
        unknown = page.send_sign_in(client, "nobody-here", "some password or other")
        known = page.send_sign_in(client, "ana", "some password or other")
    assert unknown.status_code == known.status_code == 401
    told = [re.search(r'role="alert">([^<]+)', answer.text)[1] for answer in (unknown, known)]
    assert told[0] == told[1] == "이름 또는 비밀번호가 맞지 않습니다."


@pytest.mark.parametrize("token", ["", "0" * 64, "wrong"])
def test_a_form_without_its_token_is_refused(page: Site, token: str) -> None:
    with page.client() as client:
        assert page.send_sign_in(client, "ana", PASSWORDS["ana"][1], token=token).status_code == 403
        assert "dangol-session" not in client.cookies
    with page.signed_in("ana") as client:
        assert client.post("/sign-out", data={"token": token}).status_code == 403
        assert client.get("/ko/config").status_code == 200


def test_a_form_of_another_browser_is_refused(page: Site) -> None:
    with page.client() as one, page.client() as other:
        token = re.search(r'name="token" value="([^"]+)"', one.get("/sign-in").text)[1]
        other.get("/sign-in")
        answer = other.post("/sign-in", data={"name": "ana", "password": PASSWORDS["ana"][1], "token": token})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_sites_page_cannot_post(page: Site, admin: httpx.Client, headers: dict[str, str]) -> None:
    call = {"fn_index": 0, "data": [], "session_hash": "crosssite"}
    assert admin.post("/ko/gradio_api/queue/join", json=call, headers=headers).status_code == 403
    assert admin.post("/sign-out", data={}, headers=headers).status_code == 403


def test_sign_in_leads_to_no_other_site(page: Site) -> None:
    with page.client() as client:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/sign-in").text)[1]
        fields = {"name": "ana", "password": PASSWORDS["ana"][1], "token": token}
        answer = client.post("/sign-in?next=//evil.example", data=fields)
        assert answer.headers["location"] in ("/ko", "/en", "/")


def test_a_viewer_learns_of_no_customer_from_any_function(viewer: httpx.Client, admin: httpx.Client) -> None:
    calls = functions(viewer) + [call for call in functions(viewer, "12347") if "12347" in call["data"]]
    visits = [f"viewer{number}" for number in range(len(calls))]
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(partial(called, viewer), calls, visits))
    assert [one for one in seen if SPENT.search(one)] == []
    assert any(SPENT.search(called(admin, call, "adaasks")) for call in calls)


def test_no_function_answers_nobody(page: Site, viewer: httpx.Client) -> None:
    with page.client() as nobody:
        for call in functions(viewer):
            for way in ("queue/join", "run/predict"):
                answer = nobody.post(f"/ko/gradio_api/{way}", json=call | {"session_hash": "nobody1"})
                assert answer.status_code == 401


def test_functions_are_not_called_by_name(page: Site, admin: httpx.Client) -> None:
    names = {one["api_name"] for one in admin.get("/ko/config").json()["dependencies"] if one["api_name"]}
    for name in (*names, "ask"):
        for way in ("call", "api", "run", "call/v2"):
            assert admin.post(f"/ko/gradio_api/{way}/{name}", json={"data": [QUESTION]}).status_code == 404


def test_another_persons_visit_is_closed(page: Site, admin: httpx.Client) -> None:
    called(admin, functions(admin)[0], "adasvisit")
    with page.signed_in("eve") as other:
        for path in ("queue/data?session_hash=adasvisit", "heartbeat/adasvisit"):
            with other.stream("GET", f"/ko/gradio_api/{path}") as answer:  # what is let in has no end
                assert answer.status_code == 403
        call = functions(other)[0] | {"session_hash": "adasvisit"}
        for way in ("queue/join", "run/predict", "cancel", "reset"):
            assert other.post(f"/ko/gradio_api/{way}", json=call).status_code == 403, way


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"fn_index": "0"}', b'{"fn_index": true}', b"[" * 100_000, b"\xff"]
)
def test_a_call_that_is_none_is_refused(admin: httpx.Client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    assert admin.post("/ko/gradio_api/queue/join", content=body, headers=headers).status_code == 400


def test_an_export_is_its_owners_alone(page: Site, admin: httpx.Client, viewer: httpx.Client) -> None:
    everyone = Audience(exclude_held_out=False, require_consent=False)
    token = page.audiences.export(everyone, "plain", "csv", Person("ada", "admin"))
    with page.signed_in("eve") as other:
        assert other.get(f"/export/{token}").status_code == 404
        assert other.get(f"/export/{token}").json() == other.get("/export/there-is-none").json()
    assert viewer.get(f"/export/{token}").status_code == 404
    own = admin.get(f"/export/{token}")
    assert own.status_code == 200
    assert b"12347" in own.content
    assert own.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert admin.get(f"/export/{token}").status_code == 404  # it is given once
    events = [(line["event"], line["name"]) for line in page.audited()]
    assert ("download", "ada") in events
    assert events.count(("download_refused", "eve")) == 3
    assert ("download", "eve") not in events
    assert token not in str(page.audited())


def test_exports_are_counted(page: Site) -> None:
    with page.signed_in("dan") as client:
        answers = [client.get(f"/export/guess-{number}") for number in range(21)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600


TRAVERSALS = [
    "/ko/gradio_api/file=/etc/passwd",
    "/ko/gradio_api/file=../../../../etc/passwd",
    "/ko/gradio_api/file/etc/passwd",
    "/ko/gradio_api/proxy=http://127.0.0.1/",
    "/ko/assets/../../../../../../etc/passwd",
    "/ko/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/ko/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/ko/assets/%252e%252e%252fetc%252fpasswd",
    "/ko/static/..%5c..%5cetc%5cpasswd",
    "/ko/static//etc/passwd",
    "/ko/svelte/../../etc/passwd",
    "/ko/gradio_api/custom_component/1/client/component/..%2f..%2fetc%2fpasswd",
    "/ko/gradio_api/stream/a/b/1/..%2fpasswd.ts",
    "/ko/?deep_link=..%2f..%2fetc",
    "/export/..%2fpeople.json",
    "/export/../people.json",
    "/export/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/export//etc/passwd",
    "//evil.example/ko",
    "/en/monitoring",
    "/en/gradio_api/vibe-code",
    "/en/gradio_api/upload",
    "/en/login",
    "/docs",
    "/openapi.json",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_to_a_file(page: Site, admin: httpx.Client, path: str) -> None:
    status, body = page.raw("GET", path, f"dangol-session={admin.cookies['dangol-session']}")
    assert status == (200 if "deep_link" in path else 404)
    assert "root:" not in body
    assert "$argon2id" not in body


def test_the_people_file_is_served_by_nothing(page: Site, admin: httpx.Client) -> None:
    cookie = f"dangol-session={admin.cookies['dangol-session']}"
    for before in ("/ko/gradio_api/file=", "/ko/gradio_api/file", "/ko/assets/", "/ko/static/", "/export/"):
        status, body = page.raw("GET", f"{before}{page.settings.people_file}", cookie)
        assert status == 404
        assert "$argon2id" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_other_methods_are_not_served(page: Site, admin: httpx.Client, method: str) -> None:
    status, _ = page.raw(method, "/ko", f"dangol-session={admin.cookies['dangol-session']}")
    assert status in (400, 405)


def test_a_body_too_large_is_not_taken(page: Site, admin: httpx.Client) -> None:
    call = {"fn_index": 0, "data": ["가" * 100_000], "session_hash": "large"}
    assert admin.post("/ko/gradio_api/queue/join", json=call).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"a" * 16_384

    with page.client() as nobody:
        assert nobody.post("/sign-in", content=chunks()).status_code == 413
        assert nobody.get("/sign-in", headers={"X-Long": "a" * 20_000}).status_code == 431
    assert page.is_well()


def test_a_question_of_any_length_is_answered_in_time(page: Site, admin: httpx.Client) -> None:
    began = time.monotonic()
    for call in functions(admin):
        if QUESTION in call["data"]:
            called(admin, call | {"data": [one and "VIP 고객 " * 10_000 for one in call["data"]]}, "longquestion")
            break
    assert time.monotonic() - began < 10


def test_a_hundred_chats_at_once_are_bounded_and_the_page_stays_up(page: Site) -> None:
    with page.signed_in("cho") as client:
        call = next(one for one in functions(client) if QUESTION in one["data"])
        cookie = {"Cookie": f"dangol-session={client.cookies['dangol-session']}"}

    def chat(number: int) -> int:
        with page.client(headers=cookie) as own:
            try:
                called(own, call, f"chat{number}")
            except httpx.HTTPStatusError as refused:
                return refused.response.status_code
        return 200

    with ThreadPoolExecutor(100) as pool:
        answers = Counter(pool.map(chat, range(100)))
    assert set(answers) <= {200, 429, 503}
    assert answers[429] == 20
    assert answers[200] + answers[503] == 80
    assert answers[200] >= 30
    assert page.is_well()


def closed_after(connection: socket.socket) -> bool:
    """Whether the server ends a connection."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_clients_that_never_finish_their_request_are_let_go(page: Site) -> None:
    with ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection(("127.0.0.1", page.port), 20)) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.sendall(b"GET /ko HTTP/1.1\r\nHost: localhost\r\nX-" if number % 2 else b"")
        assert page.is_well()
        assert all(closed_after(connection) for connection in slow)


def test_a_second_request_that_never_ends_is_let_go_too(page: Site) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as slow:
        slow.sendall(b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in slow.recv(65_536)
        slow.sendall(b"GET /favicon.ico HTTP/1.1\r\nHos")
        began = time.monotonic()
        while not closed_after(slow):
            assert time.monotonic() - began < 4  # before the keep-alive of 5 s, which ends with the first byte


def test_a_body_that_never_ends_is_let_go(page: Site) -> None:
    with socket.create_connection(("127.0.0.1", page.port), 20) as slow:
        slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=")
        assert b" 408 " in slow.recv(4096)


def test_no_secret_is_told_or_logged(page: Site, capfd: pytest.CaptureFixture[str]) -> None:
    secret = PASSWORDS["ana"][1]
    with page.client() as client:
        told = [
            page.send_sign_in(client, secret, "x").text,  # typed into the wrong field
            page.send_sign_in(client, "ana", secret + "?").text,
            page.send_sign_in(client, "ana", secret).text,
        ]
        session = client.cookies["dangol-session"]
        told += [client.get(path).text for path in ("/ko/", "/ko/config", "/sign-out", "/export/none", "/healthz")]
    logs = "".join(path.read_text("utf-8") for path in (page.settings.store.home / "logs").glob("*"))
    printed = "".join(capfd.readouterr())
    for text in (*told, logs, printed):
        assert secret not in text
        assert "$argon2id" not in text
        assert session not in text
        assert str(Path(page.settings.store.path)) not in text


def test_every_answer_carries_the_headers(page: Site, admin: httpx.Client) -> None:
    for answer in (
        admin.get("/ko"),
        admin.get("/ko/none"),
        httpx.get(f"{page.url}/sign-in"),
        httpx.get(f"{page.url}/ko/config"),
    ):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_gradio_shows_no_errors_keeps_no_runs_and_offers_no_tools(admin: httpx.Client) -> None:
    config = admin.get("/ko/config").json()
    assert config["show_error"] is False
    assert config["analytics_enabled"] is False
    assert config.get("mcp_server") in (None, False)
    assert config.get("run_history") in (None, False)
    assert all(one["api_visibility"] == "private" for one in config["dependencies"])
