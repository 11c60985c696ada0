"""Every setting of conf/*.yml as one checked object. Only doors read it; the core gets values."""

import ipaddress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from dangol.errors import SettingsError

GradeNames = dict[int, dict[Literal["en", "ko"], list[str]]]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Store(Section):
    path: Path

    @property
    def home(self) -> Path:
        """The folder that holds the store and what lies beside it."""
        return self.path.absolute().parent

    @property
    def checkpoints(self) -> Path:
        return self.home / "checkpoints" / self.path.name

    @property
    def logs(self) -> Path:
        return self.home / "logs"


class Shop(Section):
    timezone: str
    currency: str = Field(pattern="^[A-Z]{3}$")

    @field_validator("timezone")
    @classmethod
    def known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not an IANA time zone such as Asia/Seoul")
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Clock(Section):
    now: datetime | None


class Source(Section):
    kind: Literal["files", "kafka"]
    path: Path | None
    bootstrap_servers: str
    topic: str
    security: Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"]
    login: Literal["connection_string", "client_secret", "managed_identity", "service_credential"]
    connection_string: SecretStr | None
    authority: str
    tenant_id: str | None
    client_id: str | None
    client_secret: SecretStr | None
    service_credential: str | None


class Ingest(Section):
    max_amount: int = Field(gt=0, le=10**9)
    max_message_bytes: int = Field(gt=0)
    future_tolerance_minutes: int = Field(ge=0)
    ignored_customers: list[str]
    max_messages_per_batch: int = Field(gt=0)
    max_files_per_batch: int = Field(gt=0)


class Rfm(Section):
    window_days: int = Field(gt=0)
    new_days: int = Field(ge=0)
    cooling_gaps: float = Field(gt=0)
    cooling_min_days: int = Field(ge=0)


class State(Section):
    max_orders: int = Field(gt=0)
    kept_days: int = Field(gt=0)
    roll_days: int = Field(gt=0)


class History(Section):
    tick_days: int = Field(gt=0)


class Grades(Section):
    components: int = Field(ge=2)
    recency_offset_days: float = Field(gt=0)
    boundary_below: float = Field(gt=0, le=1)
    names: GradeNames


class Changes(Section):
    hysteresis: float = Field(ge=0, lt=1)


class Triggers(Section):
    kind: Literal["kafka", "eventhubs", "webhook"] | None
    topic: str
    url: str | None
    secret: SecretStr | None
    causes: list[Literal["order", "return", "repair", "window", "ageing"]]
    consent: Path | None
    holdout_percent: float = Field(ge=0, le=100)
    holdout_salt: str
    attempts: int = Field(ge=1)
    max_age_hours: float = Field(gt=0)


class Message(Section):
    sender: str | None
    opt_out: str | None


class Registry(Section):
    uri: str | None
    model: str


class Stream(Section):
    grades_seconds: float = Field(ge=0)
    ledger_seconds: float = Field(ge=0)
    days_seconds: float = Field(ge=0)
    snapshot_seconds: float = Field(gt=0)


class Days(Section):
    watermark_hours: int = Field(ge=0)


class Tick(Section):
    customers_per_file: int = Field(gt=0)


class Maintain(Section):
    vacuum_hours: int = Field(ge=24)
    log_versions: int = Field(ge=100)


class Index(Section):
    limit_seconds: float = Field(ge=0)


class Metrics(Section):
    port: int = Field(ge=0, le=65535)


class Page(Section):
    host: str
    port: int = Field(ge=0, le=65535)
    shop_port: int = Field(ge=0, le=65535)
    sign_in: Literal["none", "people", "databricks"]
    people: Path | None
    roles: dict[str, Literal["viewer", "analyst", "admin"]]
    allowed_hosts: list[str]
    tls: bool
    proxies: list[str]
    session_hours: float = Field(gt=0)
    questions_per_minute: int = Field(gt=0)
    exports_per_hour: int = Field(gt=0)


class Model(Section):
    """Models behind an OpenAI-compatible server; without `base_url` there is none."""

    base_url: str | None
    name: str | None
    embeddings: str | None
    key: SecretStr | None
    timeout_seconds: float = Field(gt=0)
    max_output_tokens: int = Field(gt=0)
    requests_per_day: int = Field(ge=0)

    @field_validator("base_url")
    @classmethod
    def closed(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        is_closed = parts.scheme == "https" or (parts.scheme == "http" and local(parts.hostname or ""))
        if url and not (is_closed and parts.hostname):
            raise ValueError("no https:// address; http:// is for 127.0.0.1 alone")
        if parts.username or parts.password:
            raise ValueError("holds a login; leave it out and set model.key")
        return url

    @model_validator(mode="after")
    def named(self) -> "Model":
        if self.base_url and not (self.name or self.embeddings):
            raise ValueError("base_url is set, so model.name or model.embeddings must say which model to ask for")
        return self


class Settings(BaseSettings):
    """All settings; conf/base.yml holds the defaults, the units and the meanings."""

    model_config = SettingsConfigDict(
        env_prefix="DANGOL_",
        env_nested_delimiter="__",
        env_ignore_empty=True,  # a bundle names every variable, also those that a login does not need
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    store: Store
    shop: Shop
    clock: Clock
    source: Source
    ingest: Ingest
    rfm: Rfm
    state: State
    days: Days
    history: History
    grades: Grades
    changes: Changes
    triggers: Triggers
    message: Message
    registry: Registry
    stream: Stream
    tick: Tick
    maintain: Maintain
    index: Index
    metrics: Metrics
    page: Page
    model: Model

    @property
    def fixed_now(self) -> datetime | None:
        """The fixed clock as a UTC instant; null when the wall clock counts."""
        now = self.clock.now
        if now is None:
            return None
        return (now if now.tzinfo else now.replace(tzinfo=self.shop.zone)).astimezone(UTC)

    @property
    def today(self) -> date:
        """The shop's calendar date now."""
        return (self.fixed_now or datetime.now(UTC)).astimezone(self.shop.zone).date()

    def remembered(self) -> dict[str, Any]:
        """What later commands on this store must know, without secrets: dotted names and plain values."""
        kept = self.model_dump(
            mode="json",
            include={"shop", "clock", "source", "ingest", "rfm"},
            exclude={"source": {"connection_string", "client_secret"}},
        )
        return {f"{section}.{name}": value for section, values in kept.items() for name, value in values.items()}

    @property
    def people_file(self) -> Path:
        """Who may sign in to the page."""
        return self.page.people or self.store.home / "people.json"

    @property
    def registry_uri(self) -> str:
        return self.registry.uri or f"sqlite:///{self.store.home / 'mlflow.db'}"


def load_settings(profile: str = "local", overrides: dict[str, Any] | None = None) -> Settings:
    """Settings from conf/base.yml, then conf/<profile>.yml, then DANGOL_* of the environment, then `overrides`.

    `overrides` maps dotted names to values, such as {"shop.timezone": "Europe/London"}.
    Raises SettingsError, which names the setting and never shows its value.
    """
    files = [conf_folder() / "base.yml", conf_folder() / f"{profile}.yml"]
    if not files[1].is_file():
        known = ", ".join(sorted(path.stem for path in conf_folder().glob("*.yml") if path.stem != "base"))
        raise SettingsError(f"there is no profile {profile!r}; choose one of: {known}")

    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, files, deep_merge=True)

    try:
        return Layered(**nested(overrides or {}))
    except ValidationError as error:
        raise SettingsError("; ".join(sentence(problem) for problem in error.errors(include_input=False))) from None


def local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def conf_folder() -> Path:
    """The conf folder of the checkout, or its copy inside an installed wheel."""
    here = Path(__file__).parent
    return next(folder for folder in (here / "conf", here.parent / "conf") if folder.is_dir())


def nested(dotted: dict[str, Any]) -> dict[str, Any]:
    """{"a.b": "1"} as {"a": {"b": "1"}}."""
    tree: dict[str, Any] = {}
    for name, value in dotted.items():
        *sections, key = name.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[key] = value
    return tree


def typed(text: str) -> Any:
    """A value as typed on a command line: null, a [list] or a {mapping} as YAML; all else stays text to be checked."""
    if text != "null" and not text.startswith(("[", "{")):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def sentence(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"there is no setting {name}; conf/base.yml lists them all"
    return f"{name}: {problem['msg']}"
