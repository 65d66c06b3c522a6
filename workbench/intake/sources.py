"""The sources that `poc.toml` names, imported when the POC is first opened."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from glob import has_magic
from pathlib import Path

from workbench.config import Settings, SourceSettings
from workbench.errors import ConfigError
from workbench.intake.importing import import_file
from workbench.intake.report import ImportReport
from workbench.intake.sinks import ImportTarget

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def import_sources(
    target: ImportTarget, settings: Settings, environ: Mapping[str, str] | None = None
) -> tuple[ImportReport, ...]:
    """Import every source of the settings, in order; nothing when this was done before.

    It is done again when sources or mappings change, or when another store is used. Data that
    changed at its place is brought in with `workbench import`.

    Raises `ConfigError` for a variable that is not set and a file that is not there.
    """
    mark, done = target.poc.state / "sources.json", _done(target, settings)
    if not settings.sources or (mark.exists() and json.loads(mark.read_text()) == done):
        return ()
    wanted = os.environ if environ is None else environ
    places = [
        (source, place)
        for source in settings.sources
        for place in _places(source, target.poc.root, wanted)
    ]
    reports = tuple(
        import_file(s.kind, place, target, target.poc.root / s.map if s.map else None)
        for s, place in places
    )
    mark.write_text(json.dumps(done))
    return reports


def _done(target: ImportTarget, settings: Settings) -> dict[str, str]:
    """What an import of the sources depends on, apart from the data."""
    digest = hashlib.sha256()
    for source in settings.sources:
        digest.update(source.model_dump_json().encode())
        path = target.poc.root / source.map
        digest.update(path.read_bytes() if source.map and path.is_file() else b"")
    store = hashlib.sha256(target.store.url.encode()).hexdigest()
    return {"sources": digest.hexdigest(), "store": store}


def _places(source: SourceSettings, root: Path, environ: Mapping[str, str]) -> Iterator[str | Path]:
    """The URL, or the files that a path names.

    A path in poc.toml is relative to the POC; one in a variable, as usual, to where one stands.
    """
    if source.url:
        yield _filled(source.url, environ)
        return
    filled = Path(_filled(source.path, environ))
    path = filled if source.path.startswith("${") else root / filled
    files = sorted(path.parent.glob(path.name)) if has_magic(path.name) else [path]
    if not files or not files[0].exists():
        names = ", ".join(_VARIABLE.findall(source.path))
        raise ConfigError(
            f"poc.toml, [[sources]]: there is no {path}",
            next_step=f"Check {names}." if names else "Correct the path.",
        )
    yield from files


def _filled(text: str, environ: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if not environ.get(name):
            raise ConfigError(
                f"poc.toml, [[sources]]: the environment variable {name} is not set",
                expected=f"its value for {text!r}",
                next_step=f"Set it and repeat: {name}=PATH workbench ...",
            )
        return environ[name]

    return _VARIABLE.sub(value, text)
