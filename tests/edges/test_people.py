import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from argon2 import PasswordHasher
from starlette.datastructures import Headers
from typer.testing import CliRunner

from dangol import cli
from dangol.edges.audit import Audit
from dangol.edges.limits import Limiter
from dangol.edges.people import LOCAL, People, Person, person_of
from dangol.edges.sign_in import DATABRICKS_APPS, DatabricksHeaders, Nobody, Passwords, sign_in
from dangol.errors import NoRightsError, SettingsError, SetupError, StoreError
from dangol.settings import Settings, load_settings

PASSWORD = "열두 글자가 넘는 비밀번호"


def cheap(path: Path) -> People:
    people = People(path)
    people.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return people


@pytest.fixture
def people(tmp_path: Path) -> People:
    listed = cheap(tmp_path / "people.json")
    listed.add("kim", "viewer", PASSWORD)
    return listed


def test_the_person_of_a_request_is_who_the_doors_let_in() -> None:
    person = Person("kim", "viewer")
    request = SimpleNamespace(state=SimpleNamespace(person=person))
    assert person_of(request) == person
    assert person_of(gr.Request(request)) == person
    for nobody in (None, SimpleNamespace(state=SimpleNamespace(person=None)), gr.Request(), gr.Request(username="kim")):
        with pytest.raises(NoRightsError, match="nobody is signed in"):
            person_of(nobody)


def test_the_file_holds_an_argon2id_hash_for_its_owners_eyes_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "people.json"
    assert People(path).add("김하나", "analyst", PASSWORD)
    assert path.stat().st_mode & 0o777 == 0o600
    entry = json.loads(path.read_text("utf-8"))["김하나"]
    assert entry["role"] == "analyst"
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", entry["password"])
    assert [one.name for one in path.parent.iterdir()] == ["people.json"]


def test_the_right_password_gives_the_person_and_no_other_does(people: People) -> None:
    assert people.check("kim", PASSWORD) == Person("kim", "viewer")
    assert people.check("kim", PASSWORD + "!") is None
    assert people.check("lee", PASSWORD) is None
    assert people.check("kim", "") is None


def test_a_name_and_a_password_are_the_same_however_a_keyboard_writes_them(people: People) -> None:
    people.add("하나", "admin", PASSWORD)
    decomposed = "\u1112\u1161\u1102\u1161"
    assert people.check(decomposed, PASSWORD) == Person("하나", "admin")


def test_an_unknown_name_is_hashed_too(people: People) -> None:
    hashed, unfit = [], people.nobody
    people.hasher = SimpleNamespace(verify=lambda hash_, password: hashed.append(hash_))  # type: ignore[assignment]
    assert people.check("lee", PASSWORD) is None
    assert hashed == [unfit]


@pytest.mark.parametrize(
    ("name", "role", "password", "told"),
    [
        ("kim", "viewer", "short", "12 to 200"),
        ("kim", "viewer", "a" * 201, "12 to 200"),
        ("kim", "boss", PASSWORD, "'boss' is no role"),
        ("", "viewer", PASSWORD, "is no name"),
        ("a b", "viewer", PASSWORD, "is no name"),
        ("<script>", "viewer", PASSWORD, "is no name"),
    ],
)
def test_what_cannot_be_a_person_is_said(tmp_path: Path, name: str, role: str, password: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        cheap(tmp_path / "people.json").add(name, role, password)


def test_a_file_that_others_can_read_is_not_used(people: People) -> None:
    people.path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        People(people.path).read()


@pytest.mark.parametrize(
    "content", ["", "[]", '{"kim": {}}', '{"kim": {"role": "boss", "password": "x"}}', '{"kim": 1}']
)
def test_a_file_of_something_else_lets_nobody_in(people: People, content: str) -> None:
    people.path.write_text(content)
    with pytest.raises(SettingsError):
        People(people.path).read()


def passwords(people: People, home: Path, now: list[float]) -> Passwords:
    return Passwords(people, Audit(home), tls=True, session_seconds=3600, clock=lambda: now[0])


def holding(cookie: str) -> Headers:
    return Headers({"cookie": f"__Host-dangol-session={cookie}"})


def test_a_session_ends_by_time_by_sign_out_and_with_the_person(people: People, tmp_path: Path) -> None:
    now = [0.0]
    way = passwords(people, tmp_path, now)
    first, second = way.start("kim"), way.start("kim")
    assert first != second
    assert way.person(holding(first)) == Person("kim", "viewer")
    people.add("kim", "admin", PASSWORD)
    assert way.person(holding(first)) == Person("kim", "admin")
    way.end(first)
    assert way.person(holding(first)) is None
    now[0] = 3599.0
    assert way.person(holding(second)) is not None
    now[0] = 3600.0
    assert way.person(holding(second)) is None
    third = way.start("kim")
    people.remove("kim")
    assert way.person(holding(third)) is None


def test_a_session_of_another_server_is_nobodys(people: People, tmp_path: Path) -> None:
    one, other = passwords(people, tmp_path, [0.0]), passwords(people, tmp_path, [0.0])
    other.sessions = one.sessions
    assert other.person(holding(one.start("kim"))) is None


def test_right_passwords_do_not_count_as_guesses(people: People, tmp_path: Path) -> None:
    way = passwords(people, tmp_path, [0.0])

    async def sign_in_often() -> None:
        for _ in range(40):
            assert way.wait("kim", "10.0.0.1") == 0
            assert await way.attempt("kim", PASSWORD, "10.0.0.1")

    asyncio.run(sign_in_often())


def test_an_address_may_guess_so_often_by_whatever_names(people: People, tmp_path: Path) -> None:
    way = passwords(people, tmp_path, [0.0])
    waits = [way.wait(f"name{number}", "10.0.0.1") for number in range(31)]
    assert waits[:30] == [0] * 30
    assert waits[30] > 0
    assert way.wait("kim", "10.0.0.2") == 0


def test_a_limiter_counts_each_key_by_itself_in_a_sliding_window() -> None:
    now = [0.0]
    limiter = Limiter(2, 60, lambda: now[0])
    assert [limiter.take("a"), limiter.take("a"), limiter.take("b")] == [0, 0, 0]
    now[0] = 10
    assert limiter.take("a") == 50
    now[0] = 60
    assert [limiter.take("a"), limiter.take("a")] == [0, 0]
    limiter.give_back("a")
    assert limiter.take("a") == 0
    assert limiter.take("a") == 60


def databricks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    for name in DATABRICKS_APPS:
        monkeypatch.setenv(name, "1")
    roles = {"Kim@Shop.kr": "analyst"}
    return load_settings(
        overrides={
            "store.path": tmp_path / "store",
            "page.sign_in": "databricks",
            "page.roles": roles,
            "page.host": "0.0.0.0",  # noqa: S104
        }
    )


def test_databricks_says_who_it_is_and_the_settings_what_they_may(tmp_path: Path, monkeypatch) -> None:
    settings = databricks(monkeypatch, tmp_path)
    way = sign_in(settings, Audit(tmp_path))
    assert isinstance(way, DatabricksHeaders)
    assert way.person(Headers({"x-forwarded-email": "kim@shop.kr"})) == Person("kim@shop.kr", "analyst")
    assert way.person(Headers({"x-forwarded-email": "lee@shop.kr"})) is None
    assert way.person(Headers({"x-forwarded-user": "kim@shop.kr"})) is None
    assert way.person(Headers({})) is None
    twice = Headers(raw=[(b"x-forwarded-email", b"kim@shop.kr"), (b"x-forwarded-email", b"lee@shop.kr")])
    assert way.person(twice) is None


@pytest.mark.parametrize("missing", DATABRICKS_APPS)
def test_its_headers_are_believed_nowhere_else(tmp_path: Path, monkeypatch, missing: str) -> None:
    settings = databricks(monkeypatch, tmp_path)
    monkeypatch.delenv(missing)
    with pytest.raises(SetupError, match=f"no Databricks App .*{missing}"):
        sign_in(settings, Audit(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.10", "", "shop.example"])  # noqa: S104
def test_others_reach_the_page_by_sign_in_and_tls_alone(tmp_path: Path, host: str) -> None:
    here = {"store.path": tmp_path / "store", "page.host": host}
    with pytest.raises(SetupError, match=re.escape(f"page.host is {host!r}, but the page has no sign-in")):
        sign_in(load_settings(overrides=here), Audit(tmp_path))
    cheap(tmp_path / "people.json").add("kim", "viewer", PASSWORD)
    with pytest.raises(SetupError, match="readable on the way"):
        sign_in(load_settings(overrides=here | {"page.sign_in": "people"}), Audit(tmp_path))
    way = sign_in(load_settings(overrides=here | {"page.sign_in": "people", "page.tls": True}), Audit(tmp_path))
    assert isinstance(way, Passwords)


def test_on_loopback_nobody_has_to_sign_in(tmp_path: Path) -> None:
    way = sign_in(load_settings(overrides={"store.path": tmp_path / "store"}), Audit(tmp_path))
    assert isinstance(way, Nobody)
    assert way.person(Headers({"x-forwarded-email": "kim@shop.kr"})) == LOCAL


def test_sign_in_by_people_needs_some(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="dangol people add NAME"):
        sign_in(load_settings(overrides={"store.path": tmp_path / "store", "page.sign_in": "people"}), Audit(tmp_path))


def test_people_are_added_listed_and_removed_by_command(tmp_path: Path) -> None:
    store = ["--store", str(tmp_path / "store")]
    run = CliRunner().invoke
    added = run(cli.app, ["people", "add", "kim", "--role", "viewer", *store], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert "kim may sign in as viewer" in added.output
    assert PASSWORD not in added.output
    assert People(tmp_path / "people.json").check("kim", PASSWORD) == Person("kim", "viewer")
    assert json.loads(run(cli.app, ["people", "list", "--json", *store]).output) == {"kim": "viewer"}
    run(cli.app, ["people", "remove", "kim", *store])
    assert json.loads((tmp_path / "people.json").read_text()) == {}


def test_the_page_is_not_shared_through_strangers(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["page", "--share", "--store", str(tmp_path / "store")])
    assert result.exit_code == 1
    assert isinstance(result.exception, SetupError)
    assert "docs/page.md" in str(result.exception)


def test_the_audit_log_names_customers_by_pseudonym_for_its_owner_alone(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    audit.note("view", "kim", "admin", customer_ids=["12347"], reason="support")
    path = tmp_path / "logs" / "audit.jsonl"
    line = json.loads(path.read_text("utf-8"))
    assert (line["event"], line["name"], line["role"], line["customers"]) == ("view", "kim", "admin", 1)
    assert line["reason"] == "support"
    assert len(line["pseudonyms"][0]) == 64
    assert "12347" not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_audit_log_makes_room_and_keeps_the_newest(tmp_path: Path) -> None:
    audit = Audit(tmp_path, largest_bytes=1)
    for number in range(7):
        audit.note("export", "kim", "admin", file=f"{number}.csv")
    kept = {path.name: json.loads(path.read_text())["file"] for path in (tmp_path / "logs").iterdir()}
    assert kept == {
        "audit.jsonl": "6.csv",
        "audit.jsonl.1": "5.csv",
        "audit.jsonl.2": "4.csv",
        "audit.jsonl.3": "3.csv",
        "audit.jsonl.4": "2.csv",
    }


def test_what_cannot_be_audited_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    with pytest.raises(StoreError, match="make room"):
        Audit(tmp_path).note("export", "kim", "admin")
