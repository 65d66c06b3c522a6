"""The pages of the documentation that are written from the code.

python docs/generate.py

`docs/kpis.md` is written by `python -m workbench.measure.document`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from workbench.config import SourceSettings
from workbench.decide.policy import load_policy
from workbench.doctor import describe_settings
from workbench.poc import PocFolder

DOCS = Path(__file__).parent
SAMPLE = DOCS.parent / "sample_data"
SETTINGS, PLAYBOOK = DOCS / "settings.md", DOCS / "playbook.md"
_START, _END = "<!-- decision map: begin -->", "<!-- decision map: end -->"

_HEAD = """\
# Settings

Settings of a POC stand in its `poc.toml`. An environment variable overrides one of them:
`WORKBENCH_STORE__URL` is `store.url`. Keys that are left out have the defaults below. An unknown
key is refused with file and line. `workbench config show` prints the values in use. This page is
generated: `python docs/generate.py`.

| Key | Default | Meaning |
|---|---|---|
"""


def main() -> None:
    SETTINGS.write_text(settings_page(), encoding="utf-8")
    playbook = PLAYBOOK.read_text(encoding="utf-8")
    PLAYBOOK.write_text(with_decision_map(playbook), encoding="utf-8")


def settings_page() -> str:
    """Every key with its default and meaning, as Markdown."""
    return _HEAD + "".join(f"{row}\n" for row in _setting_rows())


def _setting_rows() -> Iterator[str]:
    for row in describe_settings(PocFolder.at(SAMPLE)).rows:
        default = json.dumps(row.default, default=str, ensure_ascii=False)
        yield f"| `{row.key}` | {_code(default)} | {_cell(row.meaning)} |"
        if row.key == "sources":
            yield from _source_rows()


def _source_rows() -> Iterator[str]:
    for name, field in SourceSettings.model_fields.items():
        default = "required" if field.is_required() else _code(json.dumps(field.default))
        yield f"| `sources.{name}` | {default} | {_cell(field.description or '')} |"


def with_decision_map(playbook: str) -> str:
    """The playbook with its decision map written anew."""
    before, _, rest = playbook.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n\n{decision_map()}\n{_END}{after}"


def decision_map() -> str:
    """Which rule of the sample policy decides what, and who owns it, as a Markdown table."""
    policy = load_policy(PocFolder.at(SAMPLE).policy)
    lines = [
        f"Policy `{policy.name}`. Confidence needed: {policy.thresholds.describe()}.",
        "",
        "| # | Rule | When | Who acts | Reason | Owner |",
        "|---|---|---|---|---|---|",
    ]
    for number, row in enumerate(policy.decision_map(), 1):
        lines.append(
            f"| {number} | `{row.rule_id}` | {_cell(row.when)} | {row.level} | "
            f"{row.reason or ''} | {row.owner} |"
        )
    return "\n".join([*lines, "", "Otherwise: escalate.", ""])


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    """Text on one line, as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
