"""An arm's policy acts for its customers only; a shadow is written down and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from front_door import SAMPLE, morning_clock, parts, sample_workbench, url

from workbench import Workbench, open_workbench
from workbench.decide.assignment import arm_of
from workbench.errors import Conflict, InputError, NotAllowed
from workbench.records.base import Ids
from workbench.records.events import EventKind, NewEvent
from workbench.records.experiments import Status
from workbench.records.principals import Role
from workbench.store.work import Transaction

TOML = """
name = "ask-for-people"
hypothesis = "Without small talk people come sooner."
owner = "Ana"
kind = "{kind}"
{more}
[[arm]]
name = "control"
[[arm]]
name = "strict"
settings = {{ "confidence" = 1.0, "threshold.stakes.low" = 1.0, "threshold.stakes.high" = 1.0 }}
[primary]
metric = "solved"
direction = "up"
smallest_effect = 0.05
"""
CUSTOMERS = [f"C-10{number:02}" for number in range(1, 11)]
MESSAGES = ("Is INV-1002 paid?", "And why is INV-1001 so high?", "Thanks", "I want a person")
Opened = Callable[..., Workbench]


@pytest.fixture
def poc(tmp_path: Path) -> Path:
    folder = tmp_path / "poc"
    ignored = shutil.ignore_patterns(".workbench", "history", "scenarios", "*.parquet")
    shutil.copytree(SAMPLE, folder, ignore=ignored)
    return folder


@pytest.fixture
def opened(poc: Path, tmp_path: Path) -> Opened:
    """Opens the POC on a store of the given name, which may be open already."""

    def open_store(store: str = "store", ids: int = 1) -> Workbench:
        folder = tmp_path / store
        if not (folder / "store.db").exists():
            folder.mkdir()
            shutil.copyfile(parts().folder / "sample" / "store.db", folder / "store.db")
        return open_workbench(
            poc,
            state=folder,
            store_url=url(folder),
            clock=morning_clock(),
            ids=Ids(seed=ids),
            triage=parts().triage,
            knowledge=parts().knowledge,
            records=False,
        )

    return open_store


def define(poc: Path, kind: str = "ab", more: str = "") -> None:
    (poc / "experiments" / "ask-for-people.toml").write_text(TOML.format(kind=kind, more=more))


def say(workbench: Workbench, customer: str, text: str = MESSAGES[0], to: str = "") -> str:
    conversation = to or f"conv-{customer}"
    turn = workbench.converse(customer, text, conversation_id=conversation, channel="portal")
    return turn.conversation_id


def began(workbench: Workbench, conversation: str) -> dict[str, Any]:
    return workbench.events(conversation)[0].data


def decisions(workbench: Workbench, conversation: str) -> list[Any]:
    return [e for e in workbench.events(conversation) if e.kind is EventKind.DECIDED]


def test_each_customers_arm_is_dealt_recorded_and_decides(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        state = workbench.experiments.get("ask-for-people")
        seen = set()
        for customer in CUSTOMERS:
            arm = arm_of(state.experiment, customer)
            conversation = say(workbench, customer)
            assert began(workbench, conversation)["arm"] == f"ask-for-people/{arm.name}"
            first, *_ = decisions(workbench, conversation)
            assert first.policy_version == state.versions[arm.name]
            assert first.data["decision"]["policy_version"] == state.versions[arm.name]
            assert "shadow" not in first.data
            seen.add(arm.name)
    assert seen == {"control", "strict"}


def test_no_load_moves_the_thresholds_of_an_experiment(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        workbench.routing.set_presence("ana", "on")
        assert workbench.thresholds.sweep() == ("threshold.stakes.low",), "nobody waits"
        (outside, *_) = decisions(workbench, say(workbench, "C-1001"))
        assert outside.policy_version == workbench.thresholds.now().version
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        state = workbench.experiments.get("ask-for-people")
        for customer in CUSTOMERS[1:]:
            first, *_ = decisions(workbench, say(workbench, customer))
            arm = arm_of(state.experiment, customer)
            assert first.policy_version == state.versions[arm.name]
        assert state.versions["control"] == workbench.policy.version


def test_contacts_carry_their_arm(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        for customer in CUSTOMERS:
            say(workbench, customer)
        rows = workbench.history.connection().execute("SELECT DISTINCT arm FROM contact").fetchall()
        assert (
            {"ask-for-people/control", "ask-for-people/strict"} >= {arm for (arm,) in rows} > set()
        )
        report = workbench.experiments.report("ask-for-people")
    assert sum(arm.contacts for arm in report.arms) >= len(CUSTOMERS)
    assert report.verdicts[0].action == "continue"


def all_that_happens(workbench: Workbench) -> list[tuple[Any, ...]]:
    """Every event of five conversations to the last byte, but for the shadow's own notes."""
    for customer in CUSTOMERS[:5]:
        for number, text in enumerate(MESSAGES):
            workbench.converse(
                customer,
                text,
                conversation_id=f"conv-{customer}",
                channel="portal",
                request_id=f"msg-{customer}-{number}",
            )
    return [
        (event.kind, event.at, event.actor, {k: v for k, v in event.data.items() if k != "shadow"})
        for customer in CUSTOMERS[:5]
        for event in workbench.events(f"conv-{customer}")
    ]


def test_a_shadow_changes_no_byte_of_what_anybody_notices(poc: Path, opened: Opened) -> None:
    define(poc, "shadow")
    with opened("without") as workbench:
        without = all_that_happens(workbench)
    with opened("with", ids=2) as another_process:
        another_process.experiments.start("ask-for-people", "Ana", "to see")
    with opened("with") as workbench:
        beside = all_that_happens(workbench)
        report = workbench.experiments.report("ask-for-people")
    kinds = {kind for kind, *_ in without}
    assert {EventKind.REPLIED, EventKind.ACTED, EventKind.HANDED_OFF} <= kinds
    assert without == beside
    print(f"\n{len(beside)} events alike with and without a shadow; {report.words}")
    assert report.shadow.decisions > 5 and report.shadow.differing > 0


def test_a_shadow_is_written_beside_each_decision(poc: Path, opened: Opened) -> None:
    define(poc, "shadow")
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        conversation = say(workbench, "C-1001")
        state = workbench.experiments.get("ask-for-people")
        first = decisions(workbench, conversation)[0]
        assert began(workbench, conversation)["shadow"] == "ask-for-people"
        assert "arm" not in began(workbench, conversation)
    assert first.policy_version == state.versions["control"]
    assert first.data["shadow"]["policy_version"] == state.versions["strict"]
    assert set(first.data["shadow"]) == {"experiment", "level", "rule_id", "policy_version"}


def test_a_stop_by_another_process_counts_from_the_next_conversation(
    poc: Path, opened: Opened
) -> None:
    define(poc)
    with opened() as one, opened(ids=2) as other:
        one.experiments.start("ask-for-people", "Ana", "to see")
        conversation = say(other, "C-1001")
        arm = began(other, conversation)["arm"]
        one.experiments.stop("ask-for-people", "Ana", "seen enough")
        say(other, "C-1001", "And why is INV-1001 so high?", to=conversation)
        state = other.experiments.get("ask-for-people")
        version = state.versions[arm.partition("/")[2]]
        assert {e.policy_version for e in decisions(other, conversation)} == {version}
        fresh = say(other, "C-1001", to="conv-after")
        assert "arm" not in began(other, fresh)
    assert state.status is Status.STOPPED
    assert [turning.by for turning in state.story] == ["supervisor:Ana"] * 2


@pytest.mark.parametrize(
    ("more", "customers"),
    [("share = 0.0001", 0), ('eligible = { channel = ["email"] }', 0), ("share = 1.0", 10)],
)
def test_only_eligible_customers_take_part(
    poc: Path, opened: Opened, more: str, customers: int
) -> None:
    define(poc, more=more)
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        inside = [c for c in CUSTOMERS if began(workbench, say(workbench, c)).get("arm")]
    assert len(inside) == customers


def test_an_arm_decides_only_the_intents_that_it_is_about(poc: Path, opened: Opened) -> None:
    define(poc, more='eligible = { intent = ["contract_cancel"] }')
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        versions = {
            event.policy_version
            for customer in CUSTOMERS
            for event in decisions(workbench, say(workbench, customer))
        }
    assert versions == {workbench.policy.version}


def test_an_edited_file_changes_nothing_until_the_next_start(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
        define(poc, more="share = 0.0001")
        assert began(workbench, say(workbench, "C-1001")).get("arm")
        assert workbench.experiments.get("ask-for-people").experiment.share == 1.0


def test_a_policy_that_changed_since_the_start_ends_the_dealing(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        workbench.experiments.start("ask-for-people", "Ana", "to see")
    policy = poc / "policies" / "policy.toml"
    policy.write_text(policy.read_text().replace("default = 0.55", "default = 0.56"))
    with opened() as workbench:
        assert "arm" not in began(workbench, say(workbench, "C-1001"))
        told = workbench.experiments.report("ask-for-people").words
    assert told.startswith("Nobody takes part any more: a policy is not the one")


def test_one_experiment_runs_at_a_time_and_names_are_needed(poc: Path, opened: Opened) -> None:
    define(poc)
    with opened() as workbench:
        experiments = workbench.experiments
        with pytest.raises(InputError, match="Nobody is named"):
            experiments.start("ask-for-people", " ", "to see")
        with pytest.raises(InputError, match="a reason"):
            experiments.start("ask-for-people", "Ana", "")
        experiments.start("ask-for-people", "Ana", "to see")
        with pytest.raises(Conflict, match="is running"):
            experiments.start("ask-for-people", "Ben", "again")
        experiments.stop("ask-for-people", "Ben", "enough")
        with pytest.raises(Conflict, match="not running"):
            experiments.stop("ask-for-people", "Ben", "enough")
        experiments.learn("ask-for-people", "Ben", "People come sooner, but nobody is happier.")
        learned = experiments.get("ask-for-people").learnings
    assert [(each.by, each.text) for each in learned] == [
        ("supervisor:Ben", "People come sooner, but nobody is happier.")
    ]


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.ANALYST])
def test_only_supervisors_and_the_service_change_experiments(
    poc: Path, opened: Opened, role: Role
) -> None:
    define(poc)
    with opened() as workbench:
        told = NewEvent(kind=EventKind.EXPERIMENT_CHANGED, data={"change": "stopped", "text": "no"})
        with pytest.raises(NotAllowed):
            workbench.store.commit(
                Transaction(
                    principal=workbench.person("Eve", role),
                    stream="experiment:ask-for-people",
                    request_id="r-1",
                    events=(told,),
                )
            )


def test_the_finished_experiment_of_the_sample_cannot_be_started(tmp_path: Path) -> None:
    with (
        sample_workbench(tmp_path) as workbench,
        pytest.raises(InputError, match="before its contacts were imported"),
    ):
        workbench.experiments.start("more-careful", "Ana", "again")
