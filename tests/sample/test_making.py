"""The committed sample is what the generator writes, and a POC that opens."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from workbench.config import load_settings
from workbench.errors import InputError
from workbench.records.invoices import ExchangeRate
from workbench.sample import make_sample
from workbench.sample.calendar import END, FIRST_DAY, HOLIDAYS, INVOICE_MONTHS
from workbench.sample.cast import cast

WRITTEN = (
    *("records", "history", "experiments", "transcripts.parquet", "desk_uses.csv"),
    "TRUTHS.md",
)
PARQUET = ("history/contacts.parquet", "transcripts.parquet")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_sample(folder)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_committed_sample_is_what_the_generator_writes(made: Path, sample_data: Path) -> None:
    for name, content in files_of(made).items():
        if name not in PARQUET:
            assert (sample_data / name).read_bytes() == content, name
    for name in PARQUET:
        # Bytes of Parquet depend on the version of its writer; what it says does not.
        assert pq.read_table(sample_data / name).equals(pq.read_table(made / name)), name


def test_the_same_seed_makes_the_same_bytes(made: Path, tmp_path: Path) -> None:
    make_sample(tmp_path)
    assert files_of(tmp_path) == files_of(made)


def test_a_sample_leaves_no_partial_files_behind(made: Path) -> None:
    assert {path.split("/")[0] for path in files_of(made)} == set(WRITTEN)


def test_the_committed_sample_is_small(sample_data: Path) -> None:
    own = [p for p in sample_data.rglob("*") if p.is_file() and ".workbench" not in p.parts]
    size = sum(path.stat().st_size for path in own)
    print(f"\n{len(own)} files, {size / 1e6:.2f} MB")
    assert size < 4_000_000


def test_demo_customers_do_not_appear_in_the_history(sample_data: Path) -> None:
    history = pq.read_table(sample_data / PARQUET[0], columns=["customer_id"])
    known = {line.split('"')[3] for line in (sample_data / "records/customers.jsonl").open()}
    met = set(history["customer_id"].to_pylist())
    assert met <= known
    assert not met & {customer.id for customer in cast().customers}


def test_invoices_named_in_the_history_exist_and_belong_to_the_customer(sample_data: Path) -> None:
    import json
    import re

    owner = {}
    for line in (sample_data / "records/invoices.jsonl").open():
        invoice = json.loads(line)
        owner[invoice["number"]] = invoice["customer_id"]
    columns = ["customer_id", "summary"]
    for row in pq.read_table(sample_data / PARQUET[0], columns=columns).to_pylist():
        for number in re.findall(r"INV-\d+", row["summary"]):
            assert owner[number] == row["customer_id"]


def test_the_settings_open_and_agree_with_the_sample(sample_data: Path) -> None:
    settings = load_settings(sample_data, {})
    assert settings.sample
    assert set(HOLIDAYS) <= set(settings.hours.holidays)
    assert settings.assistant.company == "Nordlicht Supplies"


def test_a_rate_is_known_for_every_week_and_pair_and_both_ways_agree(sample_data: Path) -> None:
    lines = (sample_data / "records/exchange_rates.jsonl").read_text().splitlines()
    rates = [ExchangeRate.model_validate_json(line) for line in lines]
    table = {(rate.base, rate.quote, rate.on): rate.rate for rate in rates}
    assert len(table) == 26 * 5 * 4
    for (base, quote, day), rate in table.items():
        assert float(rate * table[quote, base, day]) == pytest.approx(1, abs=2e-3)
        assert FIRST_DAY <= day < END


def test_the_sample_lasts_half_a_year_and_its_invoices_a_month_longer() -> None:
    assert FIRST_DAY.weekday() == 0
    assert (END - FIRST_DAY).days == 26 * 7
    assert INVOICE_MONTHS[0] < FIRST_DAY < END


@pytest.mark.parametrize(("customers", "contacts"), [(0, 10), (10, 0), (10, 250_001)])
def test_numbers_out_of_range_are_refused_before_anything_is_written(
    tmp_path: Path, customers: int, contacts: int
) -> None:
    with pytest.raises(InputError, match="customers and"):
        make_sample(tmp_path, customers=customers, contacts=contacts)
    assert list(tmp_path.iterdir()) == []


def test_a_transcript_begins_with_the_customers_first_words(sample_data: Path) -> None:
    contacts = pq.read_table(sample_data / PARQUET[0]).to_pylist()
    spoken = pq.read_table(sample_data / PARQUET[1]).to_pylist()
    by_contact: dict[str, list[dict[str, object]]] = {}
    for line in spoken:
        by_contact.setdefault(line["contact_id"], []).append(line)
    for contact in contacts:
        lines = by_contact[contact["contact_id"]]
        assert (lines[0]["speaker"], lines[0]["text"]) == ("customer", contact["summary"])
        assert [line["position"] for line in lines] == list(range(len(lines)))
        assert lines[0]["said_at"] == contact["started_at"]
        answered = {str(line["speaker"]).partition(":")[0] for line in lines}
        assert ("human_agent" in answered) is (contact["human_agents"] > 0)
        assert ("assistant" in answered) is contact["entered_automation"]
        assert not any("{" in str(line["text"]) for line in lines)
