from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

LONG = {"02_understand_the_grades": pytest.mark.soak}
notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@notebooks
def test_notebook_keeps_no_outputs(path: Path) -> None:
    kept = [cell.id for cell in code(read(path)) if cell.outputs or cell.execution_count is not None]

    assert kept == []


@notebooks
def test_notebook_is_valid_and_starts_with_what_it_shows(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)

    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")


@pytest.mark.spark
@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=LONG.get(path.stem, ())) for path in NOTEBOOKS]
)
def test_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")  # this environment's kernel, not one of the user's
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = read(path)

    # a cell that raises ends it with CellExecutionError
    NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()

    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
