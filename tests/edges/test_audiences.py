"""Audiences on real Delta tables: with whose rights they are seen and taken away, what is kept of them, what goes."""

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from sources_fixture import SourcesStore
from summaries_fixture import SummariesStore

from dangol.answers.audiences import Audience, Diff, Reach, described
from dangol.answers.intents import Bounds
from dangol.answers.todo import KINDS
from dangol.cli import main
from dangol.edges.asking import asker
from dangol.edges.audiences import Audiences
from dangol.edges.exports import EXPIRE_SECONDS, MOST_OPEN, Export, Exports
from dangol.edges.forget import forget, traces
from dangol.edges.people import Person
from dangol.edges.pseudonyms import pseudonym
from dangol.errors import NoRightsError, SettingsError, StoreError
from dangol.settings import load_settings

pytestmark = pytest.mark.real

VIEWER, ANALYST, ADMIN = Person("vi", "viewer"), Person("ana", "analyst"), Person("bo", "admin")
VIP: dict[str, Any] = {"grade": "VIP", "grade_rank": 3, "p_max": 0.9, "p_up": 0.0, "p_down": 0.1}
GOLD = Audience("Gold", ("Gold",))
ANYONE = Audience("Gold", ("Gold",), require_consent=False, exclude_held_out=False)


MOMENTS = count()


def audiences(store: SourcesStore, day: str = "2011-12-10", **overrides: Any) -> Audiences:
    """As on a day; those who agreed are in `consent.txt` beside the store if that is there."""
    consent = store.path.parent / "consent.txt"
    settings = load_settings(
        overrides={
            "store.path": store.path,
            "shop.timezone": "UTC",
            "shop.currency": "KRW",
            "clock.now": f"{day}T09:00:00+00:00",
            "triggers.consent": consent if consent.exists() else None,
            "triggers.holdout_percent": 0,
        }
        | {name.replace("__", "."): value for name, value in overrides.items()}
    )
    at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    return Audiences(asker(settings), settings, clock=lambda: at + timedelta(microseconds=next(MOMENTS)))


@pytest.fixture
def store(sources_store: SourcesStore) -> SourcesStore:
    """Gold: 12347, 1234 and 12345, who agreed but for 1234. VIP: 0 to 11, who all agreed."""
    row = sources_store.row
    sources_store.history(
        1,
        row("12347", monetary=Decimal("4000.0000")),
        row("1234", monetary=Decimal("3000.0000")),
        row("12345", monetary=Decimal("2000.5000"), frequency=3),
        *(row(str(number), **VIP) for number in range(12)),
    )
    agreed = ["12347", "12345", *map(str, range(12))]
    (sources_store.path.parent / "consent.txt").write_text("\n".join(agreed), "utf-8")
    return sources_store


def content(found: Audiences, token: str, person: Person) -> bytes:
    return found.exported(token, person).content


def test_a_size_says_how_many_may_be_written_to(store: SourcesStore) -> None:
    (store.path.parent / "suppressed.txt").write_text("12347\n", "utf-8")

    size = audiences(store).size(GOLD, ADMIN)

    assert (size.customers, size.monetary, size.reach) == (3, Decimal("9000.5000"), Reach(1, 1, 1, 0))
    assert size.consent_known
    assert size.evidence is not None
    assert size.evidence.source.table == "customer_history"


HELD_HALF = Reach(7, 0, 0, 8)
"""By SHA-256 of salt/ID, of the 15 customers."""


def test_who_is_held_out_stays_so_by_the_hash_of_the_id(store: SourcesStore) -> None:
    half = {"triggers__holdout_percent": 50, "triggers__holdout_salt": "salt"}
    everyone = Audience(require_consent=False)

    found = [audiences(store, day, **half) for day in ("2011-12-10", "2011-12-11")]

    first, second = (content(one, one.export(everyone, "plain", "csv", ADMIN), ADMIN) for one in found)
    assert first == second
    assert found[0].size(everyone, ADMIN).reach == HELD_HALF


@pytest.mark.parametrize("n", [9, 10])
def test_viewers_see_no_size_below_ten(sources_store: SourcesStore, n: int) -> None:
    sources_store.history(1, *(sources_store.row(f"1{number}", monetary=Decimal(1)) for number in range(n)))

    size = audiences(sources_store).size(GOLD, VIEWER)

    shown = (10, Decimal(10), Reach(0, 0, 10, 0)) if n == 10 else (None, None, None)
    assert (size.customers, size.monetary, size.reach) == shown
    assert (size.evidence is None) == (n == 9)


def test_viewers_do_not_learn_of_few_by_who_may_be_written_to(store: SourcesStore) -> None:
    vip = Audience(grades=("VIP",))
    (store.path.parent / "suppressed.txt").write_text("3\n", "utf-8")

    found = audiences(store)

    assert found.size(vip, VIEWER).customers == 12
    assert found.size(vip, VIEWER).reach is None
    assert found.size(vip, ANALYST).reach == Reach(11, 1, 0, 0)


def test_viewers_have_no_sizes_by_limits_of_their_own(store: SourcesStore) -> None:
    with pytest.raises(NoRightsError, match="own limits"):
        audiences(store).size(Audience(frequency=Bounds(Decimal(1))), VIEWER)


@pytest.mark.parametrize(
    "act",
    [
        lambda found: found.members(GOLD, VIEWER),
        lambda found: found.save(GOLD, VIEWER),
        lambda found: found.remove("Gold", VIEWER),
        lambda found: found.diff("Gold", VIEWER),
        lambda found: found.export(GOLD, "plain", "csv", VIEWER),
        lambda found: found.export("Gold", "plain", "csv", VIEWER),
        lambda found: found.exported("token", VIEWER),
        lambda found: found.decide("near_next", "approve", VIEWER),
    ],
)
def test_viewers_neither_see_members_nor_keep_anything(store: SourcesStore, act: Callable[[Audiences], Any]) -> None:
    found = audiences(store)
    found.save(GOLD, ADMIN)

    with pytest.raises(NoRightsError):
        act(found)

    assert [one.audience.name for one in found.saved(ADMIN)] == ["Gold"]
    assert not (store.path / "decisions").exists()


def test_admins_see_ids_and_analysts_pseudonyms(store: SourcesStore) -> None:
    found, home = audiences(store), store.path.parent

    assert [row["customer_id"] for row in found.members(GOLD, ADMIN, n=2)] == ["12347", "1234"]
    names = [row["customer_id"] for row in found.members(GOLD, ANALYST)]

    assert names == [pseudonym(home, customer) for customer in ("12347", "1234", "12345")]


def test_admins_take_ids_away(store: SourcesStore) -> None:
    found = audiences(store)

    name, kind, text = found.exported(found.export(GOLD, "plain", "csv", ADMIN), ADMIN)

    assert (name, kind) == ("gold-2011-12-10-plain.csv", "text/csv")
    assert text.decode() == (
        '"customer_id","grade","state","recency_days","frequency","monetary","last_purchase_date"\r\n'
        '"12347","Gold","active","3","7","4000.0000","2011-12-07"\r\n'
        '"12345","Gold","active","3","3","2000.5000","2011-12-07"\r\n'
    )
    assert content(found, found.export(GOLD, "plain", "excel", ADMIN), ADMIN) == b"\xef\xbb\xbf" + text


def test_analysts_take_pseudonyms_away(store: SourcesStore) -> None:
    found, home = audiences(store), store.path.parent

    text = content(found, found.export(GOLD, "kakao", "csv", ANALYST), ANALYST).decode()

    assert text == (
        '"pseudonym","#{등급}","#{구매횟수}","#{구매금액}","#{최근구매일}"\r\n'
        f'"{pseudonym(home, "12347")}","골드","7","4000.0000","2011-12-07"\r\n'
        f'"{pseudonym(home, "12345")}","골드","3","2000.5000","2011-12-07"\r\n'
    )


def test_an_id_cannot_be_a_formula(sources_store: SourcesStore) -> None:
    sources_store.history(1, sources_store.row("=HYPERLINK(1)"))
    found = audiences(sources_store)

    text = content(found, found.export(ANYONE, "email", "csv", ADMIN), ADMIN).decode()

    assert text.splitlines()[1].startswith('"\'=HYPERLINK(1)",')


def test_parquet_comes_with_a_manifest_of_what_it_was_made_of(store: SourcesStore) -> None:
    found = audiences(store)

    name, kind, packed = found.exported(found.export(GOLD, "email", "parquet", ADMIN), ADMIN)

    assert (name, kind) == ("gold-2011-12-10-email.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        parquet, manifest = files.read("members.parquet"), json.loads(files.read("manifest.json"))
    rows = pq.read_table(io.BytesIO(parquet))
    assert rows.column_names == ["customer_id", "GRADE", "ORDERS", "SPENT", "LAST_ORDER"]
    assert rows["customer_id"].to_pylist() == ["12347", "12345"]
    assert rows["SPENT"].to_pylist() == [Decimal("4000.0000"), Decimal("2000.5000")]
    assert manifest["sha256"] == {"members.parquet": hashlib.sha256(parquet).hexdigest()}
    assert (manifest["count"], manifest["left_out"]) == (2, {"suppressed": 0, "no_consent": 1, "held_out": 0})
    assert manifest["as_of"] == "2011-12-10T00:00:00+00:00"
    version = DeltaTable(store.path / "customer_history").version()
    assert [(one["table"], one["version"]) for one in manifest["tables"]] == [("customer_history", version)]
    assert manifest["query"]["name"] == "audience_members"
    assert manifest["parameters"]["grades"] == ["Gold"]
    assert manifest["audience"]["grades"] == ["Gold"]


def test_what_does_not_fit_is_not_exported(store: SourcesStore) -> None:
    found = audiences(store)
    for wrong in (("plain", "xls"), ("sms", "csv")):
        with pytest.raises(SettingsError, match="presets are plain, kakao, email"):
            found.export(GOLD, *wrong, ADMIN)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="no audience of that name"):
        found.export("Gold", "plain", "csv", ADMIN)
    with pytest.raises(SettingsError, match=r"states\.0"):
        found.export(Audience(states=("asleep",)), "plain", "csv", ADMIN)  # type: ignore[arg-type]
    (store.path.parent / "suppressed.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"suppressed\.txt cannot be read"):
        found.export(GOLD, "plain", "csv", ADMIN)


def test_nothing_is_exported_while_consent_is_not_known(sources_store: SourcesStore) -> None:
    sources_store.history(1, sources_store.row("12347"))
    found = audiences(sources_store)

    with pytest.raises(SettingsError, match="not known who agreed"):
        found.export(GOLD, "plain", "csv", ADMIN)
    assert not found.size(GOLD, ADMIN).consent_known
    assert b'"12347"' in content(found, found.export(ANYONE, "plain", "csv", ADMIN), ADMIN)


def test_what_cannot_be_audited_is_not_exported(store: SourcesStore) -> None:
    (store.path.parent / "logs" / "audit.jsonl").mkdir(parents=True)
    found = audiences(store)

    for act in (lambda: found.export(GOLD, "plain", "csv", ADMIN), lambda: found.members(GOLD, ADMIN)):
        with pytest.raises(StoreError, match="audit"):
            act()
    assert list((store.path.parent / "exports").glob("*")) == []


def test_exports_are_audited_without_ids(store: SourcesStore) -> None:
    found = audiences(store)
    content(found, found.export(GOLD, "plain", "csv", ADMIN), ADMIN)

    (line,) = (store.path.parent / "logs" / "audit.jsonl").read_text("utf-8").splitlines()

    told = json.loads(line)
    assert [told[name] for name in ("event", "name", "role", "customers")] == ["export", "bo", "admin", 2]
    assert "12347" not in line


def test_movement_signals_and_words_find_members_together(store: SourcesStore) -> None:
    texts = SummariesStore(store.path)
    texts.write(
        texts.customer("12347", "Gold", "RED MUG", "CANDLE", signals=["big_basket"]),
        texts.customer("1234", "Gold", "RED MUG", signals=["high_returns"]),
        texts.customer("12345", "Gold", "MUGSHOT POSTER", signals=["big_basket"]),
    )
    found = audiences(store)

    def ids(*parts: str) -> list[str]:
        audience = described(parts, found.terms.grade_names)
        return [row["customer_id"] for row in found.members(audience, ADMIN)]

    assert ids("signal=big_basket") == ["12347", "12345"]
    assert ids("signal=big_basket,high_returns") == ["12347", "1234", "12345"]
    assert ids("theme=머그") == ["12347", "1234"]
    assert ids("theme=mugs and candles") == ["12347"]
    assert ids("theme=mug", "signal=high_returns") == ["1234"]
    assert ids("theme=mug", "grade=VIP") == []
    assert ids("frequency=..3") == ["12345"]
    assert ids("monetary=3000..3999.99") == ["1234"]


# tokens ----------------------------------------------------------------------------------------------------------

FILE = Export("a.csv", "text/csv", b"12347")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exports(tmp_path: Path, clock: Clock) -> Exports:
    return Exports(tmp_path, clock)


def files(tmp_path: Path) -> Iterator[Path]:
    return (tmp_path / "exports").glob("*")


def test_a_file_is_its_owners_alone_and_goes_when_it_is_fetched(tmp_path: Path, exports: Exports) -> None:
    token = exports.add(FILE, ADMIN)

    (file,) = files(tmp_path)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert token not in file.name
    assert exports.take(token, ADMIN) == FILE
    assert list(files(tmp_path)) == []
    with pytest.raises(NoRightsError):
        exports.take(token, ADMIN)


@pytest.mark.parametrize("other", [ANALYST, Person("bo", "analyst"), Person("ana", "admin")])
def test_a_token_is_of_no_use_to_others_and_stays_the_persons(exports: Exports, other: Person) -> None:
    token = exports.add(FILE, ADMIN)

    with pytest.raises(NoRightsError) as refused:
        exports.take(token, other)
    with pytest.raises(NoRightsError) as unknown:
        exports.take("no token", other)

    assert str(refused.value) == str(unknown.value)
    assert exports.take(token, ADMIN) == FILE


def test_a_token_expires_and_the_file_with_it(tmp_path: Path, exports: Exports, clock: Clock) -> None:
    token = exports.add(FILE, ADMIN)
    clock.now = EXPIRE_SECONDS - 1
    later = exports.add(FILE, ADMIN)
    clock.now = EXPIRE_SECONDS

    with pytest.raises(NoRightsError):
        exports.take(token, ADMIN)

    assert len(list(files(tmp_path))) == 1
    assert exports.take(later, ADMIN) == FILE


def test_tokens_are_unlike_and_few(tmp_path: Path, exports: Exports) -> None:
    theirs = exports.add(FILE, ANALYST)
    tokens = [exports.add(FILE, ADMIN) for _ in range(MOST_OPEN + 1)]

    assert len(set(tokens)) == MOST_OPEN + 1
    assert all(len(token) == 43 for token in tokens)
    assert len(list(files(tmp_path))) == MOST_OPEN + 1
    with pytest.raises(NoRightsError):
        exports.take(tokens[0], ADMIN)
    assert exports.take(tokens[1], ADMIN) == exports.take(theirs, ANALYST) == FILE


def test_what_an_ended_process_left_goes_with_the_next_start(tmp_path: Path, exports: Exports) -> None:
    exports.add(FILE, ADMIN)
    (old,) = files(tmp_path)
    exports.add(FILE, ADMIN)
    os.utime(old, (0, time.time() - EXPIRE_SECONDS - 1))

    Exports(tmp_path)

    assert len(list(files(tmp_path))) == 1
    assert not old.exists()


# saved audiences -------------------------------------------------------------------------------------------------


def versions(store: SourcesStore, table: str) -> int:
    return DeltaTable(store.path / table).version()


def test_a_saved_audience_tells_who_entered_and_who_left_since_a_day(store: SourcesStore) -> None:
    audiences(store).save(GOLD, ANALYST)
    store.history(2, store.row("123"), store.row("1234", **VIP))
    found = audiences(store, "2011-12-11")

    assert found.diff("Gold", ADMIN) == Diff(found.settings.today.replace(day=10), 3, 3, ("123",), ("1234",))
    home = store.path.parent
    named = found.diff("Gold", ANALYST)
    assert (named.entered, named.left) == ((pseudonym(home, "123"),), (pseudonym(home, "1234"),))
    later = audiences(store, "2011-12-12").diff("Gold", ADMIN)
    assert (later.since.day, later.entered, later.left) == (11, (), ())
    first = audiences(store, "2011-12-12").diff("Gold", ADMIN, found.settings.today.replace(day=1))
    assert (first.since.day, first.entered, first.left) == (10, ("123",), ("1234",))


def test_the_members_of_a_day_are_noted_once_in_one_commit(store: SourcesStore) -> None:
    audiences(store).save(GOLD, ANALYST)
    audiences(store).save(Audience("VIP", ("VIP",)), ANALYST)
    before = versions(store, "audience_members")

    for _ in range(2):
        saved = audiences(store, "2011-12-11").saved(ADMIN)

    assert [(one.audience, one.person, one.size and one.size.customers) for one in saved] == [
        (GOLD, "ana", 3),
        (Audience("VIP", ("VIP",)), "ana", 12),
    ]
    assert versions(store, "audience_members") == before + 1


def test_an_audience_that_is_empty_is_noted_too(store: SourcesStore) -> None:
    audiences(store).save(Audience("Silver", ("Silver",)), ADMIN)
    store.history(2, store.row("123", grade="Silver", grade_rank=1))

    found = audiences(store, "2011-12-11").diff("Silver", ADMIN)

    assert (found.before, found.entered, found.left) == (0, ("123",), ())


def test_another_description_under_a_name_begins_anew(store: SourcesStore) -> None:
    found = audiences(store)
    found.save(GOLD, ANALYST)
    found.save(Audience("Gold", ("VIP",)), ADMIN)

    (saved,) = found.saved(ADMIN)

    assert (saved.audience.grades, saved.person) == (("VIP",), "bo")
    assert found.diff("Gold", ADMIN).left == ()
    found.remove("Gold", ADMIN)
    assert found.saved(ADMIN) == []


def test_notes_older_than_35_days_go(store: SourcesStore) -> None:
    audiences(store, "2011-12-10").save(GOLD, ADMIN)
    for day in ("2012-01-14", "2012-01-15"):
        audiences(store, day).saved(ADMIN)

    noted = pa.table(DeltaTable(store.path / "audience_members").scan(columns=["day"]))

    assert {str(row["day"]) for row in noted.to_pylist()} == {"2012-01-14", "2012-01-15"}


def test_viewers_are_not_told_the_size_of_saved_audiences_by_own_limits(store: SourcesStore) -> None:
    found = audiences(store)
    found.save(Audience("a", frequency=Bounds(Decimal(1))), ADMIN)
    found.save(Audience("b", ("VIP",)), ADMIN)

    assert [one.size and one.size.customers for one in found.saved(VIEWER)] == [None, 12]


def test_an_audience_needs_a_name_to_be_saved(store: SourcesStore) -> None:
    with pytest.raises(SettingsError, match="no name"):
        audiences(store).save(Audience(name="  "), ADMIN)


# tasks and judgements --------------------------------------------------------------------------------------------


@pytest.fixture
def slipping(sources_store: SourcesStore) -> SourcesStore:
    """Ten VIPs about to fall, and one who is not."""
    sources_store.history(1, *(slip(sources_store, number) for number in range(10)), sources_store.row("99", **VIP))
    return sources_store


def slip(store: SourcesStore, number: int) -> Any:
    return store.row(str(number), **VIP | {"p_max": 0.55, "p_down": 0.45})


def todo(store: SourcesStore, day: str = "2011-12-10") -> list[tuple[str, str | None]]:
    """(task, who approved it)"""
    return [(one.id, one.approved and one.approved.person) for one in audiences(store, day).todo("ko", ANALYST)]


def test_a_dismissed_task_stays_away_for_seven_days(slipping: SourcesStore) -> None:
    assert todo(slipping) == [("top_slipping", None)]

    audiences(slipping).decide("top_slipping", "dismiss", ANALYST)

    assert todo(slipping) == []
    assert todo(slipping, "2011-12-16") == []
    assert todo(slipping, "2011-12-18") == [("top_slipping", None)]


def test_a_dismissed_task_comes_back_when_more_than_a_fifth_has_changed(slipping: SourcesStore) -> None:
    audiences(slipping).decide("top_slipping", "dismiss", ANALYST)

    slipping.history(2, slip(slipping, 10), slip(slipping, 11))
    assert todo(slipping) == []
    slipping.history(3, slipping.row("0", **VIP))
    assert todo(slipping) == [("top_slipping", None)]


def test_the_newest_decision_counts_and_an_approval_is_shown(slipping: SourcesStore) -> None:
    audiences(slipping, "2011-12-10").decide("top_slipping", "dismiss", ANALYST)
    audiences(slipping, "2011-12-11").decide("top_slipping", "approve", ADMIN)

    assert todo(slipping, "2011-12-11") == [("top_slipping", "bo")]


def test_of_an_old_decision_the_customers_are_not_kept(slipping: SourcesStore) -> None:
    audiences(slipping, "2011-12-10").decide("top_slipping", "dismiss", ANALYST)
    audiences(slipping, "2011-12-18").decide("near_next", "approve", ADMIN)

    rows = pa.table(DeltaTable(slipping.path / "decisions").scan()).to_pylist()

    assert sorted((row["task_id"], row["customer_id"]) for row in rows) == [("near_next", None), ("top_slipping", None)]


def test_viewers_may_be_told_the_size_of_every_task(slipping: SourcesStore) -> None:
    found = audiences(slipping)

    sizes = {kind.id: found.size(kind.audience(found.terms.grade_names), VIEWER).customers for kind in KINDS[:4]}

    assert sizes == {"top_fallen": 0, "top_slipping": 10, "near_next": 0, "second_purchase": 0}


def test_only_tasks_are_decided_on(slipping: SourcesStore) -> None:
    for wrong in (("no_task", "approve"), ("top_slipping", "postpone")):
        with pytest.raises(SettingsError, match="no such task"):
            audiences(slipping).decide(*wrong, ADMIN)  # type: ignore[arg-type]


def test_a_judgement_is_kept_without_the_question(store: SourcesStore) -> None:
    found = audiences(store)
    found.feedback("고객 12347 등급", "down", "wrong_number", VIEWER)
    found.feedback("고객 12347 등급", "up", None, ANALYST)

    rows = pa.table(DeltaTable(store.path / "feedback").scan()).to_pylist()

    mark = pseudonym(store.path.parent, "고객 12347 등급")
    assert sorted((row["answer"], row["verdict"], row["reason"], row["person"]) for row in rows) == [
        (mark, "down", "wrong_number", "vi"),
        (mark, "up", None, "ana"),
    ]


@pytest.mark.parametrize(("verdict", "reason"), [("sideways", None), ("down", "because of customer 12347")])
def test_a_judgement_has_no_words_of_ones_own(store: SourcesStore, verdict: Any, reason: str | None) -> None:
    with pytest.raises(SettingsError, match="up or down"):
        audiences(store).feedback("a", verdict, reason, ANALYST)


def test_a_forgotten_customer_leaves_audiences_decisions_and_files(slipping: SourcesStore) -> None:
    found, home = audiences(slipping), slipping.path.parent
    slipping.history(2, slip(slipping, 4711), slip(slipping, 47110))
    slipping.events(1, slipping.placed("4711", "o", "2011-12-01", "10.00", ("CANDLE", 1, "10.00")))
    found.save(Audience("VIP", ("VIP",)), ADMIN)
    found.decide("top_slipping", "dismiss", ADMIN)
    found.export(Audience("VIP", ("VIP",), require_consent=False), "plain", "csv", ADMIN)
    (home / "suppressed.txt").write_text("4711\n", "utf-8")

    assert {name: traces(found.settings, "4711")[name] for name in ("audience_members", "decisions")} == {
        "audience_members": 1,
        "decisions": 1,
    }
    receipt = forget(found.settings, "4711")

    assert any("suppressed.txt" in line for line in receipt["remains"])
    for name in ("audience_members", "decisions"):
        left = pa.table(DeltaTable(slipping.path / name).scan(columns=["customer_id"]))["customer_id"].to_pylist()
        assert "4711" not in left
        assert "47110" in left
    assert list(home.glob("exports/*")) == []


# the command -----------------------------------------------------------------------------------------------------


def run(store: SourcesStore, *words: str) -> None:
    consent = store.path.parent / "consent.txt"
    now = "clock.now=2011-12-10T09:00:00+00:00"
    main(["audience", *words, "--store", str(store.path), "--set", now, "--set", f"triggers.consent={consent}"])


def test_the_command_sizes_saves_lists_and_exports(store: SourcesStore, capsys: pytest.CaptureFixture[str]) -> None:
    file = store.path.parent / "gold.csv"

    run(store, "size", "--where", "grade=골드", "--json")
    size = json.loads(capsys.readouterr().out)
    run(store, "save", "gold", "--where", "grade=Gold")
    run(store, "export", "gold", "--to", str(file))
    capsys.readouterr()
    run(store, "list", "--json")

    counts = {"customers": 3, "monetary": "9000.5000", "reachable": 2, "suppressed": 0, "no_consent": 1, "held_out": 0}
    assert size == counts | {"consent_known": True}
    assert json.loads(capsys.readouterr().out) == {"gold": counts | {"entered": 0, "left": 0, "since": "2011-12-10"}}
    assert [line.split(",")[0] for line in file.read_text("utf-8").splitlines()] == [
        '"customer_id"',
        '"12347"',
        '"12345"',
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_command_says_what_to_do_instead(store: SourcesStore, capsys: pytest.CaptureFixture[str]) -> None:
    file = store.path.parent / "gold.csv"
    file.write_text("mine", "utf-8")

    for words in (["--where", "grade=Gold", "--to", str(file)], ["gold", "--where", "grade=Gold", "--to", "x"]):
        with pytest.raises(SystemExit):
            run(store, "export", *words)

    assert file.read_text("utf-8") == "mine"
    told = capsys.readouterr().err
    assert "give the name of a new file" in told
    assert "not both" in told
