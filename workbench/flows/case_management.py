"""Case management: open without duplicating, tell the status, add, reopen, subscribe, close."""

from __future__ import annotations

from datetime import timedelta

from workbench.flows import facts
from workbench.flows.finding import content_words, the_case, the_cases
from workbench.flows.turn import Turn
from workbench.govern.case_life import followed, may_come_back
from workbench.records.actions import Action
from workbench.records.cases import Case, CaseStatus, Degree, Grade, Subscription
from workbench.records.customers import ContactPoint
from workbench.records.evidence import Fact
from workbench.systems.ports import CaseDraft


def case_management(turn: Turn) -> None:
    """A case exists once, tells its truth, and is closed only when nothing is open any more."""
    turn.need_identity()
    _ASKED[turn.request.intent](turn)


def open_new(turn: Turn) -> None:
    """An open case on the same subject is appended to; otherwise number, next step and time."""
    topic = "call_back" if turn.entities.wants_call else "complaint"
    subject = _subject(turn)
    same = next((c for c in turn.cases() if c.is_open and _same_concern(turn, c, subject)), None)
    thread = turn.conversation.case_id if not same else ""
    case, new = turn.open_case(
        CaseDraft(
            topic=topic,
            subject=same.subject if same else subject,
            title=turn.request.text[:80],
            text=turn.request.text,
            impact=_impact(turn),
            urgency=_urgency(turn),
            queue=turn.settings.queues.by_flow.get("case_management", "cases"),
            requests=(turn.request.text,),
            promises=("call back",) if topic == "call_back" else (),
            parent_id=thread,
        )
    )
    key = "case.exists" if not new else "case.new_topic" if thread else "case.opened"
    turn.say(key, **_about(turn, case))


def status(turn: Turn) -> None:
    """The status from the record, in plain words; internal entries never appear."""
    for case in the_cases(turn):
        _tell(turn, case)


def _tell(turn: Turn, case: Case) -> None:
    about = _about(turn, case)
    key = {
        CaseStatus.WAITING: "case.waiting",
        CaseStatus.SOLVED: "case.solved",
        CaseStatus.CLOSED: "case.closed",
    }.get(case.status, "case.status")
    entries = turn.read(
        "case.read", lambda: turn.systems.ticketing.entries(turn.principal, case.id), case.id
    )
    ours = [e for e in entries if not e.actor.startswith("customer")]
    if ours and key == "case.waiting":
        source = facts.from_case(case, "entries")
        about["question"] = facts.wording("question", ours[-1].text, source)
    turn.say(key, **about)


def update(turn: Turn) -> None:
    """Add to a case; a reply to a solved one opens it again, a new topic becomes a new case."""
    case = the_case(turn)
    if not case.is_open:
        _open_again(turn, case)
        return
    if case.status is CaseStatus.WAITING:
        _change(turn, case, case.model_copy(update={"status": CaseStatus.OPEN}), "answered")
    key = turn.key("append", case.id, str(turn.conversation.revision))
    turn.act(turn.systems.ticketing.append(turn.principal, case, turn.message_text, key))
    turn.say("case.updated", **_about(turn, case))


def reopen(turn: Turn) -> None:
    """Open a solved case again; past the closing window, a linked follow-up."""
    case = the_case(turn)
    if case.is_open:
        update(turn)
    else:
        _open_again(turn, case)


def subscribe(turn: Turn) -> None:
    """Updates go to a verified contact only; one message per change."""
    case = the_case(turn)
    points = [p for p in turn.customer.contact_points if p.verified and p.kind != "postal"]
    if not points:
        turn.say("copy.no_contact")
        return
    point = _chosen(turn, points)
    about = _about(turn, case)
    if point is None:
        rows = tuple({"to": _to(turn, p)} for p in points)
        turn.ask("channel", "case.sub_ask_channel", rows, **about)
    turn.act(_subscription(turn, case, point, active=True))
    turn.say("case.subscribed", to=_to(turn, point), **about)


def unsubscribe(turn: Turn) -> None:
    case = the_case(turn)
    for point in turn.customer.contact_points:
        if point.kind != "postal":
            turn.act(_subscription(turn, case, point, active=False))
    turn.say("case.unsubscribed", **_about(turn, case))


def close(turn: Turn) -> None:
    """Closing needs every request answered and no promise open; the grade is kept."""
    case = the_case(turn)
    about = _about(turn, case)
    if case.status is CaseStatus.CLOSED:
        turn.say("case.closed", **about)
        return
    left = [r for r in case.requests if r not in case.answered] + list(case.promises)
    if left:
        source = facts.from_case(case, "requests")
        rows = tuple({"request": facts.wording("open", text, source)} for text in left)
        turn.say("case.cannot_close", rows, **about)
        return
    closed = _after(turn, case, status=CaseStatus.CLOSED, grade=Grade.CONFIRMED)
    _change(turn, case, closed, "close")
    turn.say("case.closed", **_about(turn, closed))


_ASKED = {
    "case_open": open_new,
    "case_status": status,
    "case_update": update,
    "case_reopen": reopen,
    "case_subscribe": subscribe,
    "case_unsubscribe": unsubscribe,
    "case_close": close,
}


# Opening


def _subject(turn: Turn) -> str:
    """What a new case is about: the invoice or order named, else this conversation's words."""
    said = turn.entities
    if said.invoice_numbers:
        return f"invoice:{said.invoice_numbers[0]}"
    if said.order_numbers:
        return f"order:{said.order_numbers[0]}"
    return f"conversation:{turn.conversation.id}:{turn.request.id}"


def _same_concern(turn: Turn, case: Case, subject: str) -> bool:
    """The same thing by its key, or a complaint told again in much the same words."""
    if case.subject == subject or case.subject.startswith(f"{subject}:"):
        return True
    if not case.subject.startswith("conversation:") or case.id == turn.conversation.case_id:
        return False
    told, known = content_words(turn.request.text), content_words(case.title)
    shared = len(told & known)
    return shared >= 2 and shared >= min(len(told), len(known)) / 2


def _impact(turn: Turn) -> Degree:
    """How much stands still, as the customer tells it; tone does not enter."""
    if turn.entities.standstill:
        return Degree.HIGH
    return Degree.MEDIUM if turn.customer.segment == "key_account" else Degree.LOW


def _urgency(turn: Turn) -> Degree:
    """Urgency comes from deadlines and effects that the customer names, not from the tone."""
    if turn.entities.standstill or turn.signals.urgency >= 0.7:
        return Degree.HIGH
    return Degree.MEDIUM if turn.signals.urgency >= 0.35 else Degree.LOW


# Changing


def _open_again(turn: Turn, case: Case) -> None:
    """Within the window the same case, afterwards a follow-up that is linked to it."""
    window = timedelta(days=turn.settings.sla.reopen_days)
    if case.status is not CaseStatus.CLOSED and may_come_back(case, turn.now(), window):
        again = _after(turn, case, status=CaseStatus.OPEN)
        _change(turn, case, again, "reopen")
        key = turn.key("append", case.id, str(turn.conversation.revision))
        turn.act(turn.systems.ticketing.append(turn.principal, case, turn.message_text, key))
        turn.say("case.reopened", **_about(turn, again))
        return
    follow_up, _ = turn.open_case(
        CaseDraft(
            topic=case.topic,
            subject=f"{case.subject}:after:{case.id}",
            title=f"Follow-up of {case.id}: {case.title}"[:120],
            text=turn.message_text,
            impact=case.impact,
            urgency=case.urgency,
            queue=case.queue,
            requests=(turn.request.text,),
            parent_id=case.id,
        )
    )
    source = facts.from_case(follow_up, "parent_id")
    parent = facts.reference("earlier case", case.id, source)
    turn.say("case.follow_up", **_about(turn, follow_up) | {"parent": parent})


def _after(turn: Turn, case: Case, **changes: object) -> Case:
    """The case after a change, with what the store will have follow from it."""
    wished = case.model_copy(update=changes)
    return followed(case, wished, turn.principal.role, turn.now())


def _change(turn: Turn, before: Case, after: Case, what: str) -> None:
    key = turn.key(what, before.id, str(before.revision))
    turn.act(turn.systems.ticketing.change(turn.principal, before, after, key))


# Updates


def _chosen(turn: Turn, points: list[ContactPoint]) -> ContactPoint | None:
    """The verified contact that the customer names; the only one when there is just one."""
    said = {*turn.entities.emails, *turn.entities.phones}
    named = [p for p in points if p.value in said]
    kind = turn.entities.channel
    of_kind = [p for p in points if p.kind == kind] if kind else []
    return next(iter([*named, *of_kind, *(points if len(points) == 1 else [])]), None)


def _subscription(turn: Turn, case: Case, point: ContactPoint, *, active: bool) -> Action:
    wish = Subscription(
        case_id=case.id,
        customer_id=turn.customer.id,
        channel=point.kind.value,
        events=("status",),
        language=turn.entities.language or turn.conversation.language,
        quiet_from=turn.entities.quiet_hours[0] if turn.entities.quiet_hours else None,
        quiet_until=turn.entities.quiet_hours[1] if turn.entities.quiet_hours else None,
        active=active,
    )
    key = turn.key("subscribe" if active else "unsubscribe", case.id, point.kind.value)
    return turn.systems.ticketing.subscribe(turn.principal, wish, key)


def _to(turn: Turn, point: ContactPoint) -> Fact:
    return facts.wording(
        "contact on file", facts.veiled(point.value), turn.customer_source("contact")
    )


# Words


def _about(turn: Turn, case: Case) -> dict[str, Fact]:
    return facts.about_case(case, turn.customer.time_zone)
