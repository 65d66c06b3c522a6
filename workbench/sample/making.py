"""A whole POC data set: books, history and transcripts that tell one story."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workbench.errors import InputError
from workbench.files import replacing
from workbench.sample.billing import bill_everybody
from workbench.sample.books import Books
from workbench.sample.cast import cast
from workbench.sample.contacts import draw_contacts
from workbench.sample.desk_uses import write_desk_uses
from workbench.sample.experiment import write_experiment
from workbench.sample.history import BLOCK, FILE, Generated, contact_table, write_contacts
from workbench.sample.planted import truths_page
from workbench.sample.population import Population, draw_population
from workbench.sample.rates import exchange_rates
from workbench.sample.transcripts import write_transcripts


def make_sample(
    folder: Path, *, customers: int = 120, contacts: int = 6000, seed: int = 3
) -> Generated:
    """Write a POC's records, history, experiment, transcripts, desk uses and planted truths.

    The demo customers come on top of `customers` and do not appear in the history. The same
    arguments give the same bytes. Raises `InputError` for numbers out of range.
    """
    if customers < 1 or not 0 < contacts <= BLOCK:
        raise InputError(
            f"{customers} customers and {contacts} contacts",
            expected=f"at least one of each and at most {BLOCK:,} contacts",
            next_step="`generate_contacts` writes a history of any length, without records.",
        )
    population = _write_books(folder, customers, seed)
    history = draw_contacts(np.random.default_rng([seed, 1]), population, contacts)
    table = contact_table(history, 0)
    write_contacts([table], folder / "history" / FILE)
    write_experiment(folder / "experiments")
    write_transcripts(history, table, folder / "transcripts.parquet")
    write_desk_uses(table, folder / "desk_uses.csv")
    with replacing(folder / "TRUTHS.md") as partial:
        partial.write_text(truths_page(), encoding="utf-8", newline="\n")
    return Generated(contacts, folder / "history" / FILE)


def _write_books(folder: Path, customers: int, seed: int) -> Population:
    """Write the records; the population returned knows what was really billed."""
    rng = np.random.default_rng([seed, 0])
    drawn, population = bill_everybody(rng, draw_population(rng, customers))
    books = Books()
    books.add(cast())
    books.add(drawn)
    books.add(Books(exchange_rates=exchange_rates(seed)))
    books.write(folder / "records")
    return population
