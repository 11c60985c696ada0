"""Who may see what, and how each way of not answering is said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dangol.answers.answering import Answer, Answerer, to_json
from dangol.answers.evidence import Evidence, Source
from dangol.answers.intents import Bounds, Period, Request, Scope
from dangol.answers.policy import Role
from dangol.answers.queries import Query
from dangol.answers.scope import is_fixed
from dangol.answers.summaries import Terms
from dangol.answers.texts import TEMPLATES
from dangol.answers.tools import Tools
from dangol.edges.asking import asker
from dangol.edges.lake import Lake
from dangol.errors import ModelUnavailableError, QueryError
from dangol.settings import load_settings

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TERMS = Terms(NAMES, "GBP", ZoneInfo("Europe/London"))
TODAY = date(2011, 12, 10)
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)
SOURCE = Source("changes", 3, AS_OF)
NOVEMBER = Period(date(2011, 11, 1), date(2011, 11, 30))
SOME_DAYS = Period(date(2011, 11, 3), date(2011, 11, 9))
VIP = Scope(grades=("VIP",))


@dataclass
class Rows:
    """A lake that finds rows by the name of a query; what it was asked."""

    found: Mapping[str, Sequence[Mapping[str, Any]]]
    asked: list[str] = field(default_factory=list)

    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        self.asked.append(query.name)
        return Evidence(query, parameters or {}, tuple(self.found[query.name]), (SOURCE,), AS_OF)

    def has(self, table: str) -> bool:
        return False


class Broken(Rows):
    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        raise QueryError(f"the query {query.name} failed")


def answerer(lake: Any, writer: Any = None) -> Answerer:
    nothing: Any = None
    return Answerer(lake, TERMS, 0.6, lambda: TODAY, Tools(nothing, nothing, nothing, nothing, writer))


def ask(request: Request, role: Role, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Answer:
    return answerer(Rows(found)).answer_request("the question", request, role)


# what viewers may not ask


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    "asked",
    [
        {"intent": "grade_lookup", "scope": Scope(("12347",))},
        {"intent": "customer_summary", "scope": Scope(("12347",))},
        {"intent": "message", "scope": Scope(("12347",))},
        {"intent": "compare", "scope": Scope(("12347", "12348"))},
        {"intent": "count", "scope": Scope(("12347",))},
        {"intent": "top_n"},
        {"intent": "theme", "text": "candles"},
        {"intent": "count", "frequency": Bounds(Decimal(3), None)},
        {"intent": "sum", "monetary": Bounds(None, Decimal(100))},
        {"intent": "strategy", "recency": Bounds(Decimal(90), None)},
        {"intent": "sum", "scope": Scope(period=SOME_DAYS)},
        {"intent": "movement", "scope": Scope(period=SOME_DAYS)},
        {"intent": "compare", "periods": (NOVEMBER, SOME_DAYS)},
    ],
    ids=str,
)
def test_a_viewer_is_refused_without_a_look_at_the_tables(asked: dict[str, Any], language: Any) -> None:
    lake = Rows({})
    answer = answerer(lake).answer_request("the question", Request(language, **asked), "viewer")
    assert (answer.status, answer.text) == ("refused", TEMPLATES["no_rights"][language])
    assert (answer.facts, answer.evidence, lake.asked) == ((), (), [])


@pytest.mark.parametrize("role", ["analyst", "admin"])
def test_others_see_customers(role: Role) -> None:
    row = {
        **dict.fromkeys(("grade_rank", "p_grade", "p_max", "recency_days", "frequency", "monetary", "monetary_gross")),
        **dict.fromkeys(("last_purchase_date", "state", "model_version")),
        "customer_id": "12347",
        "grade": "Gold",
    }
    answer = ask(Request("en", "grade_lookup", Scope(("12347",))), role, {"customer_now": [row]})
    assert answer.status == "answered"
    assert "12347" in answer.text


@pytest.mark.parametrize(
    ("start", "end", "fixed"),
    [
        ("2011-11-01", "2011-11-30", True),
        ("2011-09-01", "2011-11-30", True),
        ("2011-11-28", "2011-12-04", True),
        ("2011-12-01", "2011-12-10", True),
        ("2011-12-05", "2011-12-31", True),
        ("2011-11-02", "2011-11-30", False),
        ("2011-11-01", "2011-11-29", False),
        ("2011-12-10", "2011-12-10", False),
        ("2011-11-28", "2011-12-03", False),
    ],
)
def test_fixed_periods_are_whole_months_or_weeks(start: str, end: str, fixed: bool) -> None:
    assert is_fixed(Period(date.fromisoformat(start), date.fromisoformat(end)), TODAY) is fixed


def test_a_period_with_an_open_end_is_of_ones_own_choice() -> None:
    assert not is_fixed(Period(date(2011, 11, 1), None), TODAY)
    assert is_fixed(Period(), TODAY)


# groups that are too small


def population(customers: int, of: int = 4000) -> dict[str, list[dict[str, Any]]]:
    row = {
        "customers": customers,
        "buyers": customers,
        "all_customers": of,
        "frequency": 7771,
        "recency_days": 7772,
        "monetary": Decimal("777.3000"),
        "monetary_gross": Decimal("777.4000"),
        "all_monetary": Decimal("99999.0000"),
    }
    return {"population": [row]}


def of_days(customers: int, returning: int = 0, of: int = 4000) -> dict[str, list[dict[str, Any]]]:
    row = {
        "customers": customers,
        "returning_customers": returning,
        "all_customers": of,
        "orders": 7771,
        "all_orders": 9999,
        "gross": Decimal("777.3000"),
        "returned": Decimal("77.4000"),
        "net": Decimal("699.9000"),
        "all_net": Decimal("9999.0000"),
        "all_gross": Decimal("9999.0000"),
        "all_returned": Decimal("99.0000"),
    }
    return {"period": [row], "last_day": [{"first_day": date(2010, 12, 1), "last_day": date(2011, 12, 9)}]}


def profile(customers: int) -> dict[str, list[dict[str, Any]]]:
    row = {
        "grade": "VIP",
        "grade_rank": 3,
        "customers": customers,
        "graded_customers": 4000,
        "boundary_customers": 7,
        "recency_median": 7.5,
        "recency_total": 777,
        "frequency_median": 77.5,
        "frequency_total": 7777,
        "graded_monetary": Decimal("9999.0000"),
        "monetary_total": Decimal("777.0000"),
        "monetary_median": Decimal("7.7000"),
    }
    return {"grade_profile": [row]}


IN_NOVEMBER = replace(VIP, period=NOVEMBER)
SMALL = [
    ({"intent": "count", "scope": VIP}, population(9)),
    ({"intent": "sum", "scope": VIP}, population(9)),
    ({"intent": "mean", "scope": VIP}, population(9)),
    ({"intent": "share", "scope": VIP}, population(9)),
    ({"intent": "share", "scope": VIP}, population(3995)),  # what remains of all is small
    ({"intent": "count", "scope": IN_NOVEMBER}, of_days(9)),
    ({"intent": "share", "scope": IN_NOVEMBER}, of_days(3995)),
    ({"intent": "sum", "scope": IN_NOVEMBER, "measure": "returned"}, of_days(500, returning=9)),
    ({"intent": "sum", "scope": IN_NOVEMBER}, of_days(500, returning=9)),
    ({"intent": "compare", "periods": (NOVEMBER, NOVEMBER)}, of_days(9)),
    ({"intent": "compare", "scope": Scope(grades=("VIP", "Gold"))}, profile(9)),
    ({"intent": "segment_profile", "scope": VIP}, profile(9)),
    ({"intent": "strategy", "scope": VIP}, profile(9)),
]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("asked", "found"), SMALL, ids=[f"{number} {asked['intent']}" for number, (asked, _) in enumerate(SMALL)]
)
def test_nothing_is_told_of_fewer_than_ten(asked: dict[str, Any], found: Any, language: Any) -> None:
    request = Request(language, **asked)
    answer = ask(request, "viewer", found)
    assert answer.status == "not_enough_data"
    assert answer.text == TEMPLATES["small_group"][language].format(smallest="10")
    assert (answer.facts, answer.evidence) == ((), ())
    assert "7" not in json.dumps(to_json(answer), ensure_ascii=False)
    assert ask(request, "analyst", found).status == "answered"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"intent": "count", "scope": VIP}, population(10)),
        ({"intent": "share", "scope": VIP}, population(3990)),
        ({"intent": "sum", "scope": IN_NOVEMBER}, of_days(10)),
        ({"intent": "segment_profile", "scope": VIP}, profile(10)),
    ],
    ids=str,
)
def test_ten_are_enough(asked: dict[str, Any], found: Any) -> None:
    assert ask(Request("en", **asked), "viewer", found).status == "answered"


# small cells


def moved(*cells: tuple[str, str, int]) -> dict[str, list[dict[str, Any]]]:
    rows = [{"old_grade": old, "new_grade": new, "customers": customers} for old, new, customers in cells]
    return {
        "movement": [{"customers": sum(row["customers"] for row in rows), "moves": 99}],
        "moves": rows,
        "causes_of_moves": [{"cause": "order", "customers": 30}, {"cause": "ageing", "customers": 25}],
        "moved_customers": [],
        "last_day": [{"first_day": date(2010, 12, 1), "last_day": date(2011, 12, 9)}],
        "recorded_from": [{"recorded_from": datetime(2010, 12, 1, tzinfo=UTC)}],
    }


CELLS = (("Gold", "VIP", 31), ("VIP", "Gold", 15), ("Silver", "VIP", 6), ("Bronze", "VIP", 3))


@pytest.mark.parametrize(("language", "few"), [("ko", "10명 미만"), ("en", "fewer than 10 customers")])
def test_small_cells_are_shown_as_fewer_than_ten_and_are_not_in_the_facts(language: Any, few: str) -> None:
    lake = Rows(moved(*CELLS))
    answer = answerer(lake).answer_request("", Request(language, "movement", Scope(period=NOVEMBER)), "viewer")
    assert answer.status == "answered"
    assert answer.text.count(few) == 2
    told = {fact["subject"]: fact["value"] for fact in to_json(answer)["facts"] if fact["name"] == "customers"}
    assert told == {
        None: 55,
        "Gold VIP": 31,
        "VIP Gold": 15,
        "Silver VIP": None,
        "Bronze VIP": None,
        "order": 30,
        "ageing": 25,
    }
    assert "moved_customers" not in lake.asked


def test_a_single_small_cell_cannot_be_told_from_the_others() -> None:
    """The whole less all others would be it, so another is left out."""
    answer = ask(Request("en", "movement", Scope(period=NOVEMBER)), "viewer", moved(*CELLS[:3]))
    assert "Gold → VIP: 31 customers" in answer.text
    assert "Silver → VIP: fewer than 10 customers" in answer.text
    assert "VIP → Gold" not in answer.text
    assert [fact.value for fact in answer.facts if fact.subject == "VIP Gold"] == []


def test_an_analyst_sees_small_cells() -> None:
    answer = ask(Request("en", "movement", Scope(period=NOVEMBER)), "analyst", moved(*CELLS))
    assert "Bronze → VIP: 3 customers" in answer.text


# how each way of not answering is said

NOT_ANSWERED = [
    "not_found",
    "no_rights",
    "no_data",
    "clarify_anything",
    "failed",
    "unavailable",
    "no_champion",
    "small_group",
]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_reason_has_its_own_sentence(language: Any) -> None:
    assert len({TEMPLATES[part][language] for part in [*NOT_ANSWERED, "error"]}) == len(NOT_ANSWERED) + 1


def test_no_such_customer() -> None:
    answer = ask(Request("en", "grade_lookup", Scope(("1234",))), "admin", {"customer_now": []})
    assert (answer.intent, answer.status) == ("not_found", "not_found")
    assert answer.text.startswith("There is no customer 1234.")
    assert [one.query.name for one in answer.evidence] == ["customer_now"]


def test_a_customer_who_is_there_and_one_who_is_not() -> None:
    row = {
        "customer_id": "1",
        "grade": "Gold",
        "frequency": 7,
        "monetary": Decimal(1),
        "recency_days": 3,
        "model_version": "1",
    }

    class One(Rows):
        def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
            rows = (row,) if (parameters or {})["customer_id"] == "1" else ()
            return Evidence(query, parameters or {}, rows, (SOURCE,), AS_OF)

    answer = answerer(One({})).answer_request("", Request("en", "compare", Scope(("1", "2"))))
    assert answer.status == "answered"
    assert "There is no customer 2, who is left out." in answer.text


def test_what_is_not_understood_is_asked_back() -> None:
    answer = answerer(Rows({})).answer("asdf")
    assert (answer.intent, answer.status) == ("clarify", "clarify")
    assert answer.text.startswith("I did not understand the question.")


def test_a_query_that_fails() -> None:
    answer = answerer(Broken({})).answer_request("", Request("en", "count"))
    assert (answer.status, answer.text) == ("error", TEMPLATES["failed"]["en"])


def test_tables_that_are_not_there_at_all(tmp_path: Path) -> None:
    answer = answerer(Lake(tmp_path)).answer_request("", Request("ko", "count"))
    assert (answer.status, answer.text) == ("unavailable", TEMPLATES["unavailable"]["ko"])


def test_a_table_that_is_not_there_yet_is_named(customer_store) -> None:
    customer_store.append(customer_store.row("1"))
    lake = Lake(customer_store.path)
    answer = answerer(lake).answer_request("", Request("en", "count", Scope(period=NOVEMBER)))
    assert answer.status == "not_enough_data"
    assert answer.text.startswith("A table that the answer needs is not there yet (customer_days).")


@pytest.mark.registry
def test_without_a_champion_nothing_is_said_of_what_if(customer_store) -> None:
    customer_store.append(customer_store.row("1", model_version=None))
    ask_one = asker(load_settings(overrides={"store.path": customer_store.path}))
    request = Request("ko", "what_if", Scope(("1",), ("VIP",)))
    answer = ask_one.answerer.answer_request("", request)
    assert (answer.status, answer.text) == ("not_enough_data", TEMPLATES["no_champion"]["ko"])
    assert answer.facts == ()


def test_a_model_that_does_not_answer_is_said_and_the_answer_stands() -> None:
    class Silent:
        name = "model"

        def write(self, brief: Any) -> Any:
            raise ModelUnavailableError("no route")

    answer = answerer(Rows(population(300)), Silent()).answer_request("", Request("en", "count", VIP))
    assert (answer.status, answer.writer) == ("answered", "template")
    assert "Now: 300 customers graded VIP." in answer.text
    assert TEMPLATES["model_unavailable"]["en"] in answer.text


def test_a_number_without_a_source_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEMPLATES, "count_customers", {"en": "Now: {customers} {such}, 5 more than before.", "ko": ""})
    answer = ask(Request("en", "count", VIP), "admin", population(300))
    assert (answer.status, answer.text, answer.facts) == ("error", TEMPLATES["error"]["en"], ())
