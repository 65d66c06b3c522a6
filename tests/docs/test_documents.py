"""Documents are true to the tree: links resolve, files exist, generated pages are current."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import DOCUMENTS, README, ROOT, links_in, text_of
from pydantic import BaseModel

from workbench.config import Settings, SourceSettings
from workbench.measure.metrics import load_metrics
from workbench.records.decisions import Level

DOCS = ROOT / "docs"
WRITERS = runpy.run_path(str(DOCS / "generate.py"))
WORDS = """
customer, principal, message, channel, conversation, turn, intent, signals, policy, rule, decision,
level, stakes, flow, slot, system, fact, source, reply, draft, suggestion, hand-off, hand-back,
packet, verdict, approval, case, queue, SLA clock, human agent, supervisor, outcome, contact,
baseline, replay, release, assistant, ledger, event, scenario, metric, history, action, situation
"""
OURS = re.compile(r"`((?:[a-z_]+/)*[a-z_0-9]+(?:/|\.(?:py|toml|sql|md|mako)))`")
FORBIDDEN = re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/|pypi\.|localhost|contract\.md")

every_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


@every_document
def test_every_relative_link_of_a_document_resolves(path: Path) -> None:
    assert [link for link in links_in(path) if not (path.parent / link).exists()] == []


@every_document
def test_a_document_names_no_place_of_one_machine(path: Path) -> None:
    assert FORBIDDEN.findall(text_of(path)) == []


def test_the_architecture_names_only_files_and_rooms_that_exist() -> None:
    named = OURS.findall(text_of(DOCS / "architecture.md"))
    missing = {n for n in named if not any((at / n).exists() for at in places())}
    assert missing == set()


def places() -> Iterator[Path]:
    """Where a name in the text may stand: the root, a POC, the package, a room in it."""
    yield from (ROOT, DOCS, ROOT / "sample_data", ROOT / "examples" / "appointments")
    yield from (folder for folder in (ROOT / "workbench").rglob("*/") if folder.is_dir())
    yield ROOT / "workbench"


def test_the_architecture_names_every_room() -> None:
    text = text_of(DOCS / "architecture.md")
    rooms = [path.parent.name for path in (ROOT / "workbench").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in text] == []


def test_the_settings_page_is_current() -> None:
    written = text_of(DOCS / "settings.md")
    assert written == WRITERS["settings_page"](), "write it again: python docs/generate.py"


def keys_of(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys_of(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_setting_is_on_the_settings_page() -> None:
    page = text_of(DOCS / "settings.md")
    keys = [*keys_of(Settings), *keys_of(SourceSettings, "sources.")]
    assert [key for key in keys if f"| `{key}` |" not in page] == []


def test_the_decision_map_of_the_playbook_is_current() -> None:
    written = text_of(DOCS / "playbook.md")
    current = WRITERS["with_decision_map"](written)
    assert written == current, "write it again: python docs/generate.py"


def test_every_metric_is_in_the_documents() -> None:
    page = text_of(DOCS / "kpis.md")
    assert [name for name in load_metrics().metrics if f"`{name}`" not in page] == []


def test_the_glossary_explains_the_words() -> None:
    glossary = text_of(DOCS / "glossary.md")
    words = [word.strip() for word in WORDS.split(",")]
    assert [word for word in words if f"| {word} |" not in glossary] == []
    assert [level for level in Level if f"`{level}`" not in glossary] == []


def test_no_document_says_agent_alone() -> None:
    loose = re.compile(r"(?<!human )(?<!human_)(?<!model )\bagents?\b", re.IGNORECASE)
    own = [README, *sorted(DOCS.glob("*.md")), ROOT / "CONTRIBUTING.md"]
    said = {path.name: loose.findall(text_of(path)) for path in own if path.name != "kpis.md"}
    assert {name: found for name, found in said.items() if found} == {}


def test_the_readme_draws_the_way_of_a_message() -> None:
    assert "```mermaid" in text_of(README)


def test_the_changelog_keeps_its_headings() -> None:
    text = text_of(ROOT / "CHANGELOG.md")
    for heading in ("## [Unreleased]", "### Added", "### Policy changed", "### KPI changed"):
        assert heading in text
