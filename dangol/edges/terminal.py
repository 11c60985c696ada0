"""What people see in a terminal: progress, results, answers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.tree import Tree

from dangol.answers.answering import Answer

if TYPE_CHECKING:
    from dangol.edges.promotion import Churn
    from dangol.grades.gates import Gate

console = Console(highlight=False)
progress_console = Console(stderr=True, highlight=False)


@contextmanager
def counted(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; yields the function that advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress_console) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def step(title: str) -> Iterator[None]:
    """A step that runs, then is done with its time, on stderr."""
    began = perf_counter()
    with progress_console.status(title):
        yield
    say(f"[green]✓[/] {title} [dim]{perf_counter() - began:.1f} s[/]")


def say(text: str) -> None:
    """A line on stderr, in rich's markup."""
    progress_console.print(text, soft_wrap=True)


def print_result(result: dict[str, Any]) -> None:
    """A nested result as a tree."""
    tree = Tree("", hide_root=True)
    grow(tree, result)
    console.print(tree)


def grow(branch: Tree, result: dict[str, Any]) -> None:
    for name, value in result.items():
        if isinstance(value, dict):
            grow(branch.add(f"[bold]{escape(name)}[/]"), value)
        else:
            branch.add(f"{escape(name)}: {escape('-' if value is None else str(value))}")


def print_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """The named columns of rows: few enough for a narrow terminal."""
    table = Table(*columns, box=None, header_style="dim")
    for row in rows:
        table.add_row(*(escape(shown(row[name])) for name in columns))
    console.print(table)
    console.print(f"[dim]{len(rows)} customers[/]")


def shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float | Decimal) else str(value)


def print_gates(gates: "Sequence[Gate]") -> None:
    """What each gate says of a model; those that do not pass with what to do about it."""
    marks = {"passed": "[green]✓[/]", "warned": "[yellow]![/]", "refused": "[red]✗[/]", "not judged": "[dim]-[/]"}
    for gate in gates:
        console.print(f"{marks[gate.outcome]} {escape(gate.sentence)}", soft_wrap=True)


def print_churn(churn: "Churn") -> None:
    """Who would change the grade, by grade now and then."""
    if churn.table is None:
        return
    table = Table("now \\ then", *(str(rank) for rank in churn.table.columns), box=None, header_style="dim")
    for rank, row in churn.table.iterrows():
        table.add_row(str(rank), *(str(count) for count in row))
    console.print(table)
    console.print(escape(churn.gate.sentence), soft_wrap=True)


def print_answer(answer: Answer) -> None:
    """An answer and, below it, the proof of each of its numbers."""
    console.print(escape(answer.text), soft_wrap=True)
    if not answer.facts:
        return
    table = Table("", "fact", "of", "value", "unit", box=None, header_style="dim")
    for fact in answer.facts:
        parts = (fact.name, fact.subject, fact.value, fact.unit)
        table.add_row(fact.id, *(escape("-" if part is None else str(part)) for part in parts))
    console.print(table)
    for name, version, as_of in sorted({(one.source.table, one.source.version, one.as_of) for one in answer.facts}):
        console.print(f"[dim]from {escape(name)} version {version}, as of {as_of.isoformat()}[/]", soft_wrap=True)
