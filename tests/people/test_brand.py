"""Rules of the desk as data: what they forbid, what they require, and where they hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import SAMPLE

from workbench.errors import ConfigError
from workbench.people.brand import Rule, load_desk_rules, objections
from workbench.records.base import Record
from workbench.speak.catalogue import languages

NO_EXCUSES = Rule(
    name="no excuses",
    owner="communication",
    because="We say what we do next.",
    forbids={"en": ("not our fault", "guarantee*"), "de": ("nicht unsere Schuld",)},
)
HOW_TO_LEAVE = Rule(
    name="how to leave",
    owner="compliance",
    because="The law says so.",
    intents=("contract_cancel",),
    requires={"en": ("cancel*", "end date")},
)


@pytest.mark.parametrize(
    ("text", "language", "broken"),
    [
        ("This is NOT our\nfault.", "en", True),
        ("We guaranteed it.", "en", True),
        ("It is not our faulty printer.", "en", False),
        ("This is not our fault.", "de", False),
        ("Das ist nicht unsere Schuld.", "de", True),
        ("We look into it.", "en", False),
    ],
)
def test_a_forbidden_phrase_is_found_as_whole_words(text: str, language: str, broken: bool) -> None:
    assert bool(NO_EXCUSES.objections(text, language)) is broken


@pytest.mark.parametrize(
    ("text", "intent", "broken"),
    [
        ("Your cancellation is noted.", "contract_cancel", False),
        ("We are sorry to see you go.", "contract_cancel", True),
        ("We are sorry to see you go.", "invoice_copy", False),
    ],
)
def test_a_required_phrase_is_missed_only_where_the_rule_holds(
    text: str, intent: str, broken: bool
) -> None:
    assert bool(objections(text, [HOW_TO_LEAVE], language="en", intent=intent)) is broken


def test_an_objection_says_rule_owner_words_and_reason() -> None:
    (said,) = objections("It is not our fault.", [NO_EXCUSES], language="en")
    assert said == ("no excuses (communication): it says “not our fault”. We say what we do next.")


def test_a_poc_without_a_desk_file_has_no_rules(tmp_path: Path) -> None:
    assert load_desk_rules(tmp_path / "desk.toml").rules == ()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('[[voice]]\nname = "x"\nowner = "y"\nbecause = "z"\n', "forbids"),
        ('[[voyce]]\nname = "x"\n', "voyce"),
        ('[[macro]]\nname = "x"\nintents = []\ntext.en = "y"\n', "owner"),
    ],
)
def test_a_desk_file_with_a_mistake_is_refused_with_its_key(
    tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "desk.toml").write_text(content)
    with pytest.raises(ConfigError, match=complaint):
        load_desk_rules(tmp_path / "desk.toml")


def test_the_samples_rules_and_macros_have_owners_and_every_language() -> None:
    found = load_desk_rules(SAMPLE / "desk.toml")
    owned: list[Record] = [*found.macro, *found.rules]
    assert all(one.owner for one in owned)
    assert all(set(macro.text) == set(languages()) for macro in found.macro)
    assert all(set(r.forbids or r.requires) == set(languages()) for r in found.rules)


def test_no_macro_of_the_sample_breaks_a_rule_of_the_sample() -> None:
    found = load_desk_rules(SAMPLE / "desk.toml")
    broken = [
        (macro.name, language, intent, why)
        for macro in found.macro
        for language, text in macro.text.items()
        for intent in macro.intents
        for why in objections(text, found.rules, language=language, intent=intent)
    ]
    assert broken == []
