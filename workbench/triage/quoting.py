"""The newest part of a message: without the older mails below it and without a signature."""

from __future__ import annotations

import re

_OLDER = re.compile(
    r"^(?:"
    r"-{2,}\s*(?:original message|urspr\w+ nachricht|message d.origine|mensaje original)\b.*"
    r"|_{10,}"
    r"|(?:on|am|le|el)\b.{3,120}\b(?:wrote|schrieb\w*|a [ée]crit|escribi[óo])\s?(?:you|sie)?\s?:?"
    r"|(?:from|von|de)\s?:\s.+@.+"
    r"|--\s*"
    r")$",
    re.IGNORECASE | re.MULTILINE,
)
_ENOUGH_WORDS = 3
"""With fewer words of its own, a message is about what it quotes or forwards."""
_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)


def newest_part(text: str) -> str:
    """What the customer wrote this time; a message that is nothing but a quotation stays whole."""
    older = _OLDER.search(text)
    kept = _QUOTED.sub("", text[: older.start()] if older else text).strip()
    return kept if len(re.findall(r"\w+", kept)) >= _ENOUGH_WORDS else text
