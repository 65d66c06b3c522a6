"""Runs on the sample: made once, recorded, never changed, and nothing else is touched."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest
from cases_made import versions
from front_door import sample_workbench
from hypothesis import given
from hypothesis import strategies as st

from workbench import Workbench
from workbench.errors import Corrupt, InputError, NotFound
from workbench.evaluation.candidate import Versions
from workbench.evaluation.judges import ModelJudge
from workbench.scenarios.results import pass_k
from workbench.speak.model import ModelFault, RecordedModel

MESSAGES = """text,label
Please send me a copy of INV-1001,invoice_copy
When is INV-1002 due?,payment_terms
=HYPERLINK("http://example.org") please open a case,case_open
Do you hire drivers?,something_else
"""


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("runs")) as opened:
        yield opened


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    path.write_text(MESSAGES)
    return path


def files_of(workbench: Workbench, run_id: str) -> dict[str, Path]:
    folder = workbench.folder.state / "evaluations" / run_id
    return {path.name: path for path in folder.iterdir()}


def test_the_same_run_again_changes_nothing_and_says_so(
    workbench: Workbench, labelled: Path
) -> None:
    first = workbench.evaluations.run(labelled=labelled, by="ana")
    before = {name: path.read_bytes() for name, path in files_of(workbench, first.id).items()}
    ledger = workbench.events(f"evaluation:{first.id}")
    again = workbench.evaluations.run(labelled=labelled, by="ben")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.summary == first.summary and again.results == first.results
    assert {n: p.read_bytes() for n, p in files_of(workbench, first.id).items()} == before
    assert workbench.events(f"evaluation:{first.id}") == ledger
    (event,) = ledger
    assert (event.kind, event.actor) == ("evaluated", "analyst:ana")
    assert event.data["totals"]["intent_right"] == first.summary.total("intent_right").value
    assert workbench.verify().ok


def test_what_a_run_writes_is_read_only(workbench: Workbench, labelled: Path) -> None:
    run = workbench.evaluations.run(labelled=labelled)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files_of(workbench, run.id).values()}
    assert modes == {0o444}


@pytest.mark.parametrize("name", ["run.json", "cases.jsonl"])
def test_a_changed_file_is_refused(tmp_path: Path, labelled: Path, name: str) -> None:
    with sample_workbench(tmp_path / "poc") as workbench:
        run = workbench.evaluations.run(labelled=labelled)
        path = files_of(workbench, run.id)[name]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"invoice_copy", b"invoice_kopy"))
        if name == "run.json":
            path.write_bytes(path.read_bytes().replace(b'"cases": 4', b'"cases": 5'))
        refused = rf"{name} is not as it was written.*make the run"
        with pytest.raises(Corrupt, match=refused):
            workbench.evaluations.get(run.id)
        with pytest.raises(Corrupt, match=refused):
            workbench.evaluations.run(labelled=labelled)


def test_hashes_that_were_forged_to_match_are_refused_by_the_ledger(
    tmp_path: Path, labelled: Path
) -> None:
    with sample_workbench(tmp_path / "poc") as workbench:
        run = workbench.evaluations.run(labelled=labelled)
        files = files_of(workbench, run.id)
        for path in files.values():
            path.chmod(0o644)
        forged = files["cases.jsonl"].read_bytes().replace(b"case_open", b"case_shut")
        files["cases.jsonl"].write_bytes(forged)
        page = json.loads(files["run.json"].read_text())
        page["cases_sha256"] = sha256(forged).hexdigest()
        files["run.json"].write_text(json.dumps(page))
        with pytest.raises(Corrupt, match=r"run\.json is not as it was written"):
            workbench.evaluations.get(run.id)


def test_a_run_that_was_deleted_is_made_and_recorded_anew(tmp_path: Path, labelled: Path) -> None:
    with sample_workbench(tmp_path / "poc") as workbench:
        first = workbench.evaluations.run(labelled=labelled)
        for path in files_of(workbench, first.id).values():
            path.unlink()
        (workbench.folder.state / "evaluations" / first.id).rmdir()
        again = workbench.evaluations.run(labelled=labelled)
        assert not again.repeated and again.id == first.id
        assert workbench.evaluations.get(first.id).results == again.results
        assert len(workbench.events(f"evaluation:{first.id}")) == 2


@pytest.mark.parametrize("field", Versions.model_fields)
def test_the_id_of_a_run_is_the_hash_of_everything_that_it_depends_on(field: str) -> None:
    changed = {"prompts": ("other",), "seed": 1, "repeat": 2}.get(field, "other")
    other = versions(**{field: changed})
    assert other.id != versions().id
    assert list(other.changed_from(versions())) == [field]
    assert versions().id == versions().id


def test_a_proposed_policy_is_evaluated_and_nothing_in_force_changes(
    workbench: Workbench, labelled: Path
) -> None:
    version = workbench.policy.version
    now = workbench.evaluations.run(labelled=labelled)
    then = workbench.evaluations.run(labelled=labelled, changes={"threshold.stakes.low": 1})
    assert workbench.policy.version == version == now.summary.versions.policy
    assert then.summary.versions.policy != version
    assert then.summary.total("acts_alone").value < now.summary.total("acts_alone").value
    found = workbench.evaluations.compare(now.id, then.id)
    assert list(found.versions) == ["policy"]


def test_scenarios_are_tried_several_times_and_pass_every_time(workbench: Workbench) -> None:
    events = len(workbench.store.events(workbench.service))
    run = workbench.evaluations.run(scenarios="invoice-16-*", repeat=2)
    assert run.summary.pass_k == 1
    assert {len(result.trials) for result in run.results} == {2}
    assert {result.case.source for result in run.results} == {"scenario"}
    told = {total.scorer for total in run.summary.totals if total.value is not None}
    assert told >= {"scenario_passed", "facts_right", "language_kept", "well_mannered", "turns"}
    assert len(workbench.store.events(workbench.service)) == events + 1  # the run itself


def test_past_conversations_are_answered_again_on_a_copy(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        said = ("Is INV-1002 paid?", "Please open a case: the last delivery was short")
        first = workbench.converse("C-1001", said[0], channel="portal")
        workbench.converse("C-1001", said[1], conversation_id=first.conversation_id)
        handed = workbench.converse("C-1002", "I want to talk to a person")
        workbench.take(handed.packet.id, by="ana")
        workbench.human_reply(handed.conversation_id, by="ana", text="Hello, Ana here.")
        cases = workbench.store.cases(workbench.service, "C-1001")
        run = workbench.evaluations.run(conversations=5)
        assert [r.case.id for r in run.results] == [first.conversation_id]  # a person spoke there
        (result,) = run.results
        assert result.case.says == said and result.case.conversation_id == first.conversation_id
        for scorer in ("intent_right", "level_right", "rule_right", "facts_right"):
            assert result.value(scorer) == 1, result.why(scorer)
        assert workbench.store.cases(workbench.service, "C-1001") == cases


def test_a_labelled_contact_keeps_what_happened_and_what_people_said(workbench: Workbench) -> None:
    run = workbench.evaluations.run(contacts=60)
    contacts = {one.contact_id: one for one in workbench.contacts([r.case.id for r in run.results])}
    assert len(run.results) == 60
    for result in run.results:
        contact = contacts[result.case.id]
        assert result.case.expected[0].intents == (contact.true_intent,)
        assert result.case.happened.rule == (contact.rule_id or "")
        wrong = {None: (False, False), "right": (True, False), "wrong": (True, True)}
        assert (contact.judged, contact.wrong) == wrong[result.case.verdict]


def test_runs_are_listed_and_named_by_their_beginning(workbench: Workbench, labelled: Path) -> None:
    run = workbench.evaluations.run(labelled=labelled)
    other = workbench.evaluations.run(labelled=labelled, seed=8)
    listed = [summary.id for summary in workbench.evaluations.runs().runs]
    assert listed[0] == other.id and run.id in listed[1:]
    assert workbench.evaluations.get(run.id[4:12]).id == run.id
    with pytest.raises(NotFound, match="evaluate list"):
        workbench.evaluations.get("run-0000")
    with pytest.raises(InputError, match="longer id"):
        workbench.evaluations.get("run")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"scenarios": "x*", "contacts": 3}, "one kind of cases"),
        ({"scenarios": "nothing-*"}, "No scenario"),
        ({"labelled": "nowhere.csv"}, "nowhere.csv does not exist"),
        ({"contacts": 3, "repeat": 0}, "at least one try"),
        ({"contacts": 3, "changes": {"nonsense": 1}}, "not a setting of policy"),
    ],
)
def test_a_run_that_cannot_be_is_explained(
    workbench: Workbench, wrong: dict[str, object], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        workbench.evaluations.run(**wrong)


def test_an_export_has_a_row_per_case_and_score_that_no_spreadsheet_runs(
    workbench: Workbench, labelled: Path, tmp_path: Path
) -> None:
    run = workbench.evaluations.run(labelled=labelled)
    written = workbench.evaluations.export(run.id, tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = [s for r in run.results for t in r.trials for s in t.scores.values()]
    assert len(rows) == written == sum(score.value is not None for score in known)
    hostile = {row["says"] for row in rows if "HYPERLINK" in row["says"]}
    assert all(text.startswith("'=") for text in hostile) and len(hostile) == 1
    assert not [c for row in rows for c in row.values() if c.startswith(("=", "+", "@"))]
    with pytest.raises(InputError, match="cannot be written"):
        workbench.evaluations.export(run.id, tmp_path / "run.csv" / "below a file.csv")


def test_a_model_judges_through_the_port_and_one_that_fails_has_no_opinion(
    workbench: Workbench, labelled: Path
) -> None:
    answers = ['{"right": true}', '{"right": false, "why": "no such thing"}']
    model = RecordedModel([*answers, ModelFault(kind="timeout"), "nonsense"])
    run = workbench.evaluations.run(labelled=labelled, judge=model, seed=5)
    scores = [result.trials[0].scores["model_judge"] for result in run.results]
    assert [score.value for score in scores] == [1, 0, None, None]
    assert scores[1].why == "no such thing" and "timeout" in scores[2].why
    assert "HYPERLINK" in model.prompts[2].material
    assert "HYPERLINK" not in model.prompts[2].instructions
    assert ModelJudge(model).scorer().name in run.scorers


@given(st.integers(0, 6), st.integers(1, 6), st.integers(1, 6))
def test_pass_k_is_the_share_of_draws_without_a_failure(passes: int, runs: int, k: int) -> None:
    passes = min(passes, runs)
    held = [n < passes for n in range(runs)]
    draws = [all(draw) for draw in combinations(held, min(k, runs))]
    assert pass_k(passes, runs, k) == pytest.approx(sum(draws) / len(draws))
