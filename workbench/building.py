"""What a POC builds from its own files, once: triage model, article index, records in the store.

Each product is kept under the hash of what it was made from, so a changed file is rebuilt at the
next opening and an unchanged one costs a hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.errors import ConfigError
from workbench.poc import PocFolder, digest_of
from workbench.records.base import Record
from workbench.records.principals import Principal
from workbench.store.rows import IMPORTABLE
from workbench.store.store import Store
from workbench.systems.knowledge import ArticleSearch
from workbench.triage.model import TriageModel, triage_model
from workbench.triage.onnx_encoder import open_encoder

# Customers first: everything else belongs to one.
_ORDER = (
    "customers",
    "orders",
    "invoices",
    "credit_notes",
    "payments",
    "cases",
    "case_entries",
    "disputes",
    "exchange_rates",
    "subscriptions",
)


def fitted_triage(poc: PocFolder) -> TriageModel:
    """The triage model of the POC's labelled messages, fitted when they have changed."""
    encoder = open_encoder(poc.settings().triage, poc.root)
    return triage_model(
        poc.labelled, poc.sentiment, poc.state / "triage", poc.intent_rows(), encoder
    )


def article_search(poc: PocFolder) -> ArticleSearch:
    """The search over the POC's articles, its index built when an article has changed."""
    return ArticleSearch.build(poc.knowledge, poc.state / "knowledge")


def bring_in_records(poc: PocFolder, store: Store, service: Principal) -> None:
    """Bring the folder's `records/*.jsonl` into the store; the same files again change nothing."""
    files = [poc.records / f"{kind}.jsonl" for kind in _ORDER]
    present = [path for path in files if path.exists()]
    digest = digest_of(present)
    mark = poc.state / "records.json"
    if mark.exists() and json.loads(mark.read_text()) == {"digest": digest, "store": store.url}:
        return
    for path in present:
        kind = path.stem
        model = IMPORTABLE[kind].model
        store.import_records(service, kind, _read(path, model), digest)
    mark.write_text(json.dumps({"digest": digest, "store": store.url}))


def _read(path: Path, model: type[Record]) -> Iterator[Any]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield model.model_validate_json(line)
            except ValidationError as error:
                problem = error.errors()[0]
                key = ".".join(str(part) for part in problem["loc"])
                raise ConfigError(
                    f"{path}, line {number}: key `{key}`: {problem['msg']}",
                    next_step="Mend the line; nothing of this file was imported.",
                ) from error
