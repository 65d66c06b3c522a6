"""The only place where things are wired: settings -> store, systems, triage -> Workbench."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta
from pathlib import Path

from workbench.building import article_search, bring_in_records, fitted_triage
from workbench.config import Settings
from workbench.decide.policy import Policy, load_policy
from workbench.flows.assistant import Assistant
from workbench.flows.own import all_flows
from workbench.flows.trials import Trials
from workbench.flows.turn import Surroundings
from workbench.front import Workbench
from workbench.intake.sinks import ImportTarget
from workbench.intake.sources import import_sources
from workbench.people.adapting import AdaptedPolicy
from workbench.people.presence import Attendance
from workbench.people.routing import load_routing
from workbench.poc import PocFolder
from workbench.records.authority import Authority
from workbench.records.base import Clock, Ids, RunningClock, SystemClock
from workbench.speak.writer import TemplateWriter, Writer
from workbench.store.store import Store
from workbench.systems.local import local_systems
from workbench.systems.ports import Knowledge
from workbench.triage.labelled import read_folder
from workbench.triage.ports import MessageReader


def open_workbench(
    folder: str | Path = "sample_data",
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    store_url: str = "",
    state: Path | None = None,
    settings: Settings | None = None,
    policy: Policy | None = None,
    triage: MessageReader | None = None,
    knowledge: Knowledge | None = None,
    faults: Mapping[str, str] | None = None,
    writer: Writer | None = None,
    records: bool = True,
) -> Workbench:
    """Open a POC folder and everything it needs.

    The first opening builds what is missing: the triage model from the labelled messages, the
    index over the articles, the store from the folder's records. Later ones find it all done.

    Args:
        clock: Where `now` comes from; by default the machine's, or as the settings say.
        ids: Fresh identifiers; random by default.
        store_url: SQLAlchemy URL that overrides the settings.
        state: Where the workbench keeps its own files; `.workbench` in the folder by default.
        settings: Settings to use instead of the folder's own.
        policy: A policy, likewise.
        triage: A fitted model, to share one between several workbenches.
        knowledge: An article search, likewise.
        faults: System name -> `unavailable`, to see what happens then; may change later.
        writer: Who words the replies; by default templates, or the model the settings name.
        records: Whether to bring the folder's own records into the store.

    Raises `ConfigError` for a folder that is no POC or holds a wrong file.
    """
    poc = PocFolder.at(folder, state)
    settings, policy = settings or poc.settings(), policy or load_policy(poc.policy)
    clock, ids = clock or clock_of(settings), ids or Ids()
    url = store_url or poc.store_url(settings)
    store = Store.open(url, clock=clock, ids=ids, authority=_authority(policy, settings))
    systems = local_systems(store, settings, clock, knowledge or article_search(poc), faults=faults)
    rules = load_routing(poc.routing, settings.queues)
    attendance = Attendance(store, rules, clock, settings.store.tenant)
    assistant = assistant_of(
        poc,
        Surroundings(systems, settings, policy, clock, attendance),
        store,
        ids,
        triage or reader_of(settings, poc),
        writer or writer_of(settings),
    )
    workbench = Workbench(
        poc, settings, policy, store, systems, assistant, clock, ids, open_workbench
    )
    if records:
        bring_in_records(poc, store, workbench.service)
        import_sources(ImportTarget(poc, store, workbench.service), settings)
    return workbench


def _authority(policy: Policy, settings: Settings) -> Authority:
    """What the store holds every act to: the policy's limits, and the settings' reopening days."""
    window = timedelta(days=settings.sla.reopen_days)
    return policy.authority.model_copy(update={"reopen_window": window})


def assistant_of(
    poc: PocFolder,
    around: Surroundings,
    store: Store,
    ids: Ids,
    triage: MessageReader,
    writer: Writer,
) -> Assistant:
    """The assistant with the flows of the package and of the POC."""
    settings, intents = around.settings, poc.intent_rows()
    tenant = settings.store.tenant
    return Assistant(
        around=around,
        store=store,
        triage=triage,
        writer=writer,
        flows=all_flows(poc, settings.flows, intents),
        intents=intents,
        ids=ids,
        trials=Trials(store, around.policy, poc.root, tenant),
        adapted=AdaptedPolicy(around.policy, store, tenant),
        tenant=tenant,
    )


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or one that starts when the POC's data is current."""
    if settings.today is None:
        return SystemClock()
    return RunningClock(settings.today.astimezone(UTC))


def reader_of(settings: Settings, poc: PocFolder) -> MessageReader:
    """The reader of the POC's messages, with the model's help where the settings ask for it."""
    keyless = fitted_triage(poc)
    if not settings.model.classify:
        return keyless
    from workbench.speak.model_reader import model_reader

    labelled = read_folder(poc.labelled)
    return model_reader(settings.model, keyless, labelled, poc.intent_rows(), poc.state)


def writer_of(settings: Settings) -> Writer:
    """Templates, or the model that the settings name with templates to fall back to."""
    if not settings.model.base_url:
        return TemplateWriter()
    from workbench.speak.model_writer import model_writer

    return model_writer(settings.model)
