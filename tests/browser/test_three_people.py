"""Several people at the desk at once, each in a browser of their own, and one at the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_poc import played_poc
from visiting import Visit

from workbench import Workbench, open_workbench
from workbench.records.events import EventKind
from workbench.store.views import ApprovalStatus

pytestmark = pytest.mark.browser

CUSTOMER = "C-1011"
CLAIM = "40 of the 120 monitor arms on INV-1025 never arrived, we want a credit note"
HALF, REST = "Good morning, this is Ana.", " Your credit note has been approved."
SOON = 15_000
"""Milliseconds until a page must have followed what others did; it looks every three seconds."""

STEPS = (
    EventKind.HANDED_OFF,
    EventKind.APPROVAL_REQUESTED,
    EventKind.TAKEN_OVER,
    EventKind.APPROVAL_DECIDED,
    EventKind.HANDED_BACK,
)
"""What the ledger must hold in this order."""

PRESSED = (
    ("Alt+t", "conversation.take_over", "", ""),
    ("Alt+h", "handling.change", "", ""),
    ("Alt+u", "escalation.label", "", ""),
    ("Alt+n", "note.write", "Private note", "called the warehouse"),
    ("Alt+1", "suggestion.use", "", ""),
    ("Alt+w", "handling.change", "", ""),
    ("Alt+b", "conversation.hand_back", "Note for the assistant", "all said"),
)
"""Key, what it does, the field that is filled before, and with what."""

Join = Callable[[str, str], Visit]


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as it is before anybody has said anything."""
    folder = played_poc(tmp_path_factory, "three")
    for kept in (folder / ".workbench").glob("store*"):
        kept.unlink()
    return folder


@pytest.fixture(scope="module")
def served(serve, poc: Path) -> str:
    return serve(poc)


@pytest.fixture
def join(browser, served: str) -> Iterator[Join]:
    """Opens a page in a browser session of its own, under somebody's name if they work here."""
    contexts = []

    def visit(path: str, name: str = "") -> Visit:
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 900}))
        opened = Visit(contexts[-1].new_page(), served)
        opened.open(path)
        if name:
            box = opened.tab.get_by_label("Your name")
            box.fill(name)
            box.press("Enter")
            opened.settle()
        return opened

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def workbench(poc: Path) -> Iterator[Workbench]:
    """The same POC as the app's, opened beside it."""
    with open_workbench(poc) as opened:
        yield opened


def write(visit: Visit, text: str) -> None:
    box = visit.tab.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    visit.settle()


def sees(visit: Visit, words: str) -> None:
    """Without doing anything."""
    visit.tab.get_by_test_id("stMain").get_by_text(words).first.wait_for(timeout=SOON)


def press(visit: Visit, key: str) -> None:
    visit.tab.keyboard.press(key)
    visit.settle()


def counts(visit: Visit, metric: str, number: int) -> None:
    """Without doing anything."""
    cell = visit.tab.get_by_test_id("stMetric").filter(has_text=metric)
    cell.get_by_text(str(number), exact=True).wait_for(timeout=SOON)


def test_three_people_bring_one_escalation_to_its_end(join, workbench):
    agent = join("review", "ana")
    supervisor = join("review?view=Approvals", "sam")
    assert "Nothing waits" in agent.words and "No approval waits" in supervisor.words

    customer = join(f"try_it?customer={CUSTOMER}&channel=portal", "")
    write(customer, CLAIM)
    (row,), (asked,) = workbench.inbox(), workbench.approvals()
    talk = row.conversation_id

    # The agent sees it come, takes it, and begins to write.
    sees(agent, "authority limit")
    agent.settle()
    press(agent, "Alt+t")
    sees(agent, "ana: working")
    write(customer, "Hello? Is anybody there?")
    assert "the assistant stays silent" in customer.words
    sees(agent, "Is anybody there?")
    reply = agent.tab.get_by_label("Your reply to the customer")
    reply.press_sequentially(HALF)

    # The supervisor sees the exact action and approves it; the agent's half reply stays.
    sees(supervisor, f"Credit {asked.action.amount}")
    assert f"revision {asked.record_revision} of invoice INV-1025" in supervisor.words
    supervisor.tab.get_by_label("Reason").fill("delivery note checked")
    press(supervisor, "Alt+a")
    sees(supervisor, "approved by sam, and done")
    counts(agent, "Approvals", 0)
    assert reply.input_value() == HALF
    reply.press_sequentially(REST)
    press(agent, "Alt+s")
    assert reply.input_value() == ""
    sees(customer, HALF + REST)

    # The agent hands back; the assistant answers the customer again.
    agent.tab.get_by_label("Note for the assistant and the record").fill("credited, done")
    press(agent, "Alt+b")
    sees(agent, "the assistant speaks")
    counts(supervisor, "With people", 0)
    write(customer, "How much is open on INV-1025 now?")
    assert "the assistant stays silent" not in customer.words
    answer = workbench.conversation(talk).utterances[-1]
    assert answer.speaker == "assistant" and "INV-1025" in answer.text

    decided = workbench.verdicts.approval(asked.id)
    assert (decided.status, decided.decided_by) == (ApprovalStatus.APPROVED, "supervisor:sam")
    (note,) = workbench.systems.billing.account(workbench.service, "INV-1025").credit_notes
    assert note.amount == asked.action.amount.amount
    kinds = [event.kind for event in workbench.events(talk)]
    assert [kind for kind in kinds if kind in STEPS] == list(STEPS)
    assert workbench.verify().ok
    for visit in (customer, agent, supervisor):
        assert visit.elsewhere == [] and visit.tab.get_by_test_id("stException").count() == 0


def acted(workbench: Workbench, talk: str, operation: str) -> int:
    events = workbench.events(talk)
    return sum(1 for event in events if event.data.get("operation") == operation)


def test_every_act_on_a_conversation_works_by_key(join, workbench):
    talk = workbench.converse("C-1006", "A person, please", channel="portal").conversation_id
    agent = join(f"review?talk={talk}", "kim")
    for key, operation, field, text in PRESSED:
        before = acted(workbench, talk, operation)
        if field == "Private note":
            agent.tab.get_by_role("tab", name="Notes").click()
        if field:
            agent.tab.get_by_label(field).fill(text)
        press(agent, key)
        for _ in range(SOON // 100):
            if acted(workbench, talk, operation) > before:
                break
            agent.tab.wait_for_timeout(100)
        assert acted(workbench, talk, operation) > before, f"{key} did no {operation}"
        agent.settle()
    assert workbench.conversation(talk).speaker == "assistant"
