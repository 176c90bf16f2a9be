"""cmake/embed_queries.py: what the rows of db/queries become in C++, and what it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest
from files import ROOT

SCRIPT = ROOT / "cmake/embed_queries.py"


def embed(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    queries = folder / "queries/shop"
    queries.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (queries / f"{name}.sql").write_text(text, "utf-8")
    command = [sys.executable, str(SCRIPT), str(folder / "out"), str(folder / "queries")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def header(folder: Path, **files: str) -> str:
    done = embed(folder, **files)
    assert done.returncode == 0, done.stderr
    return (folder / "out/queries/shop.h").read_text("utf-8")


def test_a_row_is_a_struct(tmp_path: Path) -> None:
    text = header(
        tmp_path,
        find_item="-- An item.\n-- row: id uuid, price bigint,\n--      note text?\nSELECT 1",
    )
    assert "struct FindItemRow {" in text
    assert (
        "  Uuid id{};\n  std::int64_t price{};\n  std::optional<std::string_view> note{};\n" in text
    )
    assert "pg::decode::optional<pg::decode::text>(rows.cell(row, 2))," in text
    assert 'pg::TypedStatement<FindItemRow> find_item{{"shop/find_item"' in text


def test_a_row_like_another_has_it_as_its_base(tmp_path: Path) -> None:
    text = header(
        tmp_path,
        a_page="-- row: like find_item, place bigint\nSELECT 1",
        find_item="-- row: id uuid\nSELECT 1",
        other="-- row: like find_item\nSELECT 1",
    )
    assert text.index("struct FindItemRow {") < text.index("struct APageRow : FindItemRow {")
    assert "FindItemRow::read(rows, row),\n        pg::decode::bigint(rows.cell(row, 1))," in text
    assert "using OtherRow = FindItemRow;" in text


@pytest.mark.parametrize("head", ["", "-- row: none\n", "-- row: notify void\n"])
def test_without_columns_to_read_it_has_no_row(tmp_path: Path, head: str) -> None:
    text = header(tmp_path, tell=f"{head}SELECT 1")
    assert "inline constexpr pg::Statement tell{" in text
    assert "struct" not in text


def test_what_is_as_it_was_is_not_written_again(tmp_path: Path) -> None:
    """Otherwise every change of a statement would compile everything again."""
    header(tmp_path, find_item="-- row: id uuid\nSELECT 1")
    out = tmp_path / "out/queries/shop.h"
    before = out.stat().st_mtime_ns
    other = tmp_path / "queries/other"
    other.mkdir()
    (other / "clock.sql").write_text("SELECT 1", "utf-8")
    assert embed(tmp_path).returncode == 0
    assert out.stat().st_mtime_ns == before
    assert (tmp_path / "out/queries/other.h").exists()


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        ("", "is no column"),
        ("id", "'id' is no column"),
        ("id uuid,", "is no column"),
        ("id uuid balance bigint", "is no column"),
        ("id uuid not null", "is no column"),
        ("id varchar", "the type 'varchar' is none of"),
        ("amount numeric", "the type 'numeric' is none of"),
        ("amount total??", "is no column"),
        ("void boolean", "'void' is no name in C++"),
        ("Id uuid", "'Id' is no name in C++"),
        ("?column? text", "'?column?' is no name in C++"),
        ("id uuid, id uuid", "id is declared twice"),
        ("done void?", "void is never NULL"),
        ("like nobody", "there is no row of 'nobody'"),
        ("like tell", "there is no row of 'tell'"),
        ("like item", "its row is like itself"),
        ("like base, id uuid", "id is declared twice"),
        ("name text, like base", "the type 'base' is none of"),
    ],
)
def test_refused_declarations(tmp_path: Path, declaration: str, why: str) -> None:
    done = embed(
        tmp_path,
        item=f"-- row: {declaration}\nSELECT 1",
        base="-- row: id uuid\nSELECT 1",
        tell="-- row: none\nSELECT 1",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("db/queries/shop/item.sql: ")
    assert why in done.stderr


def test_refused_texts(tmp_path: Path) -> None:
    assert "ends the C++ literal" in embed(tmp_path, item="SELECT ')~sql~\"'").stderr
    (tmp_path / "queries/shop/item.sql").unlink()
    assert "the file's name is no name in C++" in embed(tmp_path, delete="SELECT 1").stderr
