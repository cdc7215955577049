"""Every setting, typed, with its documentation under it.

The documentation is read from here only when it is shown (starter.py): that costs no start-up time.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from core.model import Target
from core.model.profile import IdentityProfile
from core.settings.secret import SecretRef
from core.settings.source import Layers
from core.texts import language_of

NOTHING: Mapping[str, object] = {}
FILE_DATA: ContextVar[Mapping[str, object]] = ContextVar("FILE_DATA", default=NOTHING)
"""What the settings file says; set by `load` around the making of a Settings."""


def _named(value: object) -> object:
    if value == "":
        raise PydanticCustomError("path_empty", "a path")
    return value


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(os.path.expanduser(path)))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(os.path.expanduser(path)))


def _terminals() -> Literal["en", "nl"]:
    return "nl" if language_of(os.environ) == "nl" else "en"


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _server_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgresql+psycopg"}:
        raise PydanticCustomError("register_url", "postgresql://user@host/database")
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise PydanticCustomError("secret_literal", "a secret itself")
    return url


Place = Annotated[Path, BeforeValidator(_named), AfterValidator(_absolute)]
"""A path; relative ones start at the settings file (from elsewhere: at the current folder)."""
RealPlace = Annotated[Path, BeforeValidator(_named), AfterValidator(_real)]
"""The same with links followed once, so that nobody can point it elsewhere later."""
Release = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^(7\.0|20\d\d)( R2)?( RC\d)?$")]
Edition = Literal[
    "express", "web", "workgroup", "standard", "business-intelligence", "developer", "evaluation", "enterprise",
    "datacenter",
]  # fmt: skip


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class Inbox(_Table):
    """A folder where deliveries land."""

    path: Place = Field(examples=["inbox"])
    """The folder. It is watched, not its subfolders."""
    client: str | None = Field(default=None, min_length=1, examples=["ABC-012"])
    """Code of the client whose deliveries these all are; without it the operator binds each one."""


class Firm(_Table):
    """The accountancy firm itself: the identity that must never leave in a client's back-up."""

    name: str = Field(default="", examples=["Voorbeeld Accountants"])
    """Name of the firm, as the screen shows it."""
    licence: str | None = Field(default=None, min_length=1, examples=["1234567"])
    """Number of the firm's own Exact licence."""
    users: tuple[str, ...] = Field(default=(), examples=[["KANTOOR\\jansen", "KANTOOR\\devries"]])
    """Windows logins of the firm's users, `DOMAIN\\user`."""
    role: str = Field(default="Accountant", min_length=1, max_length=60)
    """Role that the firm's users have in a client's administration while it is with us."""


_OF_TARGET = {each.name for each in dataclasses.fields(Target)} - {"practice"}
"""What of a target's settings the rules read; the rest is how its instance is reached."""


class TargetSettings(_Table):
    """An instance plus the Exact product and product update installed beside it. Left out = not known."""

    name: str = Field(pattern=r"^[\w.\-]{1,40}$", examples=["sql16a"])
    """Short name of the target, for the list and for filters."""
    engine: Literal["sqlserver", "embedded"] = "sqlserver"
    """Where administrations live: a SQL Server instance, or the embedded engine for practice packages."""
    instance: str | None = Field(default=None, min_length=1, examples=["SRV01\\EXACT16"])
    """The SQL Server instance, `host`, `host\\instance` or `host,port`."""
    family: Literal["next", "plus"] | None = Field(default=None, examples=["next"])
    """Exact product: `next` (Globe Next, Compact) or `plus` (Globe+, Compact+)."""
    product_update: int | None = Field(default=None, ge=100, le=999, examples=[421])
    """Exact product update installed beside the instance."""
    service_pack: int | None = Field(default=None, ge=0, le=99, examples=[2])
    """Service pack of that product update."""
    sql_release: Release | None = Field(default=None, examples=["2016"])
    """SQL Server release, such as "2008 R2" or "2016", where the instance cannot be asked."""
    edition: Edition | None = Field(default=None, examples=["standard"])
    """SQL Server edition, where the instance cannot be asked."""
    accountancy: bool | None = Field(default=None, examples=[True])
    """Has the module E-Accountancy, with which Globe can install a client's database."""
    isolated: bool = False
    """An exchange instance: holds nothing but client administrations under exchange."""
    route: Literal["auto", "machine", "guided"] = "auto"
    """Who restores there: `machine` wissel, `guided` a person in Globe's wizard, `auto` wissel where it can."""
    driver: str | None = Field(default=None, min_length=1, examples=["ODBC Driver 18 for SQL Server"])
    """ODBC driver, by name or path; without it Microsoft's newest, then FreeTDS."""
    authentication: Literal["windows", "sql"] = "windows"
    """How we log in: `windows` as the account that runs wissel, `sql` with `user` and `password`."""
    user: str | None = Field(default=None, min_length=1, max_length=128, examples=["wissel"])
    """Login of our own at the instance, where `authentication` is `sql`."""
    password: SecretRef | None = Field(default=None, examples=[{"file": "sql16a.secret"}])
    """Where that login's password is: { file = ".." }, { command = [".."] } or { keyring = "service/user" }."""
    encrypt: Literal["yes", "no", "strict"] = "yes"
    """Encryption of the line: `yes`, `strict` (SQL Server 2022, Microsoft's driver 18), or `no`."""
    trust_certificate: bool = False
    """Take the server's certificate unchecked. FreeTDS never checks it."""
    login_seconds: int = Field(default=15, ge=1, le=300)
    """Seconds that logging in may take."""
    exchange_here: Place | None = Field(default=None, examples=["/mnt/exchange"])
    """The exchange folder as this console sees it: back-ups pass through it to the server and from it."""
    exchange_there: str | None = Field(default=None, min_length=1, max_length=200, examples=["E:\\exchange"])
    """The same folder as the service of SQL Server sees it."""
    data_path: str | None = Field(default=None, min_length=1, max_length=200, examples=["E:\\data"])
    """Folder at the server for data files; without it the instance's default."""
    log_path: str | None = Field(default=None, min_length=1, max_length=200, examples=["L:\\log"])
    """Folder at the server for log files; without it the instance's default."""
    check_database: Literal["physical", "full", "none"] = "physical"
    """DBCC CHECKDB after a restore and before a return: `physical` only, `full`, or `none`; it is recorded which."""
    compress: bool = False
    """Return back-ups are compressed where the client's release and edition can read that."""
    probe_hours: float = Field(default=24.0, ge=0.1, le=720)
    """The worker asks the instance anew after so many hours; an answer twice as old counts no more."""
    profile: IdentityProfile | None = Field(default=None, examples=[{"licence": "none"}])
    """Where users, roles and the licence stand in an administration; without it only Globe's own wizard can swap."""

    def to_target(self, *, practice: bool = False) -> Target:
        """The frozen value that the rules read."""
        return Target(**self.model_dump(include=_OF_TARGET), practice=practice)


class Settings(BaseSettings):
    """All settings of one office: settings file, then environment `WISSEL_...`, then command line."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True,
        env_prefix="WISSEL_", env_nested_delimiter="__", env_ignore_empty=True,
        str_strip_whitespace=True,
    )  # fmt: skip

    office: RealPlace = Field(examples=["office"])
    """Folder of the office: its register and its vault. On a local disk, entered by us alone."""
    language: Literal["en", "nl"] = Field(default_factory=_terminals, examples=["en"])
    """Language of the screen and of all messages: `en` or `nl`; without it the terminal's."""
    read_only: bool = False
    """Only look: nothing that changes a delivery or a target can be done from this console."""
    outbox: Place | None = Field(default=None, examples=["outbox"])
    """Folder where return back-ups are laid ready for the clients."""
    settle_seconds: float = Field(default=3.0, ge=0.1, le=3600)
    """A file is an arrival only after its size and time stood still this many seconds."""
    patience_seconds: float = Field(default=900.0, ge=0, le=604800)
    """An upload that stops halfway counts as truncated only after this many seconds."""
    rescan_seconds: float = Field(default=2.0, ge=0.2, le=3600)
    """Seconds between two looks into the inboxes, beside the system's own events."""
    look_inside_seconds: float = Field(default=60.0, ge=0, le=3600)
    """After sealing the rows of a full back-up are looked into for at most this many seconds; 0: not at all."""
    after_sealing: Literal["move", "keep"] = "move"
    """The inbox file once its sealed copy is in the vault: `move` takes it away, `keep` leaves it."""
    retention_days: int | None = Field(default=None, ge=1, le=36500, examples=[365])
    """Days that a sealed original is kept after its administration went back; without it: for good."""
    tables: Place | None = Field(default=None, examples=["tables.toml"])
    """TOML file with the firm's own rows of releases, product updates and limits, laid over ours."""
    register_url: Annotated[str, AfterValidator(_server_url)] | None = Field(
        default=None, examples=["postgresql://wissel@db.kantoor.example/wissel"]
    )
    """PostgreSQL register shared by several consoles; without it a SQLite file in the office folder."""
    register_password: SecretRef | None = Field(default=None, examples=[{"file": "register.secret"}])
    """Where the register's password is: { file = ".." }, { command = [".."] } or { keyring = "service/user" }."""
    state_url: Annotated[str, AfterValidator(_server_url)] | None = Field(
        default=None, examples=["postgresql://wissel@db.kantoor.example/wissel_state"]
    )
    """PostgreSQL state of running operations, with the register's password; without it a SQLite file in the office."""
    practice: bool = False
    """A practice office: its worker ends by itself and nothing in it touches a real client."""
    idle_seconds: float = Field(default=300.0, ge=1, le=86400)
    """The worker of a practice office ends after this many seconds without work."""
    firm: Firm = Firm()
    """The firm's own identity."""
    inboxes: tuple[Inbox, ...] = Field(default=(), examples=[[{"path": "inbox"}]])
    """Folders where deliveries land."""
    targets: tuple[TargetSettings, ...] = ()
    """The targets that deliveries are judged for."""

    _config_path: Path | None = PrivateAttr(default=None)
    _layers: Layers = PrivateAttr(default=Layers())

    @property
    def config_path(self) -> Path | None:
        """The settings file that was read."""
        return self._config_path

    def all_targets(self) -> tuple[Target, ...]:
        """The targets in the order of the settings file."""
        return tuple(target.to_target(practice=self.practice) for target in self.targets)

    @model_validator(mode="after")
    def _no_doubles(self) -> Self:
        for key, names in (
            ("targets", [target.name.casefold() for target in self.targets]),
            ("inboxes", [os.path.normcase(inbox.path) for inbox in self.inboxes]),
        ):
            again = next((at for at, name in enumerate(names) if name in names[:at]), None)
            if again is not None:
                raise PydanticCustomError("double", "{name}", {"key": f"{key}[{again}]", "name": names[again]})
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library calls by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, dict(FILE_DATA.get()))
