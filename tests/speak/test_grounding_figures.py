"""How much the grounding check lets through and how much it blocks: figures, printed."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from drafts import STORIES, Draft, rephrased, rephrasings, told
from mutants import DIGIT_MUTATIONS, Mutation, spelled_out

from workbench.speak.catalogue import catalogue, languages
from workbench.speak.grounding import check

WORDINGS = rephrasings()


def true_replies(count: int, random: Random) -> list[Draft]:
    """Template replies and model-like ones, half and half, in four languages."""
    return [
        told(random.choice(STORIES), random, random.choice(languages()))
        if number % 2
        else rephrased(random.choice(WORDINGS), random)
        for number in range(count)
    ]


def mutants(
    mutations: dict[str, Mutation], wanted: int, random: Random
) -> list[tuple[str, Draft, str]]:
    """False replies: kind, what the truth was, the false text."""
    found = []
    while len(found) < wanted:
        for draft in true_replies(50, random):
            for kind, mutate in mutations.items():
                text = mutate(draft, random)
                if text is not None and text != draft.text:
                    found.append((kind, draft, text))
    return found[:wanted]


def delivered(found: list[tuple[str, Draft, str]]) -> list[tuple[str, str]]:
    """The mutants in which nothing was found."""
    return [
        (kind, text)
        for kind, draft, text in found
        if not check(text, draft.statements, draft.language)
    ]


def test_no_wrong_figure_is_delivered() -> None:
    found = mutants(DIGIT_MUTATIONS, 2_000, Random(2026))
    through = delivered(found)
    kinds = dict(sorted(Counter(kind for kind, _, _ in found).items()))
    print(f"\nungrounded figures delivered: {len(through)} of {len(found)} mutants {kinds}")
    assert through == []


def test_wrong_figures_in_words_are_caught() -> None:
    found = mutants({"spelled out": spelled_out}, 1_000, Random(2027))
    caught = len(found) - len(delivered(found))
    print(f"\nspelled-out figures caught: {caught} of {len(found)}")
    assert caught >= 0.95 * len(found)


def test_no_phrase_of_the_catalogue_is_blocked() -> None:
    random = Random(2028)
    replies = [
        told([key], random, language)
        for language in languages()
        for key in catalogue(language).phrases
        if not key.endswith(".row")
        for _ in range(2)
    ]
    blocked = [r.text for r in replies if check(r.text, r.statements, r.language)]
    print(f"\ntrue template replies blocked: {len(blocked)} of {len(replies)}")
    assert blocked == []


def test_hardly_any_true_reply_of_a_model_is_blocked() -> None:
    random = Random(2029)
    replies = [rephrased(wording, random) for wording in WORDINGS for _ in range(12)]
    blocked = [r.text for r in replies if check(r.text, r.statements, r.language)]
    print(f"\ntrue model-like replies blocked: {len(blocked)} of {len(replies)}")
    assert len(blocked) <= 0.01 * len(replies)


def test_a_reply_is_checked_within_five_milliseconds() -> None:
    replies = true_replies(300, Random(2030))
    for reply in replies[:40]:  # the patterns of each language are built once
        check(reply.text, reply.statements, reply.language)
    times = sorted(_milliseconds(reply) for reply in replies)
    middle, slow = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"\nmilliseconds per reply: median {middle:.2f}, 95th percentile {slow:.2f}")
    assert middle <= 5


def _milliseconds(reply: Draft) -> float:
    started = time.perf_counter()
    check(reply.text, reply.statements, reply.language)
    return (time.perf_counter() - started) * 1000


@pytest.mark.full
def test_no_wrong_figure_is_delivered_in_a_long_run() -> None:
    found = mutants(DIGIT_MUTATIONS, 40_000, Random(7))
    through = delivered(found)
    print(f"\nungrounded figures delivered: {len(through)} of {len(found)} mutants")
    assert through == []
