"""SELECT: from sqlglot's tree to SQLite, with what SQL Server insists on (GROUP BY, ORDER BY, names)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.calls import AGGREGATES
from fakes.sqlserver.codes import collated
from fakes.sqlserver.expressions import Expressions
from fakes.sqlserver.grouping import has_aggregate, signature, strict, within_groups
from fakes.sqlserver.scope import Code, Field, Plan, Scope, Source, ViewUse
from fakes.sqlserver.sqltypes import INT, OLD, SqlType, higher
from fakes.sqlserver.storage import quoted
from sqlglot import exp

_SELECT = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "with_"}
_TABLE = {"this", "db", "catalog", "alias", "hints"}
_HINTS = {"NOLOCK", "UPDLOCK", "HOLDLOCK", "ROWLOCK", "TABLOCK", "TABLOCKX", "SERIALIZABLE", "READCOMMITTED", "XLOCK"}
Fields = list[Field]
Resolve = Callable[[list[str], bool], tuple[str, Sequence[Field], ViewUse | None]]
"""Name parts and whether it is a function -> SQLite's name, its columns, and the view that is filled for it."""


class Queries:
    """Compiles the SELECTs of one statement."""

    def __init__(self, plan: Plan, params: Sequence[SqlType | None], release: int, resolve: Resolve) -> None:
        self.plan, self._resolve, self._release = plan, resolve, release
        self.expressions = Expressions(plan, params, release, self._inner)
        self._ctes: dict[str, Fields] = {}
        self._aliases = 0

    def _inner(self, node: exp.Expression, outer: Scope) -> tuple[str, Fields]:
        return self.select(node, outer, inner=True)

    def select(self, node: exp.Expression, outer: Scope | None = None, *, inner: bool = False) -> tuple[str, Fields]:
        """The text for SQLite, and the columns that come out."""
        if isinstance(node, exp.Subquery):
            return self.select(node.this, outer, inner=inner)
        if isinstance(node, exp.Union):
            return self._union(node, outer, inner=inner)
        if not isinstance(node, exp.Select):
            raise unlisted(type(node).__name__)
        strict(node, _SELECT)
        head = self._with(node, outer)
        scope = Scope(outer=outer)
        tail = self._from(node, scope)
        if node.args.get("where"):
            condition = node.args["where"].this
            if has_aggregate(condition):
                raise error(147)
            tail += f" WHERE {self.expressions.condition(condition, scope)}"
        return self._selected(node, scope, head, tail, inner=inner)

    def _selected(self, node: exp.Select, scope: Scope, head: str, tail: str, *, inner: bool) -> tuple[str, Fields]:
        items = self._items(node, scope)
        distinct = node.args.get("distinct")
        groups = node.args["group"].expressions if node.args.get("group") else None
        self._grouped(node, scope, groups)
        columns: list[str] = []
        fields: Fields = []
        for name, each, known in items:
            code = known or self.expressions.value(each, scope)
            if distinct and code.type is not None and code.type.name in OLD:
                raise error(421, code.type.name)
            shown = collated(code) if distinct else code.sql
            columns.append(f"{shown} AS {quoted(name or f'no name {len(columns)}')}")
            fields.append(Field(name, code.type or INT, code.nullable))
        if groups is not None:
            tail += f" GROUP BY {', '.join(self._group(each, scope) for each in groups)}"
        if node.args.get("having"):
            tail += f" HAVING {self.expressions.condition(node.args['having'].this, scope)}"
        tail += self._ordered(node, scope, items, inner=inner)
        tail += self._limited(node, scope)
        return f"{head}SELECT {'DISTINCT ' if distinct else ''}{', '.join(columns)}{tail}", fields

    def _union(self, node: exp.Union, outer: Scope | None, *, inner: bool) -> tuple[str, Fields]:
        strict(node, {"this", "expression", "distinct", "order", "with_"})
        head = self._with(node, outer)
        left, first = self.select(node.this, outer, inner=inner)
        right, second = self.select(node.expression, outer, inner=inner)
        if len(first) != len(second):
            raise unlisted("UNION of different widths")
        fields = [Field(one.name, higher(one.type, other.type)) for one, other in zip(first, second, strict=True)]
        order = ""
        if node.args.get("order"):
            scope = Scope([Source("", (), {each.name.casefold(): each for each in fields})])
            parts = []
            for each in node.args["order"].expressions:
                found = scope.sources[0].fields.get(each.this.name.casefold())
                if found is None:
                    raise error(104)
                parts.append(f"{quoted(found.name)}{' DESC' if each.args.get('desc') else ''}")
            order = f" ORDER BY {', '.join(parts)}"
        return f"{head}{left} UNION {'' if node.args.get('distinct') else 'ALL '}{right}{order}", fields

    def _with(self, node: exp.Expression, outer: Scope | None) -> str:
        clause = node.args.get("with_")
        if not clause:
            return ""
        if clause.args.get("recursive"):
            raise unlisted("WITH RECURSIVE")
        parts = []
        for each in clause.expressions:
            sql, fields = self.select(each.this, outer, inner=True)
            _named(fields, each.alias)
            self._ctes[each.alias.casefold()] = fields
            parts.append(f"{quoted(each.alias)} AS ({sql})")
        return f"WITH {', '.join(parts)} "

    # -- FROM ----------------------------------------------------------------------------------------------------

    def _from(self, node: exp.Select, scope: Scope) -> str:
        clause = node.args.get("from_")
        if clause is None:
            return ""
        text = f" FROM {self._source(clause.this, scope)}"
        for join in node.args.get("joins") or []:
            text += self._join(join, scope)
        return text

    def _join(self, join: exp.Join, scope: Scope) -> str:
        strict(join, {"this", "on", "kind", "side"})
        side, kind, on = join.side.upper(), join.kind.upper(), join.args.get("on")
        if side not in {"", "LEFT"} or kind not in {"", "INNER", "OUTER", "CROSS"}:
            raise unlisted(f"{side} {kind} JOIN".strip())
        if isinstance(join.this, exp.Lateral):
            return self._applied(join.this, scope)
        source = self._source(join.this, scope)
        if on is None:
            if kind not in {"", "CROSS"} or side:
                raise error(102, "JOIN")
            return f" CROSS JOIN {source}"
        if side:
            for each in scope.sources[-1].fields.values():
                scope.sources[-1].fields[each.name.casefold()] = Field(each.name, each.type)
        return f" {'LEFT ' if side else ''}JOIN {source} ON {self.expressions.condition(on, scope)}"

    def _applied(self, node: exp.Lateral, scope: Scope) -> str:
        """CROSS APPLY of a function that is keyed by its arguments: a join on them."""
        if node.args.get("cross_apply") is not True or not isinstance(node.this, exp.Dot):
            raise unlisted("APPLY")
        call = node.this.expression
        args = [self.expressions.value(each, scope).sql for each in call.expressions]
        source, fields, use = self._resolve([node.this.this.name, call.name], True)
        self._put(scope, node.alias or call.name, (), fields)
        if use is not None:
            self.plan.views.append(use)
        pairs = [
            f"{quoted(scope.sources[-1].alias)}.{quoted(own.name)} = {arg}"
            for own, arg in zip(fields, args, strict=False)
        ]
        return f" JOIN {source} AS {quoted(scope.sources[-1].alias)} ON {' AND '.join(pairs)}"

    def _source(self, node: exp.Expression, scope: Scope) -> str:
        if isinstance(node, exp.Subquery):
            sql, fields = self.select(node.this, scope.outer, inner=True)
            if not node.alias:
                raise error(102, ")")
            _named(fields, node.alias)
            return f"({sql}) AS {quoted(self._put(scope, node.alias, (), fields))}"
        if not isinstance(node, exp.Table):
            raise unlisted(type(node).__name__)
        strict(node, _TABLE)
        for hint in node.args.get("hints") or []:
            for each in hint.expressions:
                if each.name.upper() not in _HINTS:
                    raise unlisted(each.name)
        if isinstance(node.this, exp.Dot):
            raise unlisted("a linked server")
        called = isinstance(node.this, exp.Anonymous | exp.Func)
        name = node.this.name if called or isinstance(node.this, exp.Identifier) else ""
        if not node.db and name.casefold() in self._ctes:
            fields = self._ctes[name.casefold()]
            return f"{quoted(name)} AS {quoted(self._put(scope, node.alias or name, (), fields))}"
        parts = [part for part in (node.catalog, node.db) if part] + [name]
        source, found, use = self._resolve(parts, called)
        if use is not None:
            args = tuple(map(self._argument, node.this.expressions)) if called else ()
            self.plan.views.append(ViewUse(use.table, use.view, use.database, args))
        qualifiers = () if node.alias else tuple(".".join(parts[-count:]) for count in range(2, len(parts) + 1))
        return f"{source} AS {quoted(self._put(scope, node.alias or name, qualifiers, found))}"

    def _argument(self, node: exp.Expression) -> str:
        """Of a function in FROM; `default` is nothing."""
        if isinstance(node, exp.Column) and node.name.casefold() == "default":
            return "NULL"
        return self.expressions.value(node, Scope()).sql

    def _put(self, scope: Scope, name: str, more: tuple[str, ...], fields: Sequence[Field]) -> str:
        """A source under an alias of SQLite's own; `name` is what the statement calls it."""
        self._aliases += 1
        alias = f"s{self._aliases}"
        names = tuple(each.casefold() for each in (name, *more))
        scope.sources.append(Source(alias, names, {each.name.casefold(): each for each in fields}))
        return alias

    # -- what comes out, and in what order -----------------------------------------------------------------------

    def _items(self, node: exp.Select, scope: Scope) -> list[tuple[str, exp.Expression, Code | None]]:
        items: list[tuple[str, exp.Expression, Code | None]] = []
        for each in node.expressions:
            star = each if isinstance(each, exp.Star) else each.this if isinstance(each, exp.Column) else None
            if isinstance(star, exp.Star):
                wanted = each.table.casefold() if isinstance(each, exp.Column) else ""
                sources = [source for source in scope.sources if not wanted or wanted in source.names]
                if not sources:
                    raise error(4104, f"{wanted}.*") if wanted else error(102, "*")
                for source in sources:
                    for own in source.fields.values():
                        code = Code(f"{quoted(source.alias)}.{quoted(own.name)}", own.type, own.nullable)
                        items.append((own.name, exp.column(own.name, source.names[0]), code))
            elif isinstance(each, exp.Alias):
                items.append((each.alias, each.this, None))
            else:
                items.append((each.name if isinstance(each, exp.Column) else "", each, None))
        return items

    def _grouped(self, node: exp.Select, scope: Scope, groups: list[exp.Expression] | None) -> None:
        having = node.args.get("having")
        aggregated = any(map(has_aggregate, node.expressions)) or having is not None
        if groups is None and not aggregated:
            return
        keys = {signature(each, scope) for each in groups or []}
        parts = [(each, 8120) for each in node.expressions] + ([(having.this, 8121)] if having else [])
        order = node.args.get("order")
        names = {each.alias.casefold() for each in node.expressions if isinstance(each, exp.Alias)}
        for each in order.expressions if order else []:
            plain = each.this
            if not isinstance(plain, exp.Column) or plain.table or plain.name.casefold() not in names:
                parts += [(plain, 8127)]
        for part, number in parts:
            within_groups(part.this if isinstance(part, exp.Alias) else part, keys, scope, number)

    def _group(self, node: exp.Expression, scope: Scope) -> str:
        if not node.find(exp.Column):
            raise error(164)
        code = self.expressions.value(node, scope)
        if code.type is not None and code.type.name in OLD:
            raise error(306)
        return collated(code)

    def _ordered(
        self, node: exp.Select, scope: Scope, items: list[tuple[str, exp.Expression, Code | None]], *, inner: bool
    ) -> str:
        order = node.args.get("order")
        if order is None:
            if node.args.get("offset"):
                raise error(102, "OFFSET")
            return ""
        if inner and not node.args.get("limit") and not node.args.get("offset"):
            raise error(1033)
        distinct = node.args.get("distinct")
        listed = {signature(each, scope) for _, each, _ in items} if distinct else set()
        named = {name.casefold(): number for number, (name, _, _) in enumerate(items, 1) if name}
        parts = []
        for position, each in enumerate(order.expressions, 1):
            desc = " DESC" if each.args.get("desc") else ""
            plain = each.this
            if isinstance(plain, exp.Literal) and not plain.is_string and plain.name.isdigit():
                parts.append(f"{plain.name}{desc}")
                continue
            if not plain.find(exp.Column, exp.Anonymous, *AGGREGATES):
                raise error(408, position)
            number = named.get(plain.name.casefold()) if isinstance(plain, exp.Column) and not plain.table else None
            if number is not None:
                code = self.expressions.value(items[number - 1][1], scope)
                if code.type is not None and code.type.name in OLD:
                    raise error(306)
                parts.append(f"{collated(code)}{desc}")
                continue
            if distinct and signature(plain, scope) not in listed:
                raise error(145)
            parts.append(self.expressions.ordered(each, scope))
        return f" ORDER BY {', '.join(parts)}"

    def _limited(self, node: exp.Select, scope: Scope) -> str:
        limit, offset = node.args.get("limit"), node.args.get("offset")
        if limit is None and offset is None:
            return ""
        if offset is not None and self._release < 11:
            raise error(102, "OFFSET")
        count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression if limit else None
        options = limit.args.get("limit_options") if limit else None
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise unlisted("TOP PERCENT")
        most = self.expressions.value(count, scope, INT).sql if count is not None else "-1"
        start = f" OFFSET {self.expressions.value(offset.expression, scope, INT).sql}" if offset is not None else ""
        return f" LIMIT {most}{start}"


def _named(fields: Fields, alias: str) -> None:
    for number, each in enumerate(fields, 1):
        if not each.name:
            raise error(8155, number, alias)
