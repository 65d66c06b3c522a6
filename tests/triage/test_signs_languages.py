"""Signs in the languages of the assistant, each beside sentences that only look like them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from workbench.triage.signs import Signs, read_signs

TABLE = Path(__file__).with_name("signs_in_languages.txt")


class Row(NamedTuple):
    topic: str
    language: str
    says: bool
    text: str


def _rows() -> list[Row]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    parted = [line.split(" ", 3) for line in lines]
    return [Row(topic, language, mark == "+", text) for topic, language, mark, text in parted]


def _says(signs: Signs, topic: str) -> bool:
    if topic in ("yes", "no"):
        return signs.affirmation is (topic == "yes")
    if topic == "urgent":
        return signs.urgency >= 0.5
    if topic in ("wants_person", "asks_if_human", "abusive", "third_party", "suspicious"):
        return bool(getattr(signs, topic))
    return signs.sensitive == topic


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row.topic}-{row.language}-{row.text}")
def test_a_sign_is_read_and_its_look_alike_is_not(row: Row) -> None:
    assert _says(read_signs(row.text), row.topic) is row.says
