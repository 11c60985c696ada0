import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from dangol.cli import app
from dangol.tables import SEED, TABLES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SUBMITTED = re.compile(r"(?:spark-submit|python3?)\s+(?:\S*/)?((?:jobs|ml|rag)/\w+\.py)(.*)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code(text: str) -> Iterator[str]:
    """Each line of each block of shell, continued lines joined, and each `inline` piece of the prose."""
    for language, block in FENCE.findall(text):
        if language in ("sh", "bash", "shell", "console"):
            yield from block.replace("\\\n", " ").splitlines()
    yield from (re.sub(r"\s+", " ", piece) for piece in re.findall(r"`([^`]+)`", FENCE.sub("", text)))


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """(command, words after it) of every `dangol COMMAND ...` and of every door started by its file."""
    for piece in code(text):
        if found := re.search(r"(?:^|run\.sh |[$;&|] )dangol ([a-z][\w-]*)(.*)", piece):
            yield found[1], words(found[2])
        if found := SUBMITTED.search(piece):
            door = re.search(r'main\(\["([\w-]+)"', (ROOT / found[1]).read_text("utf-8"))
            assert door, f"{found[1]} starts no command"
            yield door[1], words(found[2])


def words(text: str) -> list[str]:
    return shlex.split(text.partition(" | ")[0], comments=True)


def wrong(name: str, arguments: list[str]) -> list[str]:
    """What a command line names that the CLI does not have."""
    known = all_commands()
    if name not in known:
        return [f"dangol {name}"]
    command = known[name]
    if arguments and (grouped := getattr(command, "commands", None)):
        if arguments[0] not in grouped:
            return [f"dangol {name} {arguments[0]}"]
        command = grouped[arguments[0]]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return [
        f"dangol {name} {word}" for word in arguments if word.startswith("--") and word.split("=")[0] not in options
    ]


def all_commands() -> dict[str, Any]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def setting_names() -> set[str]:
    sections = yaml.safe_load((ROOT / "conf" / "base.yml").read_text("utf-8"))
    return {f"{section}.{key}" for section, settings in sections.items() for key in settings}


def settings_in(text: str) -> set[str]:
    """The settings that are set in a command line, or named in the prose by a section that conf/base.yml has."""
    sections = {name.partition(".")[0] for name in setting_names()}
    named = re.findall(r"`([a-z_]+\.[a-z_]+)(?: ?=[^`]*)?`", text)
    files = (".yml", ".py", ".md", ".log", ".json")
    mentioned = {name for name in named if name.partition(".")[0] in sections and not name.endswith(files)}
    return mentioned | set(re.findall(r"--set[ =]([a-z_]+\.[a-z_]+)=", text)) - {"section.name"}


@pages
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text("utf-8")))
    files = {target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)}

    assert [file for file in sorted(files) if not (page.parent / file).exists()] == []


@pages
def test_commands_and_options_exist(page: Path) -> None:
    problems = [problem for name, arguments in commands(page.read_text("utf-8")) for problem in wrong(name, arguments)]

    assert problems == []


@pages
def test_settings_exist(page: Path) -> None:
    assert settings_in(page.read_text("utf-8")) - setting_names() == set()


def test_what_does_not_exist_would_be_found() -> None:
    text = "`dangol strem --store DIR` and\n```sh\nspark-submit jobs/stream.py --availble-now --store x\n"
    text += "dangol audience sze\ndangol audience size --were a\n```\n"

    found = [problem for name, arguments in commands(text) for problem in wrong(name, arguments)]

    assert sorted(found) == [
        "dangol audience --were",
        "dangol audience sze",
        "dangol stream --availble-now",
        "dangol strem",
    ]
    assert settings_in("`shop.zone`, `shop.zone = UTC`, `--set sop.zone=UTC`, `tick.py`") == {"shop.zone", "sop.zone"}


def test_every_command_is_told_in_operations() -> None:
    told = {name for name, _ in commands((ROOT / "docs" / "operations.md").read_text("utf-8"))}

    assert all_commands().keys() - told == set()


def test_tables_page_is_up_to_date() -> None:
    generator = runpy.run_path(str(ROOT / "docs" / "generate.py"))

    assert generator["PAGE"] == ROOT / "docs" / "tables.md"
    assert generator["PAGE"].read_text("utf-8") == generator["tables_page"](), "run python docs/generate.py"


def test_tables_page_names_every_table_and_column() -> None:
    page = (ROOT / "docs" / "tables.md").read_text("utf-8")
    told = {
        section.partition("\n")[0]: re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE)
        for section in page.split("\n## ")[1:]
    }

    assert told == {table.name: [(column.name, column.type) for column in table.columns] for table in (*TABLES, SEED)}
