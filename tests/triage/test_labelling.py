"""Labels of people: in the ledger and in the team's file, replaced, taken back, never lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.poc import DEFAULTS, PocFolder
from workbench.records.base import Ids, SteppingClock
from workbench.records.events import EventKind
from workbench.records.labels import AnswerKind
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.triage.asking import Guess, Question, Why
from workbench.triage.labelled import Labelled, read_folder, read_texts
from workbench.triage.labelled_by_people import FILE, LabelFile
from workbench.triage.labelling import STREAM, Labelling
from workbench.triage.pool import Found, PoolMessage, message_id, pool_of

ANA, BO = (Principal(id=f"analyst:{name}", role=Role.ANALYST) for name in ("ana", "bo"))
SERVICE = Principal(id="service:test", role=Role.SERVICE)
DECLARED = ("invoice_copy", "delivery_status")


@pytest.fixture
def poc(tmp_path: Path) -> PocFolder:
    (tmp_path / "poc.toml").write_text('name = "labels"\n')
    return PocFolder.at(tmp_path)


@pytest.fixture
def labelling(poc: PocFolder) -> Iterator[Labelling]:
    clock = SteppingClock(datetime(2026, 5, 4, 10, tzinfo=UTC))
    with Store.open(f"sqlite:///{poc.state / 'store.db'}", clock=clock, ids=Ids(seed=1)) as store:
        yield Labelling(store, SERVICE, LabelFile(poc), DECLARED, Ids(seed=2))


def question(text: str) -> Question:
    return Question(
        message=PoolMessage(id=message_id(text), text=text, language="en", source="test"),
        guesses=(Guess(label="invoice_copy", confidence=0.4),),
        why=Why.UNSURE,
        model="lexical-1",
    )


def standing(labelling: Labelling) -> dict[str, str]:
    return {answer.text: answer.label for answer in labelling.answers()}


def filed(labelling: Labelling) -> dict[str, str]:
    return {row.text: row.label for row in labelling.file.rows()}


def test_an_answer_stands_in_the_ledger_with_what_the_model_said_and_in_the_file(labelling):
    labelling.answer(ANA, question("Send it again"), "invoice_copy")
    (event,) = labelling.store.events(SERVICE, stream=STREAM)
    assert event.kind is EventKind.MESSAGE_LABELLED and event.actor == "analyst:ana"
    said = {key: event.data[key] for key in ("label", "guess", "confidence", "model", "text")}
    assert said == {
        "label": "invoice_copy",
        "guess": "invoice_copy",
        "confidence": 0.4,
        "model": "lexical-1",
        "text": "Send it again",
    }
    assert labelling.file.path.name == FILE
    assert labelling.file.rows() == (
        Labelled(text="Send it again", label="invoice_copy", language="en"),
    )


def test_a_second_label_replaces_the_first(labelling):
    for person, label in ((ANA, "invoice_copy"), (BO, "delivery_status")):
        labelling.answer(person, question("Where is it"), label)
    assert filed(labelling) == standing(labelling) == {"Where is it": "delivery_status"}


def test_what_was_replaced_stands_again_when_its_successor_is_taken_back(labelling):
    labelling.answer(ANA, question("Where is it"), "invoice_copy")
    labelling.answer(BO, question("Where is it"), "delivery_status")
    assert labelling.undo(BO).label == "delivery_status"
    assert filed(labelling) == {"Where is it": "invoice_copy"}
    assert labelling.undo(ANA).label == "invoice_copy"
    assert filed(labelling) == standing(labelling) == {}
    assert not labelling.file.path.exists()


def test_nobody_takes_back_what_somebody_else_has_labelled_since(labelling):
    labelling.answer(ANA, question("Where is it"), "invoice_copy")
    labelling.answer(BO, question("Where is it"), "delivery_status")
    with pytest.raises(Conflict, match="bo has labelled"):
        labelling.undo(ANA)
    with pytest.raises(NotFound, match="no answer to take back"):
        labelling.undo(Principal(id="analyst:eve", role=Role.ANALYST))


def test_a_skipped_message_stands_in_the_ledger_only(labelling):
    labelling.answer(ANA, question("Hm"), "skip")
    assert [answer.answer for answer in labelling.answers()] == [AnswerKind.SKIP]
    assert filed(labelling) == {}


def test_a_new_intent_waits_for_its_owner_and_is_learned_when_it_is_declared(labelling):
    labelling.answer(ANA, question("Late fee?"), "new:late_fee")
    labelling.answer(BO, question("What do you charge when I am late"), "new:late_fee")
    (proposed,) = labelling.proposed()
    assert (proposed.name, len(proposed.texts), proposed.by) == ("late_fee", 2, ("ana", "bo"))
    assert filed(labelling) == {} and labelling.settle() == 0
    declared = Labelling(
        labelling.store, SERVICE, labelling.file, (*DECLARED, "late_fee"), Ids(seed=3)
    )
    assert declared.proposed() == ()
    assert (declared.settle(), declared.settle()) == (2, 0)
    assert set(filed(declared).values()) == {"late_fee"}


WRONG = [
    ("invoce_copy", "Did you mean invoice_copy"),
    ("refund", "Propose it as new:refund"),
    ("new:Two Words", "cannot be the name"),
    ("new:", "cannot be the name"),
    (f"new:{'x' * 41}", "cannot be the name"),
    ("", "There is no intent"),
]


@pytest.mark.parametrize(("label", "message"), WRONG)
def test_a_label_that_is_none_is_refused_and_nothing_is_kept(labelling, label, message):
    with pytest.raises(InputError, match=message):
        labelling.answer(ANA, question("Where is it"), label)
    assert labelling.answers() == () and filed(labelling) == {}


def test_a_name_that_is_declared_is_no_new_intent(labelling):
    labelling.answer(ANA, question("Where is it"), "new:delivery_status")
    assert filed(labelling) == {"Where is it": "delivery_status"}


def test_a_customer_labels_nothing(labelling):
    customer = Principal(id="customer:C-1", role=Role.CUSTOMER, customer_id="C-1", proven=True)
    with pytest.raises(NotAllowed):
        labelling.answer(customer, question("Where is it"), "invoice_copy")


def test_an_answer_that_a_crash_kept_from_the_file_is_brought_there(labelling):
    labelling.answer(ANA, question("Where is it"), "delivery_status")
    labelling.file.path.unlink()
    assert labelling.settle() == 1
    assert filed(labelling) == {"Where is it": "delivery_status"}


def test_rows_that_the_team_wrote_itself_stay(labelling):
    labelling.answer(ANA, question("Where is it"), "delivery_status")
    with labelling.file.path.open("a") as file:
        file.write('"Own row, by hand",invoice_copy,en\n')
    labelling.undo(ANA)
    assert filed(labelling) == {"Own row, by hand": "invoice_copy"}


def test_a_poc_without_messages_of_its_own_keeps_those_that_it_used(labelling, poc):
    defaults = len(read_folder(DEFAULTS / "intents"))
    assert poc.labelled == DEFAULTS / "intents"
    labelling.answer(ANA, question("Where is it"), "delivery_status")
    assert poc.labelled == poc.root / "intents"
    assert len(read_folder(poc.labelled)) == defaults + 1


LABEL_MANY = """
import sys
from pathlib import Path
from workbench.poc import PocFolder
from workbench.records.base import Ids
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.triage.asking import Question, Why
from workbench.triage.labelled_by_people import LabelFile
from workbench.triage.labelling import Labelling
from workbench.triage.pool import PoolMessage, message_id

name, many, folder = sys.argv[1], int(sys.argv[2]), PocFolder.at(sys.argv[3])
person = Principal(id=f"analyst:{name}", role=Role.ANALYST)
reader = Principal(id="service:test", role=Role.SERVICE)
with Store.open(f"sqlite:///{folder.state / 'store.db'}") as store:
    labelling = Labelling(store, reader, LabelFile(folder), ("invoice_copy",), Ids())
    for word in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")[:many]:
        for text in (f"{word} of {name}", f"{word} of both"):
            message = PoolMessage(id=message_id(text), text=text)
            labelling.answer(person, Question(message=message, guesses=(), why=Why.UNSURE),
                             "invoice_copy")
"""


def test_two_labellers_at_once_lose_nothing(labelling, poc):
    many, names = 8, ("ana", "bo")
    command = [sys.executable, "-c", LABEL_MANY]
    running = [subprocess.Popen([*command, name, str(many), str(poc.root)]) for name in names]
    assert [process.wait(120) for process in running] == [0, 0]
    assert len(labelling.store.events(SERVICE, stream=STREAM)) == 2 * 2 * many
    assert filed(labelling) == standing(labelling)
    assert len(filed(labelling)) == 3 * many


ACTS = st.lists(
    st.tuples(
        st.sampled_from([ANA, BO]),
        st.sampled_from(["one", "two", "three"]),
        st.sampled_from(["invoice_copy", "something_else", "skip", "new:other", "undo"]),
    ),
    max_size=12,
)


@given(ACTS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_file_holds_exactly_what_stands(labelling, acts):
    for person, text, act in acts:
        try:
            if act == "undo":
                labelling.undo(person)
            else:
                labelling.answer(person, question(text), act)
        except (NotFound, Conflict):
            continue
    learned = {
        answer.text: answer.label
        for answer in labelling.answers()
        if answer.answer is AnswerKind.INTENT
    }
    assert filed(labelling) == learned


# The pool


def found(*texts: str) -> list[Found]:
    return [Found(text=text, source=f"row {n}", language="en") for n, text in enumerate(texts)]


def test_messages_that_differ_in_numbers_only_are_one_wording():
    (one,) = pool_of(found("Is INV-1001 paid?", "is INV-2002  paid?"), known=())
    assert (one.text, one.times, one.source) == ("Is INV-1001 paid?", 2, "row 0")


def test_secrets_and_addresses_are_hidden_in_the_pool():
    told = "My card 4111 1111 1111 1111, write to ann@example.com or call +49 40 1234567"
    (one,) = pool_of(found(told), known=())
    assert one.text == (
        "My card [card number removed], write to [e-mail address removed]"
        " or call [phone number removed]"
    )
    assert message_id(one.text) == one.id


def test_what_is_known_and_what_has_no_word_is_not_in_the_pool():
    known = {message_id("Is it paid?")}
    assert pool_of(found("Is it paid?", "???", "12 34", "Where is it?"), known=known) == (
        PoolMessage(
            id=message_id("Where is it?"), text="Where is it?", language="en", source="row 3"
        ),
    )


def test_a_file_needs_a_text_column_only(tmp_path: Path):
    path = tmp_path / "new.csv"
    path.write_text("id,message\n1,Where is it?\n2,\n")
    assert read_texts(path) == ("Where is it?", "")
    path.write_text("id,subject\n1,x\n")
    with pytest.raises(InputError, match="no column named `text`"):
        read_texts(path)
