"""Scenario files: what they may say, how a wrong one is reported, and that the committed ones cover
every behaviour."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import ConfigError
from workbench.records.invoices import InvoiceAccount
from workbench.scenarios.format import Scenario, load_scenario, load_scenarios

FOLDER = Path(__file__).parents[2] / "sample_data" / "scenarios"

REQUIRED = {
    "every": range(1, 9),
    "invoice": range(1, 17),
    "case": (*range(1, 7), 9, *range(12, 16)),
    "escalation": (*range(1, 9), 11, 12, 13),
}

SMALL = """
id = "small"
behaviour = "own"
title = "A balance is told"
today = 2026-05-04T10:00:00Z

[[given.customers]]
id = "C-1"

[[given.invoices]]
number = "INV-1"
customer_id = "C-1"
issued_on = 2026-05-01
currency = "EUR"
stated_total = 0.1

[conversation]
customer = "C-1"

[[turn]]
say = ["balance of INV-1", "INV-1?"]

[[turn]]
wait = "3 days"
say = ["and now?", "now?", "again?"]
[turn.expect]
cases = [{ topic = "complaint" }]
"""


def written(folder: Path, text: str, name: str = "small") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def committed() -> tuple[Scenario, ...]:
    return load_scenarios(FOLDER)


def test_a_scenario_reads_decimals_waits_and_wordings_exactly(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, SMALL))
    assert scenario.given.invoices[0].stated_total == Decimal("0.1")
    assert scenario.turn[1].wait == timedelta(days=3)
    assert scenario.variants == 3
    assert [turn.wording(2) for turn in scenario.turn] == ["balance of INV-1", "again?"]
    assert scenario.flow == tmp_path.name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("total = 0.1", 'total = "much"', ("line 15", "given.invoices.0.stated_total")),
        ("issued_on = 2026-05-01", 'issued = "x"', ("given.invoices.0.issued_on", "line 10")),
        ('wait = "3 days"', 'wait = "soon"', ("line 24", "turn.1.wait", "'3 days'")),
        ("topic =", "topci =", ("line 27", "turn.1.expect.cases.0.topci")),
        ('behaviour = "own"', 'behaviour = "most 3"', ("line 3", "behaviour")),
        ('customer = "C-1"\n\n[[turn]]', 'customer = "C-9"\n\n[[turn]]', ("C-9", "not given")),
        ('customer_id = "C-1"', 'customer_id = "C-7"', ("C-7", "not given")),
        ("2026-05-04T10:00:00Z", "2026-05-04T10:00:00", ("line 5", "needs a zone")),
        ('say = ["balance of INV-1", "INV-1?"]', "", ("line 20", "turn.0", "needs say")),
        ("[conversation]", "[conversation", ("cannot be read",)),
        ('id = "small"', 'id = "other"', ("line 2", "'small'")),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    path = written(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_scenario(path)
    assert str(path) in str(error.value)
    for part in said:
        assert part in str(error.value)


def test_a_second_scenario_with_the_same_id_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, SMALL)
    with pytest.raises(ConfigError, match="two scenarios with the id 'small'"):
        load_scenarios(tmp_path)


def test_an_id_that_no_scenario_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="no scenario named 'invoice-99'"):
        load_scenarios(FOLDER, only=["invoice-99"])


def test_scenarios_are_chosen_by_the_beginning_of_their_id() -> None:
    chosen = load_scenarios(FOLDER, only=["invoice-5-", "case-13-"])
    assert {scenario.behaviour for scenario in chosen} == {"invoice 5", "case 13"}


def test_every_behaviour_is_shown_by_a_scenario(committed: tuple[Scenario, ...]) -> None:
    shown = {scenario.behaviour for scenario in committed}
    missing = [
        f"{part} {number}"
        for part, numbers in REQUIRED.items()
        for number in numbers
        if f"{part} {number}" not in shown
    ]
    assert not missing


def test_more_than_forty_scenarios_are_our_own_and_twenty_of_them_hostile(
    committed: tuple[Scenario, ...],
) -> None:
    own = [scenario.id for scenario in committed if scenario.behaviour == "own"]
    hostile = Counter(name.split("-")[1] for name in own if name.startswith("hostile-"))
    assert len(own) - hostile.total() >= 40
    assert hostile.total() >= 20
    assert {"message", "line", "name", "article", "case"} <= set(hostile)


def test_titles_say_something_and_differ(committed: tuple[Scenario, ...]) -> None:
    titles = Counter(scenario.title for scenario in committed)
    assert titles.most_common(1)[0][1] == 1
    assert all(len(title.split()) >= 5 for title in titles)


def test_every_scenario_has_three_wordings_of_what_is_said(
    committed: tuple[Scenario, ...],
) -> None:
    thin = [s.id for s in committed if any(t.say for t in s.turn) and s.variants < 3]
    assert not thin


def test_every_scenario_expects_something(committed: tuple[Scenario, ...]) -> None:
    for scenario in committed:
        expected = (scenario.expect, *(turn.expect for turn in scenario.turn))
        assert any(one.model_fields_set for one in expected), scenario.id


def test_given_invoices_add_up_unless_that_is_the_point(committed: tuple[Scenario, ...]) -> None:
    wrong = {
        scenario.id
        for scenario in committed
        for invoice in scenario.given.invoices
        if not invoice.adds_up
    }
    assert wrong == {"invoice-4-does-not-add-up"}


def test_balances_that_no_turn_changes_are_those_of_the_given_records(
    committed: tuple[Scenario, ...],
) -> None:
    for scenario in committed:
        moved = any(c.count != 0 for c in scenario.expect.credit_notes)
        if moved or any(turn.arrives.kinds for turn in scenario.turn):
            continue
        for number, expected in scenario.expect.balances.items():
            account: InvoiceAccount = scenario.given.account(number)
            assert str(account.balance) == expected, scenario.id
