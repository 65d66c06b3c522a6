"""Settings of a POC folder: `poc.toml` plus environment variables, checked key by key.

Precedence: environment (`WORKBENCH_STORE__URL=...`) over `poc.toml` over the defaults here.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.errors import ConfigError


class Section(BaseModel):
    """A part of the settings; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class StoreSettings(Section):
    url: str = ""
    """SQLAlchemy URL of the operational store; empty: SQLite in the POC's state folder."""
    tenant: str = "main"
    """The organisation whose data this POC works on."""


class HoursSettings(Section):
    """Business hours that SLA clocks and promises count in."""

    time_zone: str = "Europe/Berlin"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Working days, Monday is 0."""
    opens: time = time(9)
    closes: time = time(17)
    holidays: tuple[date, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA zone such as Europe/Berlin") from error
        return value


class SlaSettings(Section):
    """Targets in business minutes, per priority."""

    first_response_minutes: dict[str, int] = {"P1": 30, "P2": 60, "P3": 240, "P4": 480}
    next_response_minutes: dict[str, int] = {"P1": 30, "P2": 60, "P3": 240, "P4": 480}
    """From a customer's further message to the answer."""
    resolution_minutes: dict[str, int] = {"P1": 240, "P2": 480, "P3": 1440, "P4": 2400}
    renewed_minutes: dict[str, int] = {"P1": 60, "P2": 120, "P3": 240, "P4": 480}
    """From a broken promise to the new time that the customer is told."""
    warn_share: float = Field(default=0.25, ge=0, le=1)
    """Share of a target; with less than that left, the owner of the case is warned."""
    takes_over: dict[str, str] = {
        "legal": "legal",
        "security": "security",
        "safety": "safety",
        "care": "care",
    }
    """Queue -> queue that takes over when it breaks a promise; those that are not named go to
    `queues.next_level`. Matters that only their own people may see stay with them."""
    leads: dict[str, str] = {}
    """Queue -> name of the lead who is told of every promise that it breaks; `*` stands for all
    queues that are not named. Without a name, the queue that takes over is told."""
    reopen_days: int = 14
    """Days after `solved` in which a reply opens the same case again; later it is a follow-up."""


class IdentitySettings(Section):
    """How a customer proves who they are."""

    required: int = 2
    """Matching identifiers needed before anything is said about an invoice."""
    channel_proof: dict[str, tuple[str, ...]] = {
        "portal": ("customer_number", "sign_in"),
        "chat": ("customer_number",),
        "email": ("customer_number",),
        "phone": (),
    }
    """Identifiers that a channel itself proves, by channel: signed in on the portal is enough;
    in chat the account is claimed and one more identifier must match."""
    accepted: tuple[str, ...] = (
        "customer_number",
        "invoice_number",
        "email",
        "postcode",
        "phone",
        "order_number",
    )
    """Identifiers that the assistant may ask for and compare."""
    failures_allowed: int = 1
    """Mismatches before a person takes over."""


class CostSettings(Section):
    """What service costs, in the reporting currency."""

    currency: str = "EUR"
    human_hour: Decimal = Decimal("42.00")
    """Loaded hourly rate of a human agent."""
    concurrency: Decimal = Field(default=Decimal("1.0"), gt=0)
    """Contacts that one human agent handles at once."""
    supervision_share: Decimal = Decimal("0.08")
    """Supervision as a share of human minutes."""


class StaffingSettings(Section):
    """What people needed per interval are computed for."""

    interval_minutes: Literal[15, 30, 60] = 30
    weeks: int = Field(default=8, ge=1)
    """Whole weeks of history whose mean is the forecast."""
    answered: float = Field(default=0.8, ge=0, lt=1)
    """Share of contacts to answer within `within_seconds`."""
    within_seconds: float = Field(default=60, ge=0)
    patience_seconds: float = Field(default=300, ge=0)
    """Mean seconds until a waiting customer gives up; 0: nobody ever does."""
    max_occupancy: float = Field(default=0.85, gt=0, le=1)
    """Most of their time that people may be busy."""
    shrinkage: float = Field(default=0.3, ge=0, lt=1)
    """Share of paid time away from contacts: breaks, training, illness."""


class ModelSettings(Section):
    """The optional language model. Without a base URL everything runs offline."""

    base_url: str = ""
    name: str = ""
    api_key_env: str = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; the key itself is never written."""
    deadline_seconds: float = 8.0
    """Wall clock for a whole answer, retries included."""
    classify: bool = False
    """Whether the model also proposes intents. It counts once `workbench label calibrate` has
    measured, on labelled messages, what its word is worth."""
    classify_seconds: float = Field(default=4.0, gt=0)
    """Wall clock for a proposal, retries included; then the keyless classifier's answer stands."""


class TriageSettings(Section):
    """How messages are read. Without an encoder their words alone are."""

    encoder: str = ""
    """Folder with `model.onnx` and `tokenizer.json` of a sentence encoder, relative to the POC
    folder; needs the extra `embeddings`."""
    encoder_sha256: str = ""
    """What the encoder's SHA-256 must be; empty: any is taken."""


class AssistantSettings(Section):
    name: str = "Assistant"
    """How the assistant introduces itself."""
    company: str = "Example Company"
    languages: tuple[str, ...] = ("en", "de", "fr", "es")
    """Languages that the assistant may answer in."""
    default_language: str = "en"
    max_message_chars: int = 20_000
    """Longer messages are refused with a clear sentence."""


class QueueSettings(Section):
    """Where hand-offs go and who is there."""

    by_reason: dict[str, str] = {
        "legal_or_regulatory_matter": "legal",
        "fraud_or_security_concern": "security",
        "safety_concern": "safety",
        "vulnerable_customer": "care",
        "sensitive_topic": "care",
        "authority_limit": "supervisors",
        "disputed_amount": "billing",
        "abusive_customer": "supervisors",
        "third_party_inquiry": "identity",
        "identity_not_proven": "identity",
    }
    """Hand-off reason -> queue."""
    by_flow: dict[str, str] = {"invoice_inquiry": "billing", "case_management": "cases"}
    default: str = "general"
    key_account: str = "key_accounts"
    """Queue of key accounts, except for legal, security and safety."""
    next_level: str = "supervisors"
    """Where a second transfer goes."""
    hours: dict[str, HoursSettings] = {}
    """Queues with business hours of their own; the others have those of the section [hours]."""
    staffed: dict[str, int] = {}
    """People on duty per queue; a queue that is missing counts as staffed in business hours."""
    wait_minutes: int = 12
    """Expected wait per waiting conversation and person when nothing better is measured."""

    def expected_wait(self, waiting: int, people: int) -> int:
        """Minutes until somebody takes a new packet; 0 where nobody is there."""
        return self.wait_minutes * (waiting + people) // people if people else 0


class ReviewSettings(Section):
    """How long people have to answer a private question or to decide on an approval."""

    verdict_minutes: int = Field(default=30, ge=1)
    """Business minutes until the fallback of a question counts."""
    remind_minutes: int = Field(default=20, ge=1)
    """Business minutes until the queue is reminded of a question."""
    approval_minutes: int = Field(default=960, ge=1)
    """Business minutes until a request for approval counts as declined."""
    readings_within: float = Field(default=0.25, ge=0, le=1)
    """Two readings of a request lie close when their confidences differ by at most this."""
    readings_above: float = Field(default=0.1, ge=0, le=1)
    """A second reading is plausible from this confidence on."""


class MonitoringSettings(Section):
    """When the workbench says that something is no longer as it was."""

    reference_since: date | None = None
    """First day of the time that everything is compared with; empty: the first day of history."""
    reference_until: date | None = None
    """First day that no longer belongs to it; empty: every quiet week so far joins it."""
    reference_weeks: int = Field(default=4, ge=2)
    """Quiet weeks that are needed before anything is judged."""
    average_run_length: int = Field(default=520, ge=26)
    """Weeks between two false alarms, over everything that is watched together."""
    shifts: dict[str, float] = {}
    """Smallest shift that matters, by what is watched, e.g. `tool_failures = 0.03`: points of
    shares; `confidence` in points; `people_wait` and `assistant_time` as a factor; `volume` as a
    share of the expected contacts. Those left out keep the defaults of the monitoring."""
    webhook: str = ""
    """Where alerts are posted: https, or http on this machine; empty: nowhere."""


class EvaluationSettings(Section):
    """How the answers of this POC are scored."""

    scorers: str = ""
    """Python file of the POC folder with scorers of its own, e.g. `scorers.py`. It is code and
    runs with all rights of whoever evaluates; empty: the built-in scorers alone."""


class ReferenceSettings(Section):
    """What the company's own numbers look like, so that they are found and never masked."""

    invoice: str = r"(?:INV|RE|CN)-?\d{3,}"
    case: str = r"CASE-[2-9A-HJ-NP-Z]{8}"
    order: str = r"ORD-?\d{3,}"
    customer: str = r"C-\d{3,}"

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """The patterns compiled, for readers of messages."""
        return tuple(
            re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)
            for pattern in (self.invoice, self.case, self.order, self.customer)
        )


class SourceSettings(Section):
    """Where records of this POC come from, read once into its store.

    `${NAME}` in `path` and `url` stands for an environment variable, so that neither folders of
    one machine nor passwords are written down.
    """

    kind: str
    """What it holds: `customers`, `invoices`, `cases`, ..."""
    path: str = ""
    """File, relative to the POC folder; `*` names several files, each imported on its own."""
    url: str = ""
    """SQLAlchemy URL, instead of a path."""
    map: str = ""
    """Mapping file, relative to the POC folder; empty: suggested from names and samples."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.path) == bool(self.url):
            raise ValueError("give either `path` or `url`")
        return self


class Settings(Section):
    """All settings of one POC."""

    name: str = "poc"
    sample: bool = False
    """Whether its data is synthetic; shown as a badge."""
    assistant: AssistantSettings = AssistantSettings()
    store: StoreSettings = StoreSettings()
    hours: HoursSettings = HoursSettings()
    sla: SlaSettings = SlaSettings()
    identity: IdentitySettings = IdentitySettings()
    cost: CostSettings = CostSettings()
    staffing: StaffingSettings = StaffingSettings()
    model: ModelSettings = ModelSettings()
    triage: TriageSettings = TriageSettings()
    queues: QueueSettings = QueueSettings()
    review: ReviewSettings = ReviewSettings()
    references: ReferenceSettings = ReferenceSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    flows: tuple[str, ...] = ()
    """Python files of the POC folder with flows of its own, e.g. `["flows/appointment.py"]`. Each
    is code and runs with all rights of whoever opens the POC."""
    monitoring: MonitoringSettings = MonitoringSettings()
    sources: tuple[SourceSettings, ...] = ()
    """In the order in which they are imported when the POC is first opened."""
    today: datetime | None = None
    """For data of another time: the clock starts here, with every process, and then runs on."""
    seed: int | None = Field(default=None)
    """Seed for identifiers; None: random."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; a broken one names file, line and column."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} does not exist", next_step="Make a POC folder with `workbench new NAME`."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def line_of(path: Path, key: str) -> int | None:
    """The first line of a TOML file on which `key` is set, for error texts."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        stripped = line.split("#")[0].strip()
        if stripped.partition("=")[0].strip().strip('"') == key or stripped.strip("[]") == key:
            return number
    return None


def config_error(path: Path, error: ValidationError) -> ConfigError:
    """Turn the first problem of a validation into an error with file, line and key."""
    problem = error.errors()[0]
    names = [str(part) for part in problem["loc"]]
    keys = [name for name in names if not name.isdigit()]
    line = line_of(path, keys[-1]) if keys and path.exists() else None
    place = f"{path}{f', line {line}' if line else ''}"
    return ConfigError(
        f"{place}: key `{'.'.join(names)}`: {problem['msg']}",
        next_step="`workbench config show` lists every key with its meaning.",
    )


def load_settings(folder: Path, environ: dict[str, str] | None = None) -> Settings:
    """Settings of a POC folder: `poc.toml`, overridden by `WORKBENCH_*` variables."""
    path = folder / "poc.toml"
    values = read_toml(path)
    for name, value in (os.environ if environ is None else environ).items():
        keys = name.removeprefix("WORKBENCH_").lower().split("__")
        if name.startswith("WORKBENCH_") and keys[0] in Settings.model_fields:
            target = values
            for key in keys[:-1]:
                target = target.setdefault(key, {})
            target[keys[-1]] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise config_error(path, error) from error
