"""Each notebook runs from top to bottom, answers first, and is committed without outputs."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from workbench import open_workbench

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOUR = ROOT / "notebooks" / "00-start-here.ipynb"
OWN_DATA = ROOT / "notebooks" / "09-own-data.ipynb"
SAMPLE = ROOT / "sample_data"
BUILT = ("triage", "knowledge")
"""What a POC builds from its files and what every notebook may share."""
DISPLAY_HELPERS = ("show_", "_repr_")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with triage model and article index, so that each is built once."""
    state = tmp_path_factory.mktemp("built")
    open_workbench(SAMPLE, state=state, records=False).close()
    return state


def copy_built(built: Path, state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    for pattern in BUILT:
        for found in built.glob(pattern):
            copy = shutil.copytree if found.is_dir() else shutil.copyfile
            copy(found, state / found.name)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def run(path: Path, **parameters: Path) -> Any:
    """Execute a notebook where JupyterLab would, with some of its parameters replaced."""
    notebook = read(path)
    replaced = [f"{name} = Path({str(value)!r})" for name, value in parameters.items()]
    place = notebook.cells.index(next(code_cells(notebook))) + 1
    notebook.cells.insert(place, nbformat.v4.new_code_cell("\n".join(replaced)))
    where = {"metadata": {"path": str(path.parent)}}
    return NotebookClient(notebook, timeout=60, resources=where).execute()


def printed(cell: Any) -> str:
    texts = (
        output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.outputs
        if output.get("name") != "stderr"
    )
    return "".join(texts)


def first_output(notebook: Any) -> str:
    return next(text for cell in code_cells(notebook) if (text := printed(cell)))


@every_notebook
def test_a_notebook_runs_and_its_first_output_is_a_figure(
    path: Path, tmp_path: Path, built: Path
) -> None:
    copy_built(built, tmp_path)
    answer = first_output(run(path, STATE=tmp_path))
    assert any(character.isdigit() for character in answer), answer


def test_the_tour_tells_the_number_that_the_front_door_tells(tmp_path: Path, built: Path) -> None:
    copy_built(built, tmp_path / "tour")
    copy_built(built, tmp_path / "door")
    told = first_output(run(TOUR, STATE=tmp_path / "tour"))
    with open_workbench(SAMPLE, state=tmp_path / "door") as workbench:
        kpi = workbench.kpis(phase="pilot").get("resolution_assumed")
    assert f"{kpi.value * 100:.1f} % of {kpi.n:,} contacts" in told
    assert f"95 % sure: {kpi.low * 100:.1f} % to {kpi.high * 100:.1f} %" in told


def test_without_real_data_the_own_data_notebook_runs_on_files_made_from_the_sample(
    tmp_path: Path,
) -> None:
    told = first_output(run(OWN_DATA, STATE=tmp_path, REAL=tmp_path / "nowhere"))
    assert "rejected" in told


@every_notebook
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    cells = list(code_cells(read(path)))
    assert [cell.outputs for cell in cells] == [[]] * len(cells)
    assert {cell.execution_count for cell in cells} == {None}


@every_notebook
def test_the_first_code_cell_holds_the_parameters(path: Path) -> None:
    first, *others = code_cells(read(path))
    assert first.metadata.get("tags") == ["parameters"]
    assert "STATE" in first.source
    assert not any("parameters" in cell.metadata.get("tags", []) for cell in others)


@every_notebook
def test_a_notebook_defines_nothing_but_display_helpers(path: Path) -> None:
    source = "\n".join(cell.source for cell in code_cells(read(path)))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    assert [name for name in names if not name.startswith(DISPLAY_HELPERS)] == []


@every_notebook
def test_a_notebook_goes_in_by_the_front_door(path: Path) -> None:
    source = "\n".join(cell.source for cell in code_cells(read(path)))
    rooms = {
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbench")
    }
    assert "workbench" in rooms
    assert rooms <= {
        "workbench",
        "workbench.errors",
        "workbench.measure.charts",
        "workbench.measure.charts_experiments",
        "workbench.measure.charts_staffing",
        "workbench.scaffold",
    }
