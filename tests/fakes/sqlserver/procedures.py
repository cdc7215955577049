"""Procedures of the server that drivers call by themselves, and the arguments of those that carry statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from factory.sqlserver.kinds import MAX, kind
from fakes.sqlserver.parameters import Reader, value
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Row, ServerError, Value

BY_NUMBER = {
    1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare", 4: "sp_cursorexecute", 5: "sp_cursorprepexec",
    6: "sp_cursorunprepare", 7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose", 10: "sp_executesql",
    11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 14: "sp_prepexecrpc", 15: "sp_unprepare",
}  # fmt: skip
_ASKS = re.compile(r"\s*(?:exec(?:ute)?\s+)?(?:\[?sys\]?\.+)?sp_datatype_info(?:_\d+)?\b\s*(-?\d+)?", re.IGNORECASE)
SEPARATORS = (0x80, 0xFE, 0xFF)
"""Between two calls of one message."""

_TYPES: Mapping[int, tuple[str, int]] = {
    1: ("char", 8000), -8: ("nchar", 4000), 12: ("varchar", 8000), -9: ("nvarchar", 4000), -1: ("text", 2**31 - 1),
    -10: ("ntext", 2**30 - 1), -2: ("binary", 8000), -3: ("varbinary", 8000), -4: ("image", 2**31 - 1),
    -7: ("bit", 1), -6: ("tinyint", 3), 5: ("smallint", 5), 4: ("int", 10), -5: ("bigint", 19), 7: ("real", 24),
    8: ("float", 53), 2: ("numeric", 38), 3: ("decimal", 38), 91: ("date", 10), -154: ("time", 16),
    93: ("datetime2", 27), -11: ("uniqueidentifier", 36), -152: ("xml", 0), -150: ("sql_variant", 8000),
}  # fmt: skip
"""ODBC's number of a type -> its name and precision, as `sp_datatype_info_100` tells them."""
_NARROW, _SMALL, _WHOLE = "nvarchar(128)", "smallint", "int"
_INFO = tuple(
    ColumnOut(name, declared)
    for name, declared in (
        ("TYPE_NAME", _NARROW), ("DATA_TYPE", _SMALL), ("PRECISION", _WHOLE), ("LITERAL_PREFIX", _NARROW),
        ("LITERAL_SUFFIX", _NARROW), ("CREATE_PARAMS", _NARROW), ("NULLABLE", _SMALL), ("CASE_SENSITIVE", _SMALL),
        ("SEARCHABLE", _SMALL), ("UNSIGNED_ATTRIBUTE", _SMALL), ("MONEY", _SMALL), ("AUTO_INCREMENT", _SMALL),
        ("LOCAL_TYPE_NAME", _NARROW), ("MINIMUM_SCALE", _SMALL), ("MAXIMUM_SCALE", _SMALL), ("SQL_DATA_TYPE", _SMALL),
        ("SQL_DATETIME_SUB", _SMALL), ("NUM_PREC_RADIX", _WHOLE), ("INTERVAL_PRECISION", _SMALL), ("USERTYPE", _SMALL),
    )
)  # fmt: skip
_UNDECLARED = tuple(
    ColumnOut(name, declared)
    for name, declared in (
        ("parameter_ordinal", _WHOLE), ("name", _NARROW), ("suggested_system_type_id", _WHOLE),
        ("suggested_system_type_name", "nvarchar(256)"), ("suggested_max_length", _SMALL),
        ("suggested_precision", "tinyint"), ("suggested_scale", "tinyint"), ("suggested_user_type_id", _WHOLE),
        ("suggested_user_type_database", _NARROW), ("suggested_user_type_schema", _NARROW),
        ("suggested_user_type_name", _NARROW), ("suggested_assembly_qualified_type_name", "nvarchar(4000)"),
        ("suggested_xml_collection_id", _WHOLE), ("suggested_xml_collection_database", _NARROW),
        ("suggested_xml_collection_schema", _NARROW), ("suggested_xml_collection_name", _NARROW),
        ("suggested_is_xml_document", "bit"), ("suggested_is_case_sensitive", "bit"),
        ("suggested_is_fixed_length_clr_type", "bit"), ("suggested_is_input", "bit"), ("suggested_is_output", "bit"),
        ("formal_parameter_name", _NARROW), ("suggested_tds_type_id", _WHOLE), ("suggested_tds_length", _WHOLE),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call: the procedure in small letters without its schema, and what it was given, in order."""

    procedure: str
    arguments: Sequence[tuple[str, Value]]

    def said(self, at: int) -> str:
        """An argument that may be text, or not there."""
        given = self.values[at] if at < len(self.arguments) else None
        return given if isinstance(given, str) else ""

    @property
    def values(self) -> list[Value]:
        """Without their names."""
        return [given for _, given in self.arguments]

    def text(self, at: int) -> str:
        """An argument that has to be text. Raises `ServerError`."""
        given = self.values[at] if at < len(self.arguments) else None
        if not isinstance(given, str):
            raise ServerError(214, f"Procedure expects parameter of type 'ntext/nchar/nvarchar' ({self.procedure}).")
        return given

    def after(self, at: int) -> list[Value]:
        """The values of `@P1`, `@P2`, ... Raises `ServerError` where they come by other names or out of order."""
        for number, (name, _) in enumerate(self.arguments[at:], 1):
            if name.upper() not in ("", f"@P{number}"):
                raise ServerError(8145, f"{name} is not a parameter for procedure {self.procedure}.")
        return self.values[at:]


def calls(body: bytes, at: int) -> Iterator[tuple[Call, bool]]:
    """The calls of a message, and whether more follow. Raises `parameters.Unknown`, `EOFError`."""
    reader = Reader(body, at)
    while reader.more:
        length = reader.number(2)
        if length == 0xFFFF:
            number = reader.number(2)
            name = BY_NUMBER.get(number, f"#{number}")
        else:
            name = reader.text(length).lower().replace("[", "").replace("]", "").rpartition(".")[2]
        reader.take(2)
        arguments = []
        while reader.more and reader.peek() not in SEPARATORS:
            said = reader.text(reader.number(1))
            reader.take(1)
            arguments.append((said, value(reader)))
        if reader.more:
            reader.take(1)
        yield Call(name, arguments), reader.more


def datatype_asked(text: str) -> int | None:
    """The type that a batch asks `sp_datatype_info_100` for, as FreeTDS does; None: it asks something else."""
    found = _ASKS.match(text)
    return int(found[1] or 0) if found else None


def datatype_info(asked: Value) -> Iterator[Event]:
    """How long texts, bytes and decimals may be; 0 asks for all. pyodbc asks once for each connection string."""
    yield Columns(_INFO)
    found = [(number, *said) for number, said in _TYPES.items() if asked in (0, number)]
    for number, name, precision in found:
        quote = None if number in (-7, -6, 5, 4, -5, 7, 8, 2, 3) else "'"
        most = 38 if number in (2, 3) else 7 if number in (93, -154) else 0
        yield Row(
            (name, number, precision, quote, quote, None, 1, 0, 3, 0, 0, 0, name, 0, most, number, None, 10, None, 0)
        )
    yield Done(len(found))


def undeclared(types: Sequence[str]) -> Iterator[Event]:
    """The answer of `sp_describe_undeclared_parameters`."""
    yield Columns(_UNDECLARED)
    for number, declared in enumerate(types, 1):
        what = kind(declared)
        size = (what.length, what.precision, what.scale)
        head = (number, f"@P{number}", what.id, declared, *size)
        yield Row(
            (
                *head,
                *(None,) * 9,
                False,
                False,
                False,
                True,
                False,
                None,
                what.id,
                0xFFFF if what.length == MAX else what.length,
            )
        )
    yield Done(len(types))
