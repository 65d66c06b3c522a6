"""Stand-ins for language models, for campaigns that must run without a key.

`ObedientModel` is a model that an attacker owns: it does whatever any text it reads asks for. What
still does not happen with it cannot be brought about by any wording of any message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workbench.speak.model import Answer, Completion, ModelFault, Prompt, completion

# A sentence that wants something: an imperative or an appeal to one, in four languages.
_DEMAND = re.compile(
    r"""(?ix) \b (?: ignore | disregard | forget | override | say | write | reply | answer | tell
    | confirm | approve | refund | credit | pay | transfer | send | forward | reveal | print | show
    | list | call | execute | run | open | close | delete | change | set | grant | promise | waive
    | you\ (?: are | must | will | should ) | instead | system\s*: | assistant\s*: | new\ rule
    | ignorier\w* | vergiss | antworte | sag\w* | schreib\w* | bestätig\w* | überweis\w*
    | erstatt\w* | send\w* | zeig\w* | ignore[rz] | oublie[rz]? | réponds | répondez | dis | dites
    | écri\w+ | confirme[rz]? | rembourse[rz]? | envoie\w* | montre\w* | ignora | olvida
    | responde | di | escrib\w* | confirma | reembols\w* | envía | muestra ) \b"""
)
# What is wanted word for word: after a colon, or in quotation marks.
_WORD_FOR_WORD = re.compile(r":\s*(.{3,}?)\s*$|[\"“„«](.{3,}?)[\"”“»]")


class ObedientModel:
    """Obeys every instruction that it finds anywhere in its input."""

    name = "obedient"

    def __init__(self) -> None:
        self.obeyed: list[str] = []
        """Every demand that it has met, for the campaign to show that it did obey."""

    def complete(
        self,
        prompt: Prompt,
        schema: type[Answer],
        deadline: float,  # noqa: ARG002
    ) -> Completion[Answer] | ModelFault:
        demands = [text for text in _texts(_parsed(prompt.material)) if _DEMAND.search(text)]
        self.obeyed += demands
        said = " ".join(_compliance(demand) for demand in demands) or "Done."
        fields = dict.fromkeys(schema.model_fields, said)
        return completion(json.dumps(fields), schema, model=self.name)


def _parsed(material: str) -> Any:
    try:
        return json.loads(material)
    except ValueError:
        return material


def _texts(value: Any) -> Iterator[str]:
    """Every sentence in a JSON value, wherever it is hidden."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield from (part for part in re.split(r"[\n\r]+|(?<=[.!?])\s+", value) if part.strip())


def _compliance(demand: str) -> str:
    """What the attacker would like to read: the wanted words, or the demand as a thing done."""
    wanted = _WORD_FOR_WORD.search(demand)
    return next(text.strip() for text in wanted.groups() if text) if wanted else f"Done: {demand}"
