"""Whatever a model's endpoint does, the customer gets a grounded reply, in time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import pytest
from model_server import FAULTS, model_server

from workbench.config import ModelSettings
from workbench.records.base import Record
from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NameValue,
    ReferenceValue,
    Reply,
    Source,
    Statement,
    TermValue,
    Value,
)
from workbench.records.money import Money
from workbench.speak.grounding import check
from workbench.speak.model import ModelFault, Prompt
from workbench.speak.model_writer import ModelWriter, model_writer
from workbench.speak.openai_model import OpenAIModel
from workbench.speak.writer import TemplateWriter

DEADLINE = 0.8
TOLERANCE = 0.5
ALL = ("refused", *FAULTS)
BaseUrl = Callable[[str], str]


class Wish(Record):
    """A schema to ask for."""

    text: str


@pytest.fixture(scope="module")
def base_url() -> Iterator[BaseUrl]:
    with model_server() as running:
        yield running


def _fact(name: str, value: Value) -> Fact:
    return Fact(name=name, value=value, source=Source(system="billing", record="invoice INV-1001"))


STATEMENTS = (
    Statement(key="notice.ai", facts={"assistant": _fact("assistant", NameValue(value="Ada"))}),
    Statement(
        key="invoice.amount",
        facts={
            "number": _fact("number", ReferenceValue(value="INV-1001")),
            "issued": _fact("issued", DateValue(value=date(2026, 4, 4))),
            "total": _fact("total", MoneyValue(value=Money.of("139.12", "GBP"))),
            "status": _fact("status", TermValue(value="open")),
        },
    ),
    Statement(key="anything_else"),
)
TEMPLATE = TemplateWriter().write(STATEMENTS, company="Acme")


def timed_reply(url: str) -> tuple[Reply, float]:
    """What a customer reads when the endpoint is at `url`, and after how many seconds."""
    writer = ModelWriter(OpenAIModel(url, "local", "key"), DEADLINE)
    started = time.monotonic()
    reply = writer.write(STATEMENTS, company="Acme")
    return reply, time.monotonic() - started


def test_a_healthy_endpoint_words_the_reply(base_url: BaseUrl) -> None:
    settings = ModelSettings(base_url=base_url("none"), name="local", deadline_seconds=DEADLINE)
    reply = model_writer(settings).write(STATEMENTS, company="Acme")
    assert reply.writer.startswith("local write_reply.v1#")
    assert reply.blocked == ()
    assert "£139.12" in reply.text and reply.text.startswith("You are talking to Ada")


def test_the_openai_package_is_imported_only_where_a_model_is_wired() -> None:
    code = "import sys, workbench.speak.model_writer; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


KINDS = (
    ("refused", "unreachable"),
    ("unauthorised", "unauthorised"),
    ("rate-limit", "rate_limited"),
    ("server-error", "server_error"),
    ("hang", "timeout"),
    ("drip", "timeout"),
    ("slow-headers", "timeout"),
    ("cut-json", "malformed"),
    ("html", "malformed"),
    ("empty-choices", "malformed"),
    ("unknown-tool", "wants_a_tool"),
    ("half-arguments", "cut_off"),
    ("out-of-length", "cut_off"),
    ("no-finish-reason", "cut_off"),
    ("content-filter", "filtered"),
    ("wrong-schema", "wrong_schema"),
    ("lone-surrogate", "malformed"),
    ("duplicate-keys", "malformed"),
    ("huge-body", "too_large"),
    ("redirect", "rejected"),
    ("reset", "unreachable"),
)


@pytest.mark.parametrize(("fault", "kind"), KINDS)
def test_a_fault_is_named_by_its_kind(base_url: BaseUrl, fault: str, kind: str) -> None:
    prompt = Prompt(name="test", instructions="Answer.", material='{"statements": []}')
    answer = OpenAIModel(base_url(fault), "local", "key").complete(prompt, Wish, 2 * DEADLINE)
    assert isinstance(answer, ModelFault)
    assert answer.kind == kind


@pytest.mark.parametrize("fault", [fault for fault in ALL if fault != "none"])
def test_every_fault_ends_in_the_template_and_says_why(base_url: BaseUrl, fault: str) -> None:
    reply, seconds = timed_reply(base_url(fault))
    assert reply.text == TEMPLATE.text
    assert reply.blocked != () and reply.writer == "template"
    assert seconds <= DEADLINE + TOLERANCE


def campaign(base_url: BaseUrl, runs: int, random: Random) -> None:
    """Random faults; prints how many runs ended well and how late the latest was."""
    ended, slowest, whys = 0, 0.0, Counter[str]()
    for _ in range(runs):
        reply, seconds = timed_reply(base_url(random.choice(ALL)))
        ended += bool(reply.text) and not check(reply.text, reply.statements, reply.language)
        slowest = max(slowest, seconds)
        whys[reply.blocked[0].split("(")[0].strip() if reply.blocked else "worded"] += 1
    print(f"\nmodel faults: {ended} of {runs} runs ended in a grounded reply")
    print(f"slowest {slowest:.2f} s of {DEADLINE} s + {TOLERANCE} s; {dict(whys.most_common(8))}")
    assert ended == runs
    assert slowest <= DEADLINE + TOLERANCE


def test_random_faults_end_in_a_grounded_reply_in_time(base_url: BaseUrl) -> None:
    campaign(base_url, 40, Random(1))


@pytest.mark.full
def test_a_thousand_faults_end_in_a_grounded_reply_in_time(base_url: BaseUrl) -> None:
    campaign(base_url, 1_000, Random(2))
