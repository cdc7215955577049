"""Expressions: from sqlglot's tree to SQLite, with SQL Server's types. What is not listed here is error 102."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.calls import CALLS, Call, variables
from fakes.sqlserver.codes import collated, literal, number_of
from fakes.sqlserver.conversion import kept
from fakes.sqlserver.scope import Code, Plan, Scope
from fakes.sqlserver.sqltypes import BIGINT, FLOAT, INT, OLD, SqlType, higher, typed
from sqlglot import exp

COMPARE: Final[dict[type, tuple[str, str]]] = {exp.EQ: ("=", "equal to"), exp.NEQ: ("<>",
"not equal to"), exp.GT: (">", "greater than"),
           exp.GTE: (">=", "greater than or equal to"), exp.LT: ("<", "less than"),
           exp.LTE: ("<=", "less than or equal to")}  # fmt: skip
MATHS: Final[dict[type, str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
PREDICATES = (*COMPARE, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like, exp.Is, exp.Exists, exp.Escape)
Select = Callable[[exp.Expression, Scope], tuple[str, Sequence[Any]]]


class Expressions:
    """Compiles the expressions of one statement."""

    def __init__(self, plan: Plan, params: Sequence[SqlType | None], release: int, select: Select) -> None:
        self.plan, self.params, self.release, self._select = plan, params, release, select

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: exp.Expression, scope: Scope, want: SqlType | None = None) -> Code:
        """`want`: the type it should have; parameters and literals are converted at once."""
        if isinstance(node, PREDICATES):
            raise error(102, "=")
        if isinstance(node, exp.Paren):
            return self.value(node.this, scope, want)
        if isinstance(node, exp.Parameter):
            return self._parameter(node, want)
        if isinstance(node, exp.Literal | exp.National | exp.HexString | exp.Null):
            return self._literal(node, want)
        code = self._value(node, scope)
        return self.converted(code, want) if want is not None else code

    def _value(self, node: exp.Expression, scope: Scope) -> Code:  # noqa: C901 - a list
        if isinstance(node, exp.Column):
            if isinstance(node.this, exp.Star):
                raise error(102, "*")
            return scope.code(node.table, node.name)
        if isinstance(node, exp.Neg):
            inner = self.value(node.this, scope)
            return Code(f"(- {inner.sql})", inner.type)
        if type(node) in MATHS:
            return self._maths(node, MATHS[type(node)], scope)
        if isinstance(node, exp.Case):
            return self._case(node, scope)
        if isinstance(node, exp.Cast | exp.Convert):
            return self._cast(node, scope)
        if isinstance(node, exp.Coalesce):
            return self._coalesce(node, scope)
        if isinstance(node, exp.Collate):
            inner = self.value(node.this, scope)
            return Code(f"({inner.sql} COLLATE sqltext)", inner.type)
        if isinstance(node, exp.Subquery):
            sql, fields = self._select(node.this, scope)
            if len(fields) != 1:
                raise unlisted("subquery with several columns")
            return Code(f"({sql})", fields[0].type)
        if isinstance(node, exp.Window):
            return self._window(node, scope)
        return self._call(node, scope)

    def _parameter(self, node: exp.Parameter, want: SqlType | None) -> Code:
        if isinstance(node.this, exp.Parameter):
            return variables(node.this.name)
        number = self._number(node)
        self.plan.slots.append((number, want))
        return Code(f"?{len(self.plan.slots)}", want or self.params[number] or SqlType("nvarchar", 4000))

    def _number(self, node: exp.Parameter) -> int:
        """Which value it is, from 0. Raises ServerError 137."""
        name = node.name
        if not (name[:1].upper() == "P" and name[1:].isdigit() and 0 < int(name[1:]) <= len(self.params)):
            raise error(137, f"@{name}")
        return int(name[1:]) - 1

    @staticmethod
    def _literal(node: exp.Expression, want: SqlType | None) -> Code:
        own: SqlType | None
        value: Any
        if isinstance(node, exp.Null):
            return Code("NULL", want)
        if isinstance(node, exp.National) or (isinstance(node, exp.Literal) and node.is_string):
            value = node.name
            own = SqlType("nvarchar" if isinstance(node, exp.National) else "varchar", max(1, len(value)))
        elif isinstance(node, exp.HexString):
            value = bytes.fromhex(node.name.zfill(len(node.name) + len(node.name) % 2))
            own = SqlType("varbinary", max(1, len(value)))
        elif "e" in node.name.lower():
            value, own = float(node.name), FLOAT
        elif "." in node.name:
            value, own = node.name, SqlType("numeric", 0, len(node.name) - 1, len(node.name.partition(".")[2]))
        else:
            value = int(node.name)
            own = INT if value < 2**31 else SqlType("numeric", 0, len(node.name), 0)
        to = want or own
        return Code(literal(kept(value, to, cast=want is None)), to, nullable=False)

    def converted(self, code: Code, to: SqlType, *, cast: int | None = None) -> Code:
        """The value as another type. `cast`: the style of an explicit conversion; without one too long is an error."""
        own = code.type
        if own is not None and own.kept == to.kept and cast is None and own.kept not in {"whole", "any"}:
            return Code(code.sql, to, code.nullable)
        if own == to and cast is None:
            return code
        source = number_of(own) if own is not None else -1
        mode = -1 if cast is None else cast
        return Code(f"convert_to({number_of(to)}, {source}, {mode}, {code.sql})", to, code.nullable)

    def assigned(self, node: exp.Expression, scope: Scope, to: SqlType) -> Code:
        """The value on its way into a column: that it fits is seen to."""
        plain = node.this if isinstance(node, exp.Paren) else node
        if isinstance(plain, exp.Parameter | exp.Literal | exp.National | exp.HexString | exp.Null):
            return self.value(plain, scope, to)
        code = self.value(node, scope)
        source = number_of(code.type) if code.type is not None else -1
        return Code(f"convert_to({number_of(to)}, {source}, -1, {code.sql})", to)

    def _maths(self, node: exp.Expression, sign: str, scope: Scope) -> Code:
        left, right = self.value(node.this, scope), self.value(node.expression, scope)
        to = higher(left.type, right.type) or INT
        if to.text or to.kept == "bytes":
            if sign != "+" or not to.text:
                raise error(
                    8117, to.name, {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}.get(sign, "modulo")
                )
            length = (
                -1 if -1 in {left.type.length if left.type else 0, right.type.length if right.type else 0} else 4000
            )
            return Code(f"({left.sql} || {right.sql})", SqlType(to.name, length))
        if to.kept not in {"whole", "float", "exact"}:
            raise unlisted(f"{to.name} {sign}")
        left, right = self.converted(left, to), self.converted(right, to)
        if to.kept == "exact":
            scale = to.scale * 2 if sign == "*" else max(6, to.scale) if sign == "/" else to.scale
            made = SqlType("decimal", 0, 38, min(scale, 38)) if to.name in {"decimal", "numeric"} else to
            return Code(f"exact_maths('{sign}', {made.scale or 4}, {left.sql}, {right.sql})", made)
        if sign in "/%":
            return Code(f"divided('{sign}', {left.sql}, {right.sql})", to)
        sql = f"({left.sql} {sign} {right.sql})"
        return Code(f"convert_to({number_of(to)}, {number_of(BIGINT)}, -1, {sql})" if to.kept == "whole" else sql, to)

    def _case(self, node: exp.Case, scope: Scope) -> Code:
        branches = [each.args["true"] for each in node.args["ifs"]]
        other = node.args.get("default")
        to = self.common([*branches, *([other] if other is not None else [])], scope)
        subject = node.args.get("this")
        parts = ["CASE"]
        for each in node.args["ifs"]:
            test = (
                self.compared("=", "equal to", subject, each.this, scope)
                if subject
                else self.condition(each.this, scope)
            )
            parts.append(f"WHEN {test} THEN {self.value(each.args['true'], scope, to).sql}")
        if other is not None:
            parts.append(f"ELSE {self.value(other, scope, to).sql}")
        return Code(" ".join([*parts, "END"]), to)

    def common(self, nodes: Sequence[exp.Expression], scope: Scope) -> SqlType | None:
        """The type that these become together; nothing is compiled into the plan."""
        to: SqlType | None = None
        for node in nodes:
            to = higher(to, self.type_of(node, scope))
        return to

    def type_of(self, node: exp.Expression, scope: Scope) -> SqlType | None:
        plain = node
        while isinstance(plain, exp.Paren):
            plain = plain.this
        if isinstance(plain, exp.Null):
            return None
        if isinstance(plain, exp.Parameter) and not isinstance(plain.this, exp.Parameter):
            return self.params[self._number(plain)]
        slots, views = list(self.plan.slots), list(self.plan.views)
        found = self.value(node, scope).type
        self.plan.slots[:], self.plan.views[:] = slots, views
        return found

    def _cast(self, node: exp.Expression, scope: Scope) -> Code:
        to = typed((node.args["to"] if isinstance(node, exp.Cast) else node.this).sql("tsql"), cast=True)
        inner = self.value(node.this if isinstance(node, exp.Cast) else node.expression, scope)
        style = node.args.get("style")
        if style is not None and not (isinstance(style, exp.Literal) and style.name.isdigit()):
            raise unlisted("CONVERT with such a style")
        if inner.type is not None and inner.type.name == "image" and to.kept != "bytes":
            raise error(529, inner.type.name, to.name)
        return self.converted(inner, to, cast=int(style.name) if style is not None else 0)

    def _coalesce(self, node: exp.Coalesce, scope: Scope) -> Code:
        nodes = [node.this, *node.expressions]
        to = self.type_of(node.this, scope) if node.args.get("is_null") else None
        to = to or self.common(nodes, scope)
        return Code(f"coalesce({', '.join(self.value(each, scope, to).sql for each in nodes)})", to)

    def _window(self, node: exp.Window, scope: Scope) -> Code:
        if not isinstance(node.this, exp.RowNumber) or not node.args.get("order") or node.args.get("partition_by"):
            raise unlisted("OVER")
        order = ", ".join(self.ordered(each, scope) for each in node.args["order"].expressions)
        return Code(f"row_number() OVER (ORDER BY {order})", BIGINT, nullable=False)

    def ordered(self, node: exp.Expression, scope: Scope) -> str:
        code = self.value(node.this, scope)
        if code.type is not None and code.type.name in OLD:
            raise error(306)
        return f"{collated(code)}{' DESC' if node.args.get('desc') else ''}"

    def _call(self, node: exp.Expression, scope: Scope) -> Code:
        call = CALLS.get(node.name.upper() if isinstance(node, exp.Anonymous) else type(node).__name__)
        if call is None:
            raise error(195, node.name) if isinstance(node, exp.Anonymous) else unlisted(type(node).__name__)
        return call(Call(node, lambda each, want=None: self.value(each, scope, want), self.release))

    # -- conditions ----------------------------------------------------------------------------------------------

    def condition(self, node: exp.Expression, scope: Scope) -> str:  # noqa: C901 - a list
        """What is true, false or unknown. Raises ServerError 4145 for a mere value."""
        if isinstance(node, exp.Paren):
            return f"({self.condition(node.this, scope)})"
        if isinstance(node, exp.And | exp.Or):
            word = "AND" if isinstance(node, exp.And) else "OR"
            return f"({self.condition(node.this, scope)} {word} {self.condition(node.expression, scope)})"
        if isinstance(node, exp.Not):
            return f"(NOT {self.condition(node.this, scope)})"
        if type(node) in COMPARE:
            return self.compared(*COMPARE[type(node)], node.this, node.expression, scope)
        if isinstance(node, exp.Is):
            if not isinstance(node.expression, exp.Null):
                raise error(102, "IS")
            return f"({self.value(node.this, scope).sql} IS NULL)"
        if isinstance(node, exp.In):
            return self._within(node, scope)
        if isinstance(node, exp.Between):
            low = self.compared(">=", "greater than or equal to", node.this, node.args["low"], scope)
            return f"({low} AND {self.compared('<=', 'less than or equal to', node.this, node.args['high'], scope)})"
        if isinstance(node, exp.Like | exp.Escape):
            like, mark = (node.this, node.expression.name) if isinstance(node, exp.Escape) else (node, "")
            text, pattern = self.value(like.this, scope), self.value(like.expression, scope)
            return f"sql_like({self.converted(text, SqlType('nvarchar', -1)).sql}, {pattern.sql}, {literal(mark)})"
        if isinstance(node, exp.Exists):
            return f"EXISTS ({self._select(node.this, scope)[0]})"
        raise error(4145, node.sql("tsql")[:30])

    def compared(self, sign: str, name: str, left: exp.Expression, right: exp.Expression, scope: Scope) -> str:
        to = self.common([left, right], scope)
        for one, other in ((left, right), (right, left)):
            own = self.type_of(one, scope)
            if own is not None and own.name in {*OLD, "xml"}:
                against = self.type_of(other, scope) or own
                raise error(402, own.name, against.name, name)
        loose = self._loose(to)
        first, second = self.value(left, scope, loose), self.value(right, scope, loose)
        return f"({collated(Code(first.sql, to))} {sign} {second.sql})"

    @staticmethod
    def _loose(to: SqlType | None) -> SqlType | None:
        """A comparison cuts nothing off."""
        if to is None or not to.text:
            return SqlType("datetime2", 0, 0, 7) if to is not None and to.name == "datetime2" else to
        return SqlType("nvarchar" if to.name in {"nchar", "nvarchar"} else "varchar", -1)

    def _within(self, node: exp.In, scope: Scope) -> str:
        query = node.args.get("query")
        if query is not None:
            code = self.value(node.this, scope)
            sql, _ = self._select(query.this if isinstance(query, exp.Subquery) else query, scope)
            return f"({collated(code)} IN ({sql}))"
        to = self._loose(self.common([node.this, *node.expressions], scope))
        code = self.value(node.this, scope, to)
        if code.type is not None and code.type.name in OLD:
            raise error(306)
        listed = ", ".join(self.value(each, scope, to).sql for each in node.expressions)
        return f"({collated(code)} IN ({listed}))"
