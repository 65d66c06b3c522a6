"""Text from outside is inert in the browser: nothing runs, nothing loads, every letter is shown."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from demo_poc import ROOT, played_poc
from visiting import Visit

from workbench import open_workbench
from workbench.store import Transaction
from workbench.systems.ports import CaseDraft

pytestmark = pytest.mark.browser

MARKDOWN = [
    "![x](https://evil.example/a.png)",
    "[click](https://evil.example)",
    "https://evil.example/auto and www.evil.example",
    "<img src='https://evil.example/b.png'>",
    ":material/home: :red[red] $x^2$ `code` **bold**",
    "| a | b |\n|---|---|\n| ![y](https://evil.example/c.png) | 2 |",
]
HOSTILE_CUSTOMER = {"id": "C-9001", "language": "en", "segment": "standard", "country": "GB"}
# Whatever a payload could turn into; the app itself has none of these in its main part.
FOREIGN = "script, iframe, object, embed, img[src*=evil], a[href*=evil], svg[onload], [onerror]"
A_MESSAGE, A_CONVERSATION = 25, 8


def payloads(most: int) -> list[str]:
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA") or ROOT / "../shared/data").resolve()
    path = folder / "security" / "xss" / "payloads.txt"
    if not path.exists():
        pytest.skip("no real data (WORKBENCH_REAL_DATA)")
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    return lines[:: max(len(lines) // most, 1)][:most]


def add_hostile_customer(poc: Path) -> None:
    named = {"name": MARKDOWN[0], "company": MARKDOWN[3]}
    with (poc / "records" / "customers.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(HOSTILE_CUSTOMER | named) + "\n")


def talk(poc: Path, texts: Sequence[str]) -> list[str]:
    """Conversations in which the customer says all of this, each ending with a person."""
    messages = ["\n".join(texts[i : i + A_MESSAGE]) for i in range(0, len(texts), A_MESSAGE)]
    ids = []
    with open_workbench(poc) as workbench:
        for start in range(0, len(messages), A_CONVERSATION):
            ids.append(f"conv-hostile-{start}")
            for text in [*messages[start : start + A_CONVERSATION], "a person, please"]:
                workbench.converse("C-9001", text, conversation_id=ids[-1], channel="portal")
    return ids


def complain(poc: Path, texts: Sequence[str]) -> str:
    """A case whose title, requests and history say all of this."""
    with open_workbench(poc) as workbench:
        said = workbench.converse("C-9001", "hello", channel="portal")
        person = workbench.person(texts[0])
        draft = CaseDraft(
            topic=texts[0],
            subject="order:hostile",
            title=texts[1],
            text="\n".join(texts),
            internal="\n".join(texts),
            requests=tuple(texts),
            promises=tuple(texts),
        )
        ticketing = workbench.systems.ticketing
        case, action = ticketing.open_case(person, "C-9001", draft, "hostile")
        workbench.store.commit(
            Transaction(
                principal=person,
                stream=said.conversation_id,
                request_id="hostile",
                actions=(action,),
            )
        )
        return case.id


def is_inert(visit: Visit) -> None:
    main = visit.tab.get_by_test_id("stMain")
    assert visit.dialogs == [] and visit.elsewhere == []
    assert main.locator(FOREIGN).count() == 0
    assert visit.tab.get_by_test_id("stText").locator("a, img, b, table, svg").count() == 0


def look_at_every_page(visit: Visit, ids: Sequence[str], case_id: str) -> None:
    for one in ids:
        for path in (f"conversation?id={one}", f"try_it?customer=C-9001&talk={one}"):
            visit.open(path)
            is_inert(visit)
    pages = ("review", "contacts", "tune?confidence=0.95&list=true", "")
    for path in (*pages, "case", f"case?id={case_id}"):
        visit.open(path)
        is_inert(visit)


@pytest.mark.parametrize(
    "most", [pytest.param(200, id="200"), pytest.param(10_000, marks=pytest.mark.full, id="all")]
)
def test_hostile_text_runs_nothing_and_loads_nothing(browser, serve, tmp_path_factory, most):
    texts = [*MARKDOWN, *payloads(most)]
    poc = played_poc(tmp_path_factory, f"hostile-{most}")
    add_hostile_customer(poc)
    ids, case_id = talk(poc, texts), complain(poc, MARKDOWN)
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    visit = Visit(context.new_page(), serve(poc))
    look_at_every_page(visit, ids, case_id)
    visit.open(f"conversation?id={ids[0]}")
    visit.tab.get_by_text("evil.example/a.png").first.wait_for()
    assert [text for text in MARKDOWN[:4] if text not in visit.words] == []
    context.close()
    print(f"\n{len(texts)} hostile strings on {2 * len(ids) + 6} pages: inert")
