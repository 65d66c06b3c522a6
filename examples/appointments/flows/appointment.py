"""Appointments: a visit is moved to another day once the dispatcher has confirmed it.

Visits are open cases with the topic `appointment`.
"""

from __future__ import annotations

from datetime import date

from workbench.flows import facts
from workbench.flows.turn import Turn
from workbench.records.cases import Case
from workbench.records.decisions import HandOffReason, Level


def appointment(turn: Turn) -> None:
    """Which visit, which day; then the wish is on the visit's case, and nothing is promised."""
    turn.need_identity()
    named = [day for day in turn.entities.dates if day > turn.today()]
    if named:
        turn.remember("day", named[0].isoformat())
    visit, day = the_visit(turn), the_day(turn)
    decision = turn.decide("appointment.move")
    if decision.level is not Level.AUTOMATE:
        turn.hand_off(decision.reason or HandOffReason.POLICY_RESTRICTION)
    wish = f"Wants the visit on {day:%d %B %Y}: {turn.request.text}"
    key = turn.key("move", visit.id, day.isoformat())
    turn.act(turn.systems.ticketing.append(turn.principal, visit, wish, key))
    turn.say("detail_change.requested", **facts.about_case(visit, turn.customer.time_zone))


def the_visit(turn: Turn) -> Case:
    """The visit that is named, or the only one; who has none talks to a person."""
    visits = [case for case in turn.cases() if case.is_open and case.topic == "appointment"]
    if not visits:
        turn.say("case.none")
        turn.hand_off(HandOffReason.OTHER, next_step="Find the visit that the customer means")
    named = {visits[n - 1].id for n in turn.entities.ordinals if 0 < n <= len(visits)}
    named |= set(turn.entities.case_numbers) & {visit.id for visit in visits}
    if len(named) == 1:
        turn.remember("visit", named.pop())
    chosen = [visit for visit in visits if visit.id == turn.known("visit")] or visits
    if len(chosen) > 1:
        rows = tuple(facts.about_case(visit, turn.customer.time_zone) for visit in visits)
        turn.ask("case", "case.choose", rows)
    return chosen[0]


def the_day(turn: Turn) -> date:
    """The first day to come that the customer named; asked for in the words of our article."""
    if not turn.known("day"):
        search = turn.systems.knowledge.search
        found = turn.read("knowledge.search", lambda: search("move an appointment"))
        if not found:
            turn.hand_off(HandOffReason.MISSING_KNOWLEDGE)
        best = found[0]
        cited = facts.passage("passage", best.text, best.title, best.source)
        turn.ask("text", "knowledge.answer", passage=cited)
    return date.fromisoformat(turn.known("day"))
