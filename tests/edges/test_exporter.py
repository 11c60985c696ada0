import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from dangol.edges import exporter
from dangol.edges.broker import free_port
from dangol.edges.exporter import METRICS, endpoint
from dangol.edges.metrics import NOTHING, counted, write_metrics
from dangol.settings import conf_folder

ROOT = Path(__file__).parents[2]
TOLD = json.loads((ROOT / "tests" / "data" / "progress.json").read_text("utf-8"))
MONITORING = conf_folder() / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
RULES = yaml.safe_load((MONITORING / "prometheus-alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
LABELS = {exported.name: set(exported.labels) | {"instance"} for exported in METRICS}


@pytest.fixture
def document() -> dict[str, Any]:
    document: dict[str, Any] = NOTHING
    for progress in TOLD:
        document = counted(document, progress, ZoneInfo("Europe/London"))
    document["queries"] = {name: {**query, "running": True} for name, query in document["queries"].items()}
    table = {"version": 1, "files": 5, "bytes": 700, "rows": 60}
    return {
        **document,
        "generations": {"ledger": 1},
        "max_orders": 10_000,
        "tables": {"inlet": table, "customers": table},
    }


@pytest.fixture
def served(tmp_path: Path, document: dict[str, Any]) -> Iterator[str]:
    write_metrics(tmp_path, document)
    with endpoint(free_port(), tmp_path) as found:
        assert found["url"]
        yield found["url"]


def values(text: str) -> dict[str, float]:
    """Each sample by name and labels, such as `up{job="a"}`."""
    return {
        f"{sample.name}{{{','.join(f'{key}={value}' for key, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_is_exported_with_its_labels(served: str) -> None:
    text = httpx.get(served).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    labels = {sample.name: set(sample.labels) for sample in samples}
    assert labels == {exported.name: set(exported.labels) for exported in METRICS}


def test_the_numbers_are_those_of_the_document(served: str) -> None:
    found = values(httpx.get(served).text)
    assert found["dangol_messages_total{outcome=rejected}"] == 13
    assert found["dangol_rejections_total{field=message}"] == 7
    assert found["dangol_longest_customer_orders{query=grades}"] == 39
    assert found["dangol_state_rows{query=grades}"] == 60
    assert found["dangol_backlog_versions{query=grades,table=inlet}"] == 1  # version 1 of the table comes next
    assert found["dangol_dropped_by_watermark_total{query=days}"] == 1
    assert found["dangol_watermark_timestamp_seconds{query=days}"] == 1_304_506_800  # 12:00 in London's summer
    assert found["dangol_max_customer_orders{}"] == 10_000


def test_no_customer_is_named(served: str, document: dict[str, Any]) -> None:
    assert document["queries"]["grades"]["longest"]["customer_id"] == "12748"
    assert "12748" not in httpx.get(served).text


def test_nothing_else_is_served(served: str) -> None:
    base = served.removesuffix("/metrics")
    assert [httpx.get(f"{base}{path}").status_code for path in ("/", "/metrics/", "/metrics.json")] == [404] * 3
    assert httpx.post(served).status_code == 501


def test_before_the_first_batch_there_is_an_empty_answer(tmp_path: Path) -> None:
    with endpoint(free_port(), tmp_path) as found:
        assert found["url"]
        assert httpx.get(found["url"]).status_code == 200


def test_a_taken_port_is_told_and_stops_nothing(tmp_path: Path, served: str) -> None:
    port = int(served.removesuffix("/metrics").rpartition(":")[2])
    with endpoint(port, tmp_path) as found:
        assert found["url"] is None
        assert found["problem"] == (
            f"metrics.port = {port} of 127.0.0.1 cannot be had (Address already in use); choose another, or 0 for none"
        )


def test_port_0_is_no_endpoint(tmp_path: Path) -> None:
    with endpoint(0, tmp_path) as found:
        assert found == {"url": None, "problem": None}


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return shown + [rule["expr"] for rule in RULES] + [var["query"]["query"] for var in variables("query")]


def variables(kind: str) -> list[dict[str, Any]]:
    return [variable for variable in DASHBOARD["templating"]["list"] if variable["type"] == kind]


def named(expression: str) -> set[str]:
    return set(re.findall(r"dangol_\w+", expression))


def test_dashboard_and_rules_name_what_is_exported_and_the_dashboard_all_of_it() -> None:
    assert set().union(*map(named, expressions())) == {exported.name for exported in METRICS}


@pytest.mark.parametrize("expression", expressions())
def test_expressions_are_balanced_and_use_labels_that_exist(expression: str) -> None:
    outside_text = re.sub(r'"[^"]*"', '""', expression)
    for opening, closing in ("()", "[]", "{}"):
        assert outside_text.count(opening) == outside_text.count(closing)
    for name, matchers in re.findall(r"(dangol_\w+)\{([^}]*)\}", outside_text):
        assert set(re.findall(r"(\w+)\s*(?:=~|!=|=)", matchers)) <= LABELS[name]
    for grouped in re.findall(r"\b(?:by|on) \(([^)]*)\)", outside_text):
        assert set(re.split(r",\s*", grouped)) <= set().union(*(LABELS[name] for name in named(expression)))


def test_each_panel_has_a_title_a_unit_a_place_and_the_chosen_data_source() -> None:
    for panel in panels():
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    assert [variable["name"] for variable in variables("datasource")] == ["datasource"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_each_rule_says_what_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert set(rule["annotations"]) == {"summary", "description"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_operations_lists_the_metrics() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    told = re.findall(r"^\| `(dangol_\w+)` \| (\w+) \| ([^|]*) \| (.*) \|$", page, re.MULTILINE)
    assert told == [
        (one.name, one.kind, ", ".join(f"`{label}`" for label in one.labels), one.meaning) for one in exporter.METRICS
    ]
