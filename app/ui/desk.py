"""A conversation on the page: what it is, what was said, and what a person can say to it."""

from __future__ import annotations

from ui.matters import hand_back, head, matter_of, middle
from ui.suggested import reply, suggestions


def show_talk(talk: str, name: str) -> str:
    """One conversation with all that can be done; the id of its customer. Raises `NotFound`."""
    matter = matter_of(talk, name)
    head(matter)
    middle(matter)
    suggestions(matter)
    reply(matter)
    hand_back(matter)
    return matter.conversation.customer_id
