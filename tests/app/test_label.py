"""Label: a question, its answer, undo, intents that are missing, and what it all brought."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import page

from workbench import Workbench, open_workbench

PAGE = "label"


@pytest.fixture(scope="module")
def labelled_poc(poc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of its own: labels change the folder's messages."""
    return Path(shutil.copytree(poc, tmp_path_factory.mktemp("label") / "poc"))


@pytest.fixture(scope="module")
def bench(labelled_poc: Path) -> Iterator[Workbench]:
    with open_workbench(labelled_poc) as opened:
        yield opened


def asked(shown) -> str:
    return shown.text[0].value


def named(shown, name: str = "Ana"):
    return shown.text_input(key="labeller").set_value(name).run()


def test_nothing_can_be_answered_without_a_name(labelled_poc: Path) -> None:
    shown = page(labelled_poc, PAGE)
    assert not shown.exception and asked(shown)
    assert shown.button(key="guess-1").disabled and shown.button(key="skip").disabled


def test_an_answer_leads_to_the_next_question_and_undo_back(labelled_poc, bench) -> None:
    shown = named(page(labelled_poc, PAGE))
    first = asked(shown)
    shown = shown.button(key="guess-1").click().run()
    assert asked(shown) != first and not shown.error
    (given,) = bench.labels.answers()
    assert (given.text, given.by) == (first, "analyst:Ana")
    assert given.label == given.guess
    undo = next(one for one in shown.button if one.label == "Undo")
    shown = undo.click().run()
    assert asked(shown) == first and bench.labels.answers() == ()


def test_a_missing_intent_is_proposed_and_a_bad_name_refused(labelled_poc, bench) -> None:
    shown = named(page(labelled_poc, PAGE), "Bo")
    box = next(one for one in shown.text_input if one.key.startswith("new-"))
    shown = box.set_value("Late Fee").run()
    assert "cannot be the name" in shown.error[0].value
    box = next(one for one in shown.text_input if one.key.startswith("new-"))
    shown = box.set_value("late_fee").run()
    assert [one.name for one in bench.labels.proposed()] == ["late_fee"]
    assert any("late" in one.label for one in shown.expander)


def test_any_intent_can_be_chosen_from_the_list(labelled_poc, bench) -> None:
    shown = named(page(labelled_poc, PAGE), "Cy")
    first = asked(shown)
    box = next(one for one in shown.selectbox if one.key and one.key.startswith("any-"))
    assert set(bench.labels.intents()) == {name.replace(" ", "_") for name in box.options}
    shown = box.set_value("payment_terms").run()
    assert asked(shown) != first
    assert {one.label for one in bench.labels.answers() if one.text == first} == {"payment_terms"}
    assert "Labels given here" in [one.value for one in shown.subheader]
