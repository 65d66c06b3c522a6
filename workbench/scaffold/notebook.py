"""A notebook from a text of cells: `# %%` begins a code cell, `# %% [markdown]` a text cell."""

from __future__ import annotations

import json
import re
from typing import Any

_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n", re.MULTILINE)


def notebook_text(text: str) -> str:
    """The notebook (nbformat 4.5) as JSON, without outputs."""
    _, *parts = _CELL.split(text)
    cells = [
        _cell(place, bool(markdown), body.strip("\n"))
        for place, (markdown, body) in enumerate(zip(parts[::2], parts[1::2], strict=True))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(place: int, markdown: bool, body: str) -> dict[str, Any]:
    source = body.splitlines(keepends=True)
    common = {"id": f"cell-{place}", "metadata": {}, "source": source}
    if markdown:
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", **common, "execution_count": None, "outputs": []}
