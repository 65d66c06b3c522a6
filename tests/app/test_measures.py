"""Outcome, Contacts and Tune show what the workbench measures, and nothing of their own."""

from __future__ import annotations

import pytest

from workbench.measure.tables import format_value

CARDS = (
    "resolution_assumed",
    "containment",
    "aht",
    "csat",
    "cost_per_contact",
    "wrong_automation",
)


def values(shown) -> dict[str, str]:
    return {metric.label: metric.value for metric in shown.metric}


def test_the_six_cards_show_what_the_workbench_measures(open_page, workbench):
    report = workbench.kpis(phase="pilot", metrics=CARDS)
    shown = values(open_page("outcome"))
    for name in CARDS:
        kpi = report.get(name)
        assert shown[kpi.title] == format_value(kpi.value, kpi.unit, report.currency)


def test_the_headline_carries_value_interval_and_baseline(open_page, workbench):
    kpi = workbench.kpis(phase="pilot", metrics=["resolution_assumed"]).get("resolution_assumed")
    headline = next(m.value for m in open_page("outcome").markdown if "95 % sure" in m.value)
    for figure in (kpi.value, kpi.low, kpi.high, kpi.baseline):
        assert format_value(figure, "share") in headline


def test_the_period_of_the_bar_counts_on_every_figure(open_page, workbench):
    before = workbench.kpis(phase="baseline", metrics=["aht"]).get("aht")
    shown = values(open_page("outcome", period="Before launch"))
    assert shown["Average handle time"] == format_value(before.value, "s")


def test_without_a_comparison_no_change_is_claimed(open_page):
    shown = open_page("outcome", against="Nothing")
    assert {metric.delta for metric in shown.metric} == {"not compared"}


def test_the_table_by_intent_adds_up_to_the_total(open_page, workbench):
    report = workbench.kpis(phase="pilot", metrics=["resolution_assumed"])
    table = open_page("outcome").dataframe[0].value
    assert table["contacts"].sum() == report.get("resolution_assumed").n


def test_the_contacts_behind_a_number_are_those_that_it_counts(open_page, workbench):
    wrong = workbench.kpis(phase="pilot", metrics=["wrong_automation"]).get("wrong_automation")
    shown = open_page("contacts", metric="wrong_automation", hits="true")
    table = shown.dataframe[0].value
    assert len(table) == wrong.numerator
    assert set(table["answer"]) == {"wrong"}


def test_contacts_can_be_narrowed_to_an_intent_and_a_week(open_page):
    shown = open_page("contacts", metric="automation_share", intent="invoice_copy")
    assert set(shown.dataframe[0].value["intent"]) == {"invoice_copy"}
    all_weeks = len(shown.dataframe[0].value)
    week = shown.selectbox(key="week").options[2]
    one_week = len(shown.selectbox(key="week").set_value(week).run().dataframe[0].value)
    assert 0 < one_week < all_weeks


def test_a_filter_that_leaves_nothing_says_so(open_page):
    shown = open_page("contacts", metric="wrong_automation", intent="ask_person", hits="true")
    assert shown.info and not shown.dataframe


def test_a_threshold_moves_automation_as_the_replay_says(open_page, workbench):
    shown = open_page("tune")
    before = values(shown)
    assert shown.info, "says to move a slider"
    moved = shown.slider(key="confidence").set_value(0.95).run()
    moved = moved.toggle(key="list").set_value(True).run()
    after = values(moved)
    assert after["Automated"] != before["Automated"]
    report = workbench.replay({"confidence": 0.95})
    share = report.kpi("automation_share").after.low
    assert after["Automated"] == format_value(share, "share")
    assert any(f"**{report.changed:,}**" in m.value for m in moved.markdown)
    assert "--set confidence=0.95" in moved.code[0].value
    assert all(" → " in level for level in moved.dataframe[0].value["level"])


@pytest.mark.parametrize(
    ("key", "setting"),
    [("low", "threshold.stakes.low"), ("own-greeting", "threshold.intent.greeting")],
)
def test_thresholds_of_stakes_and_intents_can_be_moved(open_page, workbench, key, setting):
    shown = open_page("tune").slider(key=key).set_value(1.0).run()
    share = workbench.replay({setting: 1.0}).kpi("automation_share").after.low
    assert values(shown)["Automated"] == format_value(share, "share")


def test_a_hard_rule_can_be_switched_off(open_page, workbench):
    shown = open_page("tune").multiselect(key="off").set_value(["wants-a-person"]).run()
    share = workbench.replay({"rule.wants-a-person": "off"}).kpi("automation_share").after.low
    assert values(shown)["Automated"] == format_value(share, "share")


def test_the_address_carries_a_proposal(open_page, workbench):
    shown = open_page("tune", confidence="0.95", over="Since launch")
    where = {"phase": "pilot"}
    share = workbench.replay({"confidence": 0.95}, where=where).kpi("automation_share").after.low
    assert values(shown)["Automated"] == format_value(share, "share")


def test_trying_thresholds_changes_no_policy(open_page, workbench):
    before = workbench.policy.version
    open_page("tune", confidence="0.95")
    assert any(before in one.value for one in open_page("govern").caption)
