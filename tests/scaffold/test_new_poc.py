"""A new POC folder is complete, runs at once, and never overwrites anything."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.bootstrap import open_workbench
from workbench.config import load_settings
from workbench.decide.policy import load_policy
from workbench.errors import InputError
from workbench.intake import ImportTarget, import_file, load_mapping
from workbench.scaffold import new_poc
from workbench.scenarios.play import run_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_poc("spring-trial", tmp_path_factory.mktemp("parent"))


def test_it_has_every_part_that_a_team_owns(made: Path) -> None:
    parts = "poc.toml README.md intents.toml sentiment.csv policies intents knowledge mappings "
    parts += "scenarios records notebooks .gitignore"
    assert {path.name for path in made.iterdir()} == set(parts.split())
    assert load_settings(made, {}).name == "spring-trial"
    assert load_policy(made / "policies/policy.toml").version.startswith("spring-trial-")
    assert "POC_NAME" not in "".join(path.read_text() for path in made.rglob("*") if path.is_file())


def test_its_scenario_passes_in_every_wording(made: Path) -> None:
    report = run_folder(made, open_workbench)
    assert all(result.passed for result in report.results)
    assert sum(len(result.runs) for result in report.results) == 3


def test_it_answers_a_question_on_its_own_record(made: Path, tmp_path: Path) -> None:
    with open_workbench(made, state=tmp_path) as workbench:
        answer = workbench.converse("C-1", "How much is open on invoice INV-1001?")
    assert answer.reply is not None
    assert "130.90" in answer.reply.text


def test_its_notebook_has_no_outputs_and_runs(made: Path) -> None:
    path = made / "notebooks" / "start.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    printed = json.dumps([cell.get("outputs", []) for cell in notebook.cells])
    assert "130.90" in printed


OWN_FILES = {
    "customers": "Customer number,Name,Company,E-mail,Phone,Postcode,Country,Language\n"
    "00123,Ann,,ann@a.example,+49 30 1,10115,DE,de\n",
    "invoices": "Invoice number,Customer number,Invoice date,Due date,Total,Article,Description,"
    "Quantity,Unit price,VAT %\n"
    "R-1,00123,2026-05-04,,23.80,A,a,1,10,19\nR-1,00123,2026-05-04,,23.80,B,b,2,5,19\n",
    "credit_notes": "Credit note,Customer number,Invoice number,Date,Amount,Reason\n"
    "G-1,00123,R-1,2026-05-05,5.00,broken\n",
    "payments": "Payment number,Customer number,Invoice number,Booking date,Amount,Status,Method,"
    "Purpose\nP-1,00123,R-1,2026-05-06,18.80,booked,wire,R-1\n",
    "orders": "Order number,Customer number,Order date,Status,Delivery date,Article,Description,"
    "Ordered,Delivered,Unit price\nO-1,00123,2026-05-01,delivered,2026-05-03,A,a,1,1,10\n",
    "cases": "Case,Customer number,Subject,Category,Status,Time,Who,Note,Visible,Event\n"
    "7,00123,Late,invoice,open,2026-05-04 10:00:00,ana,Opened,public,opened\n"
    "7,00123,Late,invoice,solved,2026-05-04 11:00:00,ana,Done,internal,solved\n",
    "contacts": "Contact,Customer number,Start,End,Channel,Reason,Language,Talk minutes,"
    "Wrap-up minutes,Rating,Solved,Reopened,Subject\n"
    "1,00123,2026-05-04 10:00:00,,telephone,invoice,de,2.5,1,5,yes,no,my bill\n",
    "labels": "Message,Intent,Language\nwhat do I owe,invoice_amount,en\n",
}


def test_every_mapping_takes_a_file_with_the_columns_that_it_names(tmp_path: Path) -> None:
    folder = new_poc("mapped", tmp_path)
    assert {path.stem for path in (folder / "mappings").glob("*.toml")} == set(OWN_FILES)
    with open_workbench(folder) as workbench:
        target = ImportTarget(workbench.folder, workbench.store, workbench.service)
        for kind, text in OWN_FILES.items():
            (tmp_path / f"{kind}.csv").write_text(text)
            mapping = load_mapping(folder / "mappings" / f"{kind}.toml")
            report = import_file(kind, tmp_path / f"{kind}.csv", target, mapping)
            assert report.rows_rejected == 0, report
        account = workbench.store.account(workbench.service, "R-1")
    assert account.invoice.adds_up
    assert str(account.balance) == "0.00 EUR"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "../up",
        "Spring",
        "1st",
        "a b",
        "-x",
        "x-",
        "x--y",
        "é",
        "a" * 41,
        "a\n",
    ],
)
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be the name of a POC"):
        new_poc(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "poc.toml").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("mine", "link"):
        with pytest.raises(InputError, match="exists already"):
            new_poc(name, tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        new_poc("mine", tmp_path / "nowhere")
    assert (tmp_path / "mine" / "poc.toml").read_text() == "mine"
