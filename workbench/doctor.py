"""Looking at a POC from outside: its settings explained, and what is missing for it to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from workbench.decide.policy import load_policy
from workbench.errors import ConfigError, WorkbenchError
from workbench.poc import PocFolder
from workbench.records.base import Record


class SettingRow(Record):
    """One setting."""

    key: str
    value: Any
    default: Any
    meaning: str


class SettingsTable(Record):
    """Every setting of a POC."""

    rows: tuple[SettingRow, ...]

    def to_dict(self) -> dict[str, Any]:
        return {row.key: row.model_dump(mode="json", exclude={"key"}) for row in self.rows}

    def __str__(self) -> str:
        lines = []
        for row in self.rows:
            mark = " " if row.value == row.default else "*"
            lines.append(f"{mark} {row.key} = {row.value}")
            if row.meaning:
                lines.append(f"      {' '.join(row.meaning.split())}")
        return "\n".join([*lines, "", "* differs from the default"])


def describe_settings(poc: PocFolder) -> SettingsTable:
    """Key, value, default and meaning of every setting; secrets are never among them."""
    return SettingsTable(rows=tuple(_rows(poc.settings(), "")))


def _rows(section: BaseModel, prefix: str) -> Iterator[SettingRow]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _rows(value, f"{prefix}{name}.")
        else:
            plain = section.model_dump(mode="json", include={name})[name]
            default = field.get_default(call_default_factory=True, validated_data={})
            yield SettingRow(
                key=f"{prefix}{name}",
                value=plain,
                default=plain if default == value else default,
                meaning=field.description or "",
            )


class Finding(Record):
    """One thing that was checked."""

    what: str
    fine: bool
    detail: str


class Examination(Record):
    """The findings of one look."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.fine for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {"healthy": self.healthy, "findings": [f.model_dump() for f in self.findings]}

    def __str__(self) -> str:
        return "\n".join(
            f"{'ok  ' if finding.fine else 'FAIL'} {finding.what}: {finding.detail}"
            for finding in self.findings
        )


def examine(path: Path) -> Examination:
    """Check folder, settings, policy, intents, articles, store and ledger of a POC.

    Where the settings let a language model propose intents, whether its word counts as well.
    """
    findings: list[Finding] = []

    def check(what: str, look: Callable[[], str]) -> bool:
        try:
            findings.append(Finding(what=what, fine=True, detail=look()))
        except (WorkbenchError, OSError) as error:
            findings.append(Finding(what=what, fine=False, detail=str(error)))
        return findings[-1].fine

    if check("folder", lambda: str(PocFolder.at(path).root)):
        poc = PocFolder.at(path)
        sound = [
            check("settings", lambda: f"POC {poc.settings().name}"),
            check("policy", lambda: load_policy(poc.policy).version),
            check("intents", lambda: f"{len(poc.intent_rows())} declared"),
            check("articles", lambda: f"{len(list(poc.knowledge.glob('*.md')))} found"),
            check("state folder", lambda: _writable(poc.state)),
        ]
        if sound[0] and poc.settings().model.classify:
            check("model proposes intents", lambda: _trust(poc))
        if all(sound):
            check("store and ledger", lambda: _ledger(poc))
    return Examination(findings=tuple(findings))


def _writable(folder: Path) -> str:
    probe = folder / ".probe"
    probe.write_text("ok")
    probe.unlink()
    return f"{folder} can be written"


def _trust(poc: PocFolder) -> str:
    """What the model's word was measured to be worth; without that it is not asked."""
    from workbench.speak.model_trust import kept_trust, trust_file

    model = poc.settings().model
    if not model.base_url:
        raise ConfigError(
            "`[model] classify` is set, and no model is",
            next_step="Set `base_url` and `name` under [model] in poc.toml.",
        )
    trust = kept_trust(trust_file(poc.state, model.name))
    if trust is None:
        raise ConfigError(
            f"`[model] classify` is set, but {model.name} was never measured and is not asked",
            next_step="Measure it with `workbench label calibrate`.",
        )
    return str(trust)


def _ledger(poc: PocFolder) -> str:
    from workbench.bootstrap import open_workbench

    with open_workbench(poc.root) as workbench:
        report = workbench.verify()
        return str(report)
