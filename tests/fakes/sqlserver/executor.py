"""Carries out the statements of one session on tables and system views."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from fakes.sqlserver.answers import error
from fakes.sqlserver.compiling import Compiling
from fakes.sqlserver.conversion import Kept, cell, kept
from fakes.sqlserver.databases import Database
from fakes.sqlserver.functions import register
from fakes.sqlserver.lexer import Reader, Token
from fakes.sqlserver.scope import Plan, ViewUse
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Info, Row, ServerError, Value
from fakes.sqlserver.sqltypes import SqlType, of_value, typed
from fakes.sqlserver.storage import AFFINITY, quoted
from fakes.sqlserver.tables import Definitions
from fakes.sqlserver.views import VIEWS

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

BATCH = 200
MOST_VALUES = 2100
PLANS = 4000
DML = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


class Executor:
    """SQLite connections of a session, one for each database that it looked into."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session
        self._connections: dict[int, tuple[Database, sqlite3.Connection]] = {}
        self._writing: set[int] = set()
        self._catalogs: dict[tuple[int, str], tuple[object, ...]] = {}
        """Views of tables and columns, which stay filled as long as these do not change."""

    def close(self) -> None:
        for _, connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._catalogs.clear()
        self._writing.clear()

    def leave(self, database: Database) -> None:
        """Let go of one database: it is dropped, or taken off line."""
        known = self._connections.pop(id(database), None)
        if known is not None:
            known[1].close()
            self._catalogs.clear()
        self._writing.discard(id(database))

    def connection(self, database: Database) -> sqlite3.Connection:
        known = self._connections.get(id(database))
        if known is None:
            made = database.storage.opened()
            register(made, self._session)
            made.set_progress_handler(self._stopped, 20_000)
            known = self._connections[id(database)] = (database, made)
        return known[1]

    def _stopped(self) -> int:
        return int(self._session.cancelled.is_set() or self._session.killed)

    # -- transactions --------------------------------------------------------------------------------------------

    def end(self, *, commit: bool) -> None:
        for _, connection in self._connections.values():
            if connection.in_transaction:
                connection.execute("COMMIT" if commit else "ROLLBACK")
        self._writing.clear()

    def write(self, database: Database) -> sqlite3.Connection:
        """A connection in a transaction that may write. Waits for others; raises ServerError 1222."""
        if database.read_only:
            raise error(3906, database.name)
        connection = self.connection(database)
        if connection.in_transaction:
            return connection
        waited, limit = 0.0, self._session.lock_timeout
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as problem:
                if "locked" not in str(problem):
                    raise
                if 0 <= limit <= waited * 1000:
                    raise error(1222) from None
                if self._session.cancelled.wait(0.005):
                    raise error(1222) from None
                waited += 0.005
            else:
                return connection

    # -- statements ----------------------------------------------------------------------------------------------

    def run(self, text: str, words: list[Token], params: Sequence[Value]) -> Iterator[Event]:
        if len(params) > MOST_VALUES:
            raise error(8003)
        session = self._session
        database = session.home
        refused = database.refusal(session)
        if refused is not None:
            raise refused
        first = words[0].upper
        if session.implicit and session.trancount == 0 and first in DML | {"CREATE", "DROP"}:
            session.trancount = 1
        try:
            if first in DML:
                plan = self._plan(text, params, database)
                session.rights.check(session, database, plan)
                events = self._changed(plan, params, database) if plan.writes else self._read(plan, params, database)
                yield from events
            else:
                yield from self._defined(Reader(words, params), database)
        except (sqlite3.Error, OverflowError) as problem:
            raise self._error(problem, database) from problem

    def _plan(self, text: str, params: Sequence[Value], database: Database) -> Plan:
        types = tuple(map(of_value, params))
        key = (text, types, id(database), database.name, database.schema.version, self._session.instance.release.name)
        plans = self._session.instance.plans
        found = plans.get(key)
        if found is None:
            if len(plans) > PLANS:
                plans.clear()
            found = plans[key] = self.compiled(text, types, database)
        return found

    def compiled(self, text: str, types: Sequence[SqlType | None], database: Database) -> Plan:
        """For this database as it is now. Raises ServerError."""
        return Compiling(database, self._session.instance.release.version[0]).compiled(text, types)

    def _bound(self, plan: Plan, params: Sequence[Value]) -> list[Kept]:
        made: list[Kept] = []
        for slot, (number, to) in enumerate(plan.slots):
            value = params[number]
            own = to or of_value(value) or SqlType("nvarchar", 4000)
            try:
                made.append(kept(value, own, cast=to is None))
            except ServerError as problem:
                raise self._named(problem, plan.places.get(slot), value) from None
        return made

    def _named(self, problem: ServerError, place: tuple[str, str] | None, value: Value) -> ServerError:
        """From 2019 on the server says which column a text is too long for."""
        if problem.number != 8152 or place is None or self._session.instance.release.version[0] < 15:
            return problem
        return error(2628, f"{self._session.home.name}.{place[0]}", place[1], str(value)[:100])

    def _read(self, plan: Plan, params: Sequence[Value], database: Database) -> Iterator[Event]:
        connection, bound = self.connection(database), self._bound(plan, params)
        try:
            for use in plan.views:
                self._filled(connection, use, bound)
            cursor = connection.execute(plan.sql, bound)
            fields = plan.fields or ()
            types = [each.type or SqlType("int") for each in fields]
            yield Columns(
                tuple(ColumnOut(each.name, of.declared, each.nullable) for each, of in zip(fields, types, strict=True))
            )
            plain = [of.text for of in types]
            count = 0
            while rows := cursor.fetchmany(BATCH):
                for row in rows:
                    count += 1
                    yield Row(
                        [cell(value, of) if text else value for value, of, text in zip(row, types, plain, strict=True)]
                    )
            self._session.rowcount = count
            yield Done(None if self._session.nocount else count)
        finally:
            for use in plan.views:
                if not VIEWS[use.view].stable:
                    connection.execute(f"DROP TABLE IF EXISTS temp.{quoted(use.table)}")

    def _filled(self, connection: sqlite3.Connection, use: ViewUse, bound: Sequence[Kept]) -> None:
        view, database = VIEWS[use.view], self._session.instance.known(use.database)
        if database is not self._session.home:
            self._session.rights.enter(self._session, database)
        token = (id(connection), use.table)
        state = (database.place, database.schema.version, len(database.schema.modules), database.collation)
        if view.stable and self._catalogs.get(token) == state:
            return
        self._catalogs[token] = state
        args: Sequence[Kept] = ()
        if use.args:
            # Values keep their number, whichever of them are needed here.
            marks = ", ".join(f"?{number}" for number in range(1, len(bound) + 1))
            text = f"SELECT {', '.join(use.args)}" + (f" FROM (SELECT {marks})" if marks else "")
            args = connection.execute(text, bound).fetchone()
        types = [typed(kind) for _, kind in view.columns]
        names = ", ".join(
            f"{quoted(name)} {AFFINITY.get(of.kept, 'TEXT')}" for (name, _), of in zip(view.columns, types, strict=True)
        )
        connection.execute(f"DROP TABLE IF EXISTS temp.{quoted(use.table)}")
        connection.execute(f"CREATE TEMP TABLE {quoted(use.table)} ({names})")
        known = self._session.instance.catalogs
        former = known.get((use.view, database.place)) if view.stable else None
        if former is not None and former[0] == state:
            rows = former[1]
        else:
            makers = [_maker(of) for of in types]
            rows = [
                [None if value is None else make(value) for value, make in zip(row, makers, strict=True)]
                for row in view.rows(self._session, database, tuple(args))
            ]
            if view.stable:
                known[use.view, database.place] = (state, rows)
        connection.executemany(f"INSERT INTO temp.{quoted(use.table)} VALUES ({', '.join('?' * len(types))})", rows)

    def _changed(self, plan: Plan, params: Sequence[Value], database: Database) -> Iterator[Event]:
        bound = self._bound(plan, params)
        session = self._session
        table = database.schema.tables[plan.table.casefold()]
        if plan.writes == "INSERT" and table.identity is not None:
            on = session.identity_insert == (id(database), table.full)
            if plan.identity != on:
                raise error(544 if plan.identity else 545, table.name)
        connection = self.write(database)
        try:
            count = connection.execute(plan.sql, bound).rowcount
            if plan.identity and table.identity is not None:
                top = connection.execute(
                    f"SELECT max({quoted(table.identity.name)}) FROM {quoted(table.full)}"
                ).fetchone()
                table.last = max(table.last, top[0] or 0)
                session.last_identity = top[0]
        except BaseException:
            if session.trancount == 0:
                self.end(commit=False)
            raise
        if session.trancount == 0:
            self.end(commit=True)
        session.rowcount = count
        yield Done(None if session.nocount else count)

    def _defined(self, read: Reader, database: Database) -> Iterator[Event]:
        session = self._session
        session.rights.define(session, database)
        connection = self.write(database)
        made = Definitions(database.schema, connection.execute, session.instance.release.version[0])
        before = dict(database.schema.tables)
        try:
            (made.create if read.peek() == "CREATE" else made.drop)(read)
        except BaseException:
            if session.trancount == 0:
                self.end(commit=False)
            raise
        if session.trancount == 0:
            self.end(commit=True)
        else:
            session.undo.append((database, before))
        yield Done(None)

    def _error(self, problem: Exception, database: Database) -> ServerError:
        """What SQL Server says where SQLite says this."""
        text = str(problem)
        known, self._session.failure = self._session.failure, None
        if known is not None:
            return known
        if "UNIQUE constraint failed" in text:
            names = text.partition("failed: ")[2].split(", ")
            full = names[0].rpartition(".")[0]
            table = database.schema.tables.get(full.casefold())
            columns = [name.rpartition(".")[2].casefold() for name in names]
            found = [
                each for each in (table.indexes if table else ()) if [c.casefold() for c in each.columns] == columns
            ]
            index = found[0] if found else None
            return error(2627 if index is None or index.kind else 2601, index.name if index else "PK", full)
        if "NOT NULL constraint failed" in text:
            full, _, column = text.partition("failed: ")[2].rpartition(".")
            return error(515, column, f"{database.name}.{full}", "INSERT" if "INSERT" in text else "Statement")
        if "interrupted" in text:
            return error(596) if self._session.killed else ServerError(3617, "Attention.", 16)
        if "locked" in text:
            return error(1205, self._session.number)
        if "integer overflow" in text:
            return error(8115, "expression", "int")
        return ServerError(50000, f"[test server: SQLite says {text}]")


def message(text: str, number: int = 0) -> Info:
    """PRINT, and what is merely said."""
    return Info(number, text)


def _maker(of: SqlType) -> Callable[[Value], Kept]:
    """What a view says is right: only what SQLite would not take is made so."""
    if of.kept == "whole":
        return int  # type: ignore[return-value]
    if of.kept == "text" and of.name != "char":
        return str
    return lambda value: kept(value, of, cast=True)
