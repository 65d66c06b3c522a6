"""Where to start next, as everybody asks for it: `workbench.friction`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.front.part import Part

if TYPE_CHECKING:
    from workbench.improve.friction import By, FrictionMap
    from workbench.improve.gaps import Gaps
    from workbench.improve.second_look import SecondLook
    from workbench.improve.topics import Topics
    from workbench.systems.knowledge import ArticleSearch


class Friction(Part):
    """The friction map, missing articles and the second look."""

    def map(self, by: By = "intent", topics: int | None = None, **restrict: Any) -> FrictionMap:
        """What contacts are about, where it hurts and where to start.

        See `improve.friction`.

        Args:
            by: `intent` as recorded, or `topic` found in the first words.
            topics: number of topics; None: as many as the messages fall into.
            restrict: `since`, `until`, `phase`, `where`, as for KPIs.
        """
        from workbench.improve.friction import friction_map, group_contacts
        from workbench.improve.friction_facts import facts_of_contacts

        bench = self.workbench
        facts = facts_of_contacts(bench.history.connection(), bench.settings, **restrict)
        return friction_map(
            group_contacts(facts, by, topics), self._answers, bench.settings.cost.currency
        )

    def map_of_file(self, path: Path, topics: int | None = None) -> FrictionMap:
        """The same by topic for a CSV of messages, each as costly as a usual contact."""
        from workbench.improve.friction import friction_map, group_contacts
        from workbench.improve.friction_facts import facts_of_messages, usual_people_s
        from workbench.improve.messages import read_messages

        bench = self.workbench
        facts = facts_of_messages(read_messages(path), usual_people_s(bench.history.connection()))
        return friction_map(
            group_contacts(facts, "topic", topics), self._answers, bench.settings.cost.currency
        )

    def topics(self, path: Path, count: int | None = None) -> Topics:
        """What the messages of a CSV file are about; see `improve.topics.find_topics`."""
        from workbench.improve.messages import read_messages
        from workbench.improve.topics import find_topics

        return find_topics([text for text, _ in read_messages(path)], count)

    def gaps(self, path: Path | None = None, **restrict: Any) -> Gaps:
        """Questions of history, or of a CSV file, that no article answers; see `improve.gaps`."""
        from workbench.improve.friction_facts import questions_of_contacts
        from workbench.improve.gaps import counted, missing_articles
        from workbench.improve.messages import read_messages

        asked = (
            read_messages(path)
            if path
            else questions_of_contacts(self.workbench.history.connection(), **restrict)
        )
        return missing_articles(counted(asked), self._articles)

    def second_look(self, path: Path | None = None) -> SecondLook:
        """What customers really wanted, in the ledger's conversations and in transcripts.

        Args:
            path: transcripts as Parquet or CSV; None: those of the POC folder, where it has some.
        """
        from workbench.improve.second_look import second_look
        from workbench.improve.transcripts import read_transcripts, transcript_of

        bench = self.workbench
        kept = bench.folder.root / "transcripts.parquet"
        imported = read_transcripts(path or kept) if path or kept.exists() else ()
        talked = [transcript_of(bench.conversation(row.id)) for row in bench.conversations()]
        return second_look([*imported, *talked], bench.assistant.triage.read)

    def _answers(self, text: str, language: str) -> bool:
        return bool(self._articles.search(text, language=language, limit=1))

    @cached_property
    def _articles(self) -> ArticleSearch:
        """The search itself: thousands of questions do not wait at the gate of a conversation."""
        from workbench.systems.knowledge import ArticleSearch

        folder = self.workbench.folder
        return ArticleSearch.build(folder.knowledge, folder.state / "knowledge")
