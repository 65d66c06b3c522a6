"""Flows that a POC brings: one file each, named in its settings, beside those of the package.

    # flows/appointment.py
    def appointment(turn: Turn) -> None:
        "What it does, from the top at every turn."

The function is named like its file, and `intents.toml` says which intents it serves.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from workbench.errors import ConfigError
from workbench.flows import FLOWS
from workbench.flows.answer import Flow
from workbench.poc import PocFolder, load_code
from workbench.records.intents import IntentRow


def all_flows(
    poc: PocFolder, files: Sequence[str], intents: Mapping[str, IntentRow]
) -> dict[str, Flow]:
    """The package's flows and the POC's own, by name.

    Raises `ConfigError` for a file without its flow, a name that is taken, and an intent that no
    flow serves.
    """
    flows = dict(FLOWS)
    for file in files:
        name = PurePath(file).stem
        if name in flows:
            raise _wrong(poc, file, f"there is a flow {name!r} already", "another file name")
        flows[name] = _flow(poc, file, name)
    _check_served(poc, flows, intents)
    return flows


def _flow(poc: PocFolder, file: str, name: str) -> Flow:
    function = getattr(load_code(poc.root, file, "flows"), name, None)
    if not inspect.isfunction(function) or len(inspect.signature(function).parameters) != 1:
        wanted = f"`def {name}(turn: Turn) -> None`"
        raise _wrong(poc, file, "its flow is missing", f"a function {wanted}, named like the file")
    flow: Flow = function
    return flow


def _wrong(poc: PocFolder, file: str, what: str, expected: str) -> ConfigError:
    return ConfigError(f"{poc.root / file}: {what}", expected=expected)


def _check_served(
    poc: PocFolder, flows: Mapping[str, Flow], intents: Mapping[str, IntentRow]
) -> None:
    for name, row in intents.items():
        if row.flow not in flows:
            raise ConfigError(
                f"{poc.intents}: intent {name} names the flow {row.flow!r}, which is not there",
                expected=f"one of {', '.join(flows)}",
                next_step="Name the flow's file in poc.toml: flows = ['flows/NAME.py'].",
            )
