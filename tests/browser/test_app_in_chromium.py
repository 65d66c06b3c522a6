"""The app as a visitor sees it: the three flows, the slider's speed, no other host, pictures."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from visiting import Visit

pytestmark = pytest.mark.browser

SCREENS = ["", "try_it", "review", "tune", "govern", "contacts", "conversation", "case", "about"]
PICTURES = os.environ.get("WORKBENCH_PICTURES")
"""Where to keep the pictures, e.g. `docs/screenshots`; a temporary folder by default."""
NUMBER_MS, CHARTS_MS, FIRST_PAGE_S = 100, 350, 10
BUSY = 3
"""How many times slower other work on the machine may make it; the promises are for a quiet one."""


def write(visit, text: str) -> None:
    box = visit.tab.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    visit.settle()


def play(visit, script: str) -> None:
    visit.tab.get_by_test_id("stMain").get_by_text(script, exact=True).first.click()
    visit.settle()


def test_the_first_page_stands_soon_after_the_first_visit(visit):
    begun = time.perf_counter()
    visit.open()
    visit.tab.get_by_text("95 % sure").first.wait_for()
    took = time.perf_counter() - begun
    print(f"\nfirst page: {took:.1f} s")
    assert took < FIRST_PAGE_S * BUSY


def test_invoice_inquiry_is_answered_with_its_evidence(visit):
    visit.open("try_it?customer=C-1001")
    write(visit, "How much is open on INV-1001?")
    assert "INV-1001" in visit.words and "Evidence" in visit.words
    assert "automate: the assistant alone" in visit.words


def test_case_management_opens_a_case_and_tells_its_status(visit):
    visit.open("try_it")
    play(visit, "Open a case, ask for it")
    assert "CASE-" in visit.words


def test_escalation_reaches_a_person_who_sees_the_packet(visit):
    visit.open("try_it?customer=C-1004")
    visit.tab.get_by_text("Ask for a person").click()
    visit.settle()
    assert "escalate: a person" in visit.words and "Hand-off to" in visit.words
    visit.open("review")
    assert "C-1004" in visit.words


def test_no_page_asks_another_host_and_none_shows_a_trace(visit):
    for screen in SCREENS:
        visit.open(screen)
        assert visit.tab.get_by_test_id("stException").count() == 0, screen
    assert visit.elsewhere == []


def test_a_deep_link_opens_for_the_first_visitor(browser, address, visit):
    visit.open("tune?confidence=0.9")
    assert "--set confidence=0.9" in visit.words


# Times of a change as the page sees it: the number as text, the last chart as drawn.
WATCH = """() => {
  window.watcher?.disconnect();
  window.seen = {};
  const main = document.querySelector('[data-testid=stMain]');
  const number = () => main.querySelector('[data-testid=stMetricValue]').innerText;
  const charts = () => [...main.querySelectorAll('.js-plotly-plot')].map(
    chart => chart.querySelector('.plot')?.innerHTML).join();
  const before = {number: number(), charts: charts()};
  window.watcher = new MutationObserver(() => {
    const now = performance.now() - window.moved;
    if (number() !== before.number && !window.seen.number) window.seen.number = now;
    const drawn = charts();
    if (drawn !== before.charts) { window.seen.charts = now; before.charts = drawn; }
  });
  window.watcher.observe(
    main, {subtree: true, childList: true, characterData: true, attributes: true});
  window.timed ??= window.addEventListener(
    'keydown', () => { window.moved = performance.now(); }, true) ?? true;
}"""


def test_a_slider_moves_number_and_charts_at_once(visit):
    visit.open("tune?confidence=0.93")
    thumb = visit.tab.get_by_role("slider", name="Default")
    thumb.focus()
    thumb.press("ArrowRight")
    visit.settle()
    timed = []
    for _ in range(7):
        visit.tab.evaluate(WATCH)
        thumb.press("ArrowLeft")
        visit.settle()
        timed.append(visit.tab.evaluate("window.seen"))
    numbers = sorted(one["number"] for one in timed if "number" in one)
    charts = sorted(one["charts"] for one in timed if "charts" in one)
    assert numbers and charts, json.dumps(timed)
    number, chart = numbers[len(numbers) // 2], charts[len(charts) // 2]
    print(f"\nslider to number {number:.0f} ms, to the last chart {chart:.0f} ms (medians)")
    assert number < NUMBER_MS * BUSY and chart < CHARTS_MS * BUSY, json.dumps(timed)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("outcome", ""),
        ("try-it", "try_it"),
        ("review", "review"),
        ("tune", "tune?confidence=0.9"),
        ("outcome-dark", ""),
    ],
)
def test_pictures_of_the_pages_for_the_readme(browser, address, name, path, tmp_path):
    scheme = "dark" if name.endswith("dark") else "light"
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    visit = Visit(context.new_page(), address)
    visit.open(path)
    if name == "try-it":
        play(visit, "Disputed line")
    visit.tab.wait_for_timeout(500)
    picture = Path(PICTURES or tmp_path) / f"{name}.png"
    visit.tab.screenshot(path=picture)
    context.close()
    assert 20_000 < picture.stat().st_size < 250_000
