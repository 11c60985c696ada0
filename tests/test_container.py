"""The image and its services, as far as files tell: there is no container engine in the tests."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from dangol import cli
from dangol.settings import load_settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
LINES = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]


def told(instruction: str) -> list[str]:
    return [rest for name, rest in LINES if name == instruction]


def test_what_the_image_is_made_from_is_pinned() -> None:
    assert len(told("FROM")) == 2
    for base in told("FROM"):
        assert re.match(r"python:3\.11\.\d+-slim-bookworm\b", base)
    assert all(re.search(r"==\d", line) for line in told("RUN") if "pip install" in line)
    assert all("--frozen" in line for line in told("RUN") if "uv sync" in line)


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    names = [name for name, _ in LINES]
    assert told("USER") == ["10001:10001"]
    assert set(names[names.index("USER") :]) <= {"USER", "VOLUME", "ENTRYPOINT", "CMD"}
    assert "ADD" not in names
    assert not re.search(r"password|secret|token|connection_string", DOCKERFILE, re.IGNORECASE)
    assert not re.search(r"\bsudo\b|chmod 777|curl|wget", DOCKERFILE)


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in told("COPY"):
        if not line.startswith("--from"):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists()
                assert source in kept


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_nothing_but_its_data_and_can_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["volumes"] == ["data:/data"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108
    assert service["mem_limit"]
    assert not {"privileged", "user", "network_mode", "pid", "devices"} & set(service)
    assert re.fullmatch(r"dangol:\d+\.\d+\.\d+", service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_a_command_with_settings_that_there_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command, *options = SERVICES[name]["command"]
    click = typer.main.get_command(cli.app).commands[command]  # type: ignore[attr-defined]
    click.make_context(command, list(options))
    for variable, value in SERVICES[name].get("environment", {}).items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
    load_settings()


def test_the_page_is_reached_through_a_proxy_on_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [port for service in SERVICES.values() for port in service.get("ports", [])] == ["127.0.0.1:7860:7860"]
    page = SERVICES["page"]["environment"]
    assert (page["DANGOL_PAGE__SIGN_IN"], page["DANGOL_PAGE__TLS"]) == ("people", "true")


@pytest.mark.parametrize(
    ("name", "address"), [("page", "127.0.0.1:7860/healthz"), ("stream", "127.0.0.1:9464/metrics")]
)
def test_a_service_tells_whether_it_is_well(name: str, address: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][:3] == ["CMD", "python", "-c"]
    assert f"http://{address}" in check["test"][3]
    compile(check["test"][3], name, "exec")
