"""The only ways in which text of customers, invoices and articles reaches the screen.

Such text is data. It is shown letter by letter: no HTML, no Markdown, no link, no image, nothing
that would make the browser load something from another host.
"""

from __future__ import annotations

import re
import string

import streamlit as st

_INVISIBLE = dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF))
_LINKS = re.compile(r"https?:(?=//)|www(?=\.)|(?=@)", re.IGNORECASE)
_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in string.punctuation})


def plain(text: str) -> str:
    """The text without control and invisible characters, line breaks kept."""
    return "".join(c for c in text.translate(_INVISIBLE) if c.isprintable() or c == "\n")


def as_label(text: str) -> str:
    """The text for labels, captions and messages, which read Markdown: every sign means itself."""
    return _LINKS.sub(_broken, " ".join(plain(text).split())).translate(_ESCAPED)


def _broken(found: re.Match[str]) -> str:
    """With an invisible joiner behind it, what would become a link although it is escaped."""
    return f"{found[0]}\u2060"


def render_untrusted(text: str) -> None:
    """Show text of unknown origin as it is, wrapped, with nothing in it interpreted."""
    st.text(plain(text) or " ", width="stretch")
