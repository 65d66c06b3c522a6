"""Commands that the documents show exist, with the options they show."""

from __future__ import annotations

import re

import pytest
from documents import DOCUMENTS, README, ROOT, all_commands, commands_in, make_targets, text_of

from workbench.errors import WorkbenchError
from workbench.flows.result import TurnResult

CLI = text_of(ROOT / "docs" / "cli.md")
SHELL = {"export", "printf", "make", "workbench"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_shows_exists(path: object) -> None:
    commands, targets = all_commands(), make_targets()
    for words in commands_in(path):
        if words[0] == "make":
            assert words[1] in targets, words
        if words[0] == "workbench":
            name = next(n for n in (" ".join(words[1:3]), words[1]) if n in commands)
            shown = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert shown <= commands[name] | {"--help"}, words


def test_the_readme_shows_nothing_but_commands_that_are_checked() -> None:
    shown = list(commands_in(README))
    assert {words[0] for words in shown} <= SHELL
    assert {"make", "workbench"} <= {words[0] for words in shown}


def test_the_readme_names_every_command() -> None:
    readme = text_of(README)
    assert [name for name in all_commands() if f"workbench {name.split()[0]}" not in readme] == []


@pytest.mark.parametrize("name", all_commands())
def test_the_command_line_contract_names_every_command_and_option(name: str) -> None:
    assert f"workbench {name}" in re.sub(r"\s+", " ", CLI)
    unnamed = {o for o in all_commands()[name] if o not in CLI} - {"--app", "--anchor"}
    assert unnamed == set()


def test_the_contract_names_every_key_of_a_turn() -> None:
    keys = TurnResult(conversation_id="conv-1", request_id="msg-1").to_dict()
    assert [key for key in keys if f"`{key}`" not in CLI] == []


def test_the_contract_names_every_exit_code() -> None:
    codes = {error.exit_code for error in WorkbenchError.__subclasses__()}
    assert [code for code in sorted({0, 1, *codes}) if f"| {code} |" not in CLI] == []
