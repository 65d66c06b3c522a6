"""A wish to change details becomes a case, also beside the proof of identity."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import sample_workbench

PROOF = "I am C-1001, postcode BS1 4QA."


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        (("Please change my delivery address, I have moved to 5 Elm Street.", PROOF), 1),
        ((f"Please change my email address to new@example.org. {PROOF}",), 1),
        ((f"Please change my address to 5 Elm Street, London. {PROOF}",), 1),
        (("My postcode is BS1 4QA, customer C-1001.",), 0),
    ],
    ids=[
        "proven one message later",
        "beside a new address",
        "beside a street and the postcode on file",
        "only what is on file",
    ],
)
def test_a_change_of_details_is_kept_unless_only_known_ones_are_named(
    tmp_path: Path, said: tuple[str, ...], changes: int
) -> None:
    with sample_workbench(tmp_path) as workbench:
        for text in said:
            workbench.converse("C-1001", text, conversation_id="talk")
        cases = workbench.store.cases(workbench.service, "C-1001")
        assert [case.topic for case in cases].count("detail_change") == changes
