"""The assistant answers on real invoices, and every figure is right to the penny."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from example_pocs import ROOT, Importing
from raw_figures import chinook_totals, retail_rows, retail_totals

from workbench.bootstrap import open_workbench
from workbench.front import Workbench
from workbench.poc import DEFAULTS
from workbench.triage.model import TriageModel, triage_model


@pytest.fixture(scope="module")
def triage(tmp_path_factory: pytest.TempPathFactory, imported: Importing) -> TriageModel:
    """The examples bring no messages of their own, so they share the model of the defaults."""
    target, _ = imported("chinook")
    return triage_model(
        DEFAULTS / "intents",
        DEFAULTS / "sentiment.csv",
        tmp_path_factory.mktemp("triage"),
        target.poc.intent_rows(),
    )


@pytest.fixture(scope="module")
def opened(imported: Importing, triage: TriageModel) -> Iterator[dict[str, Workbench]]:
    with ExitStack() as stack:
        found: dict[str, Workbench] = {}
        for name in ("online_retail", "chinook"):
            target, _ = imported(name)
            folder, state = ROOT / "examples" / name, target.poc.state
            workbench = open_workbench(folder, state=state, triage=triage, records=False)
            found[name] = stack.enter_context(workbench)
        yield found


def spoken(text: str) -> set[Decimal]:
    """Every figure of a reply, signs included."""
    plain = text.replace("\u2212", "-")
    return {
        Decimal(sign + figure.replace(",", ""))
        for sign, figure in re.findall(r"(-?)(?:£|USD )(\d[\d,]*\.\d\d)", plain)
    }


def test_the_total_of_a_real_retail_invoice_is_told_to_the_penny(
    real_data: Path, opened: dict[str, Workbench]
) -> None:
    totals = retail_totals(real_data)
    owner = {row["InvoiceNo"]: row["CustomerID"][:-2] for row in retail_rows(real_data)}
    asked = [number for number in sorted(totals) if number.isdigit()][::40]
    for number in asked:
        answer = opened["online_retail"].converse(owner[number], f"How much is invoice {number}?")
        assert answer.reply is not None
        assert totals[number] in spoken(answer.reply.text), (number, answer.reply.text)
    print(f"online_retail: {len(asked)} questions, 0 wrong totals")


def test_the_total_of_a_real_chinook_invoice_is_told_to_the_penny(
    real_data: Path, opened: dict[str, Workbench]
) -> None:
    workbench, totals = opened["chinook"], chinook_totals(real_data)
    asked = list(totals)[::40]
    for number in asked:
        account = workbench.store.account(workbench.service, number)
        customer = account.invoice.customer_id
        answer = workbench.converse(customer, f"How much is invoice {number}?")
        assert answer.reply is not None
        assert totals[number][0] in spoken(answer.reply.text), (number, answer.reply.text)
    print(f"chinook: {len(asked)} questions, 0 wrong totals")


def test_every_line_of_a_real_invoice_is_explained_to_the_penny(
    real_data: Path, opened: dict[str, Workbench]
) -> None:
    rows = [row for row in retail_rows(real_data) if row["InvoiceNo"] == "536365"]
    nets = [Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows]
    question = "Please explain every line of invoice 536365"
    answer = opened["online_retail"].converse("17850", question)
    assert answer.reply is not None
    assert {*nets, sum(nets)} <= spoken(answer.reply.text)


def test_a_real_cancellation_is_told_as_a_credit(
    real_data: Path, opened: dict[str, Workbench]
) -> None:
    answer = opened["online_retail"].converse(
        "14527", "Did you credit what I sent back? My invoice is 539002."
    )
    assert answer.reply is not None
    wanted = {-retail_totals(real_data)[number] for number in ("C536379", "C539003")}
    assert wanted <= spoken(answer.reply.text), answer.reply.text


def test_somebody_elses_real_invoice_is_not_there(opened: dict[str, Workbench]) -> None:
    answer = opened["online_retail"].converse("13047", "How much is invoice 536365?")
    assert answer.reply is not None
    assert "139.12" not in answer.reply.text
