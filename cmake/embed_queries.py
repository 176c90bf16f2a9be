"""The statements of db/queries as C++: embed_queries.py OUT_DIR QUERIES_DIR

<folder>/<name>.sql becomes queries::<folder>::<name> in OUT_DIR/queries/<folder>.h. The comment at
the file's head ends with the columns that the statement answers with:

    -- Whatever there is to say.
    -- row: id uuid, balance bigint, note text?
    SELECT ...

Each has the name that the result gives it and PostgreSQL's type (`total`: a sum of amounts, as
text); `?` says that it may be NULL. They become the members of a struct, FindUserRow for
find_user.sql. A row may begin with `like other_statement`: with that statement's columns, as its
base class. `none` stands for a statement without columns; a column of the type void is no member.

OUT_DIR/query_declarations.h lists all of them: ./test pg holds them to what the database says.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

# By PostgreSQL's name, which is the decoder's in src/pg/decode.h too: the member's type, and the
# OID's constant in src/pg/params.h.
TYPES = {
    "bigint": ("std::int64_t", "kOidInt8"),
    "boolean": ("bool", "kOidBool"),
    "bytea": ("std::span<const std::uint8_t>", "kOidBytea"),
    "integer": ("std::int32_t", "kOidInt4"),
    "smallint": ("std::int16_t", "kOidInt2"),
    "text": ("std::string_view", "kOidText"),
    "tid": ("pg::Tid", "kOidTid"),
    "timestamptz": ("std::int64_t", "kOidTimestamptz"),
    "total": ("Total", "kOidText"),
    "uuid": ("Uuid", "kOidUuid"),
    "void": ("", "kOidVoid"),
}
# Of C++, and what the generated structs themselves are made of.
TAKEN = re.findall(
    r"\w+",
    """alignas alignof and asm auto bool break case catch char class const continue default delete
    do double else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new not nullptr operator or private protected public register requires
    return short signed sizeof static struct switch template this throw true try typedef typeid
    typename union unsigned using virtual void volatile while xor
    read""",
)
NAME = re.compile(r"[a-z][a-z0-9_]*")
COLUMN = re.compile(r"(?P<name>\S+) (?P<type>[a-z]+)(?P<nullable>\??)")
LIKE = re.compile(r"like (?P<name>\S+)")


class Refused(Exception):
    """A declaration that cannot stand; says where and why."""


@dataclass
class Column:
    name: str
    type: str
    nullable: bool

    @property
    def member(self) -> str:
        kind, _ = TYPES[self.type]
        return f"{f'std::optional<{kind}>' if self.nullable else kind} {self.name}{{}}"

    @property
    def constant(self) -> str:
        _, oid = TYPES[self.type]
        return f'{{"{self.name}", pg::{oid}, {str(self.nullable).lower()}}}'

    @property
    def is_member(self) -> bool:
        return self.type != "void"

    def read(self, index: int) -> str:
        decode, cell = f"pg::decode::{self.type}", f"rows.cell(row, {index})"
        return f"pg::decode::optional<{decode}>({cell})" if self.nullable else f"{decode}({cell})"


@dataclass
class Statement:
    folder: str
    name: str
    sql: str
    declared: bool = False
    like: str = ""
    columns: list[Column] = field(default_factory=list)  # the file's own, without those of `like`

    @property
    def row_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_")) + "Row"


def declaration_of(sql: str) -> str | None:
    """What follows `row:` in the comment at the head, to the end of that comment."""
    head = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        head.append(line.removeprefix("--").strip())
    for i, line in enumerate(head):
        if line.startswith("row:"):
            return " ".join([line.removeprefix("row:"), *head[i + 1 :]]).strip()
    return None


def parse(folder: str, name: str, sql: str) -> Statement:
    def refuse(why: str) -> Refused:
        return Refused(f"{folder}/{name}.sql: {why}")

    statement = Statement(folder, name, sql)
    if not NAME.fullmatch(name) or name in TAKEN:
        raise refuse("the file's name is no name in C++")
    if ')~sql~"' in sql:
        raise refuse("the text ends the C++ literal that it stands in")
    declaration = declaration_of(sql)
    if declaration is None:
        return statement
    statement.declared = True
    if declaration == "none":
        return statement
    for i, item in enumerate(re.split(r",\s*", declaration)):
        if i == 0 and (like := LIKE.fullmatch(item)):
            statement.like = like["name"]
            continue
        column = COLUMN.fullmatch(item)
        if not column:
            raise refuse(f"'{item}' is no column: name, type, and ? where it may be NULL")
        if not NAME.fullmatch(column["name"]) or column["name"] in TAKEN:
            raise refuse(f"'{column['name']}' is no name in C++: give the column another")
        if column["type"] not in TYPES:
            raise refuse(f"the type '{column['type']}' is none of {', '.join(TYPES)}")
        if column["type"] == "void" and column["nullable"]:
            raise refuse("void is never NULL")
        statement.columns.append(Column(column["name"], column["type"], bool(column["nullable"])))
    return statement


def in_order(statements: list[Statement]) -> list[Statement]:
    """Each after the one that its row is like."""
    by_name = {statement.name: statement for statement in statements}
    placed: dict[str, Statement] = {}

    def place(statement: Statement, users: list[str]) -> None:
        where = f"{statement.folder}/{statement.name}.sql"
        if statement.name in users:
            raise Refused(f"{where}: its row is like itself")
        if statement.like:
            base = by_name.get(statement.like)
            if base is None or not (base.columns or base.like):
                raise Refused(f"{where}: there is no row of '{statement.like}' beside it")
            place(base, [*users, statement.name])
        placed.setdefault(statement.name, statement)

    for statement in statements:
        place(statement, [])
    for statement in placed.values():
        names = [column.name for column in all_columns(statement, by_name)]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            where = f"{statement.folder}/{statement.name}.sql"
            raise Refused(f"{where}: {min(twice)} is declared twice")
    return list(placed.values())


def all_columns(statement: Statement, by_name: dict[str, Statement]) -> list[Column]:
    inherited = all_columns(by_name[statement.like], by_name) if statement.like else []
    return [*inherited, *statement.columns]


def row_struct(statement: Statement, by_name: dict[str, Statement]) -> str:
    name, base = statement.row_name, by_name.get(statement.like)
    if base and not statement.columns:
        return f"using {name} = {base.row_name};\n"
    columns = all_columns(statement, by_name)
    first = len(columns) - len(statement.columns)
    members = [column for column in statement.columns if column.is_member]
    values = [c.read(first + i) for i, c in enumerate(statement.columns) if c.is_member]
    if base:
        values.insert(0, f"{base.row_name}::read(rows, row)")
    lines = [
        f"struct {name}{f' : {base.row_name}' if base else ''} {{",
        *(f"  {column.member};" for column in members),
        f"  static constexpr std::array<pg::Column, {len(columns)}> kColumns{{{{",
        *(f"      {column.constant}," for column in columns),
        "  }};",
        f"  static {name} read(const pg::Rows& rows, int row) {{",
        "    return {",
        *(f"        {value}," for value in values),
        "    };",
        "  }",
        "};",
    ]
    return "\n".join(lines) + "\n"


def has_row(statement: Statement, by_name: dict[str, Statement]) -> bool:
    return any(column.is_member for column in all_columns(statement, by_name))


def header(statements: list[Statement]) -> str:
    by_name = {statement.name: statement for statement in statements}
    parts = [
        "#pragma once\n// Generated from db/queries by cmake/embed_queries.py.\n",
        '#include "pg/decode.h"\n#include "pg/statement.h"\n',
        f"namespace instapay::queries::{statements[0].folder} {{\n",
    ]
    for statement in statements:
        literal = f'"{statement.folder}/{statement.name}", R"~sql~({statement.sql})~sql~"'
        if has_row(statement, by_name):
            parts.append(row_struct(statement, by_name))
            kind = f"pg::TypedStatement<{statement.row_name}>"
            parts.append(f"inline constexpr {kind} {statement.name}{{{{{literal}}}}};\n")
        else:
            parts.append(f"inline constexpr pg::Statement {statement.name}{{{literal}}};\n")
    return "".join([*parts, f"}}  // namespace instapay::queries::{statements[0].folder}\n"])


def declarations(folders: dict[str, list[Statement]]) -> str:
    lines = [
        "#pragma once",
        "// Generated from db/queries by cmake/embed_queries.py: what each file declares.",
        '#include "queries.h"',
        "namespace instapay::queries {",
        "struct Declaration {",
        "  pg::Statement statement;",
        "  bool declared;",
        "  std::vector<pg::Column> columns;",
        "};",
        "inline const std::vector<Declaration> kDeclarations = {",
    ]
    for statements in folders.values():
        by_name = {statement.name: statement for statement in statements}
        for statement in statements:
            columns = ", ".join(c.constant for c in all_columns(statement, by_name))
            declared = str(statement.declared).lower()
            name = f"{statement.folder}::{statement.name}"
            lines.append(f"    {{{name}, {declared}, {{{columns}}}}},")
    return "\n".join([*lines, "};", "}  // namespace instapay::queries", ""])


def write(path: Path, text: str) -> None:
    """Leaves a file alone that says this already: nothing that includes it is compiled again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def generate(queries: Path, out: Path) -> None:
    folders: dict[str, list[Statement]] = {}
    for path in sorted(queries.glob("*/*.sql")):
        folder = path.parent.name
        statement = parse(folder, path.stem, path.read_text("utf-8"))
        folders.setdefault(folder, []).append(statement)
    folders = {folder: in_order(statements) for folder, statements in folders.items()}
    for folder, statements in folders.items():
        write(out / "queries" / f"{folder}.h", header(statements))
    includes = "".join(f'#include "queries/{folder}.h"\n' for folder in folders)
    write(out / "queries.h", f"#pragma once\n// Generated: every statement.\n{includes}")
    write(out / "query_declarations.h", declarations(folders))


def main() -> int:
    out, queries = (Path(argument) for argument in sys.argv[1:])
    try:
        generate(queries, out)
    except Refused as refused:
        print(f"db/queries/{refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
