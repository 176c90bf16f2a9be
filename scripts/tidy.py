"""The project's own rules that no linter knows; each finding is `file:line: rule`.

A line may carry `tidy: allow(rule)` with a reason where a rule really does not fit.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 600
# Written by people and read by people; data, lock files and the licence are neither.
SOURCES = re.compile(r"\.(cpp|hpp|h|py|sh|sql|ts|tsx|css|cmake|ya?ml|md|txt)$|^[^.]*$")
LONG_BY_NATURE = {"LICENSE", "api/openapi.yaml", "web/package-lock.json"}
GENERATED = re.compile(
    r"(^|/)(build|dist|node_modules|__pycache__|\.venv|\.data)/"
    r"|\.(o|a|so|pyc|log|profraw|gcda|gcno)$|(^|/)compile_commands\.json$"
)
# Where amounts, balances or rates pass through; statistics such as latency live elsewhere.
MONEY = re.compile(r"^(src/(core|ledger|user|transaction|reporting)|db)/")
FLOATING_POINT = re.compile(r"\b(float|double|real|double precision|float4|float8)\b")
# Metrics are floating point by nature, and nothing is ever read back from them.
METRIC = re.compile(r"\b(Observe|Increment|Set)\(")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home/[a-z]+|farm|Users)/")
COMMENT = re.compile(r"(//|--|#).*$")
# What holds a lock that stops payments for as long as it reads or writes a whole table.
MIGRATION = re.compile(r"^db/migrations/\d{4}_\w+\.sql$")
# As sha256sum writes it. Databases know what they ran by its checksum, and refuse another text.
RELEASED = "db/migrations/released.sha256"
BLOCKING = [
    (
        r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?\w+\s+ON (?:ONLY )?(\w+)",
        "an index of a table that payments write: CONCURRENTLY, in a -- no-transaction migration",
    ),
    (
        r"ALTER TABLE (?:ONLY )?(\w+)\s+ADD (?:CONSTRAINT|CHECK|FOREIGN)(?![^;]*\bNOT VALID\b)",
        "a constraint that reads the whole table: NOT VALID here, VALIDATE CONSTRAINT later",
    ),
    (r"ALTER TABLE (?:ONLY )?(\w+)[^;]*\bSET NOT NULL\b", "reads the whole table under its lock"),
    (r"ALTER TABLE (?:ONLY )?(\w+)[^;]*\bTYPE \w", "writes the whole table anew under its lock"),
    (
        r"ALTER TABLE (?:ONLY )?(\w+)[^;]*\bADD COLUMN[^;]*"
        r"\b(?:GENERATED|random\(|clock_timestamp\()",
        "writes the whole table anew under its lock",
    ),
    (r"\b(?:VACUUM FULL|CLUSTER|REINDEX(?! \w+ CONCURRENTLY))\s+(\w+)", "locks out everybody"),
    (r"\bLOCK (?:TABLE )?(\w+)", "locks out payments for the whole migration"),
]


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file())


def committed() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def line_findings(name: str, number: int, line: str) -> list[str]:
    allowed = re.findall(r"tidy: allow\((\w+)\)", line)
    found = []
    if UNFINISHED.search(line) and "unfinished" not in allowed:
        found.append("unfinished work belongs into an issue")
    if MACHINE_PATH.search(line) and "path" not in allowed:
        found.append("a path of one machine")
    money = MONEY.match(name) and name.endswith((".cpp", ".hpp", ".h", ".sql"))
    floating = FLOATING_POINT.search(COMMENT.sub("", line)) and not METRIC.search(line)
    if money and floating and "float" not in allowed:
        found.append("floating point near money")
    if line != line.rstrip():
        found.append("space at the end of the line")
    return [f"{name}:{number}: {what}" for what in found]


def migration_findings(name: str, text: str) -> list[str]:
    """Statements that stop payments; of a table that the same migration makes nobody knows yet."""
    bare = "\n".join(re.sub(r"--.*$", "", line) for line in text.split("\n"))
    made = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", bare))
    found = []
    for pattern, why in BLOCKING:
        for match in re.finditer(pattern, bare, re.IGNORECASE):
            number = bare.count("\n", 0, match.start()) + 1
            allowed = "tidy: allow(lock)" in text.split("\n")[number - 1]
            if match.group(1) not in made and not allowed:
                found.append(f"{name}:{number}: {why}")
    return found


def released_findings() -> list[str]:
    found = []
    for number, line in enumerate((ROOT / RELEASED).read_text(encoding="utf-8").splitlines(), 1):
        checksum, name = line.split()
        path = ROOT / "db/migrations" / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            found.append(f"{RELEASED}:{number}: {name} is not as it was released: add a migration")
    return found


def file_findings(name: str) -> list[str]:
    if not SOURCES.search(name) or name in LONG_BY_NATURE:
        return []
    try:
        text = (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [f"{name}:1: not UTF-8"]
    lines = text.split("\n")
    found = []
    if len(lines) - 1 > MAX_LINES:
        found.append(f"{name}:{MAX_LINES}: more than {MAX_LINES} lines: is it one thing?")
    if text and not text.endswith("\n"):
        found.append(f"{name}:{len(lines)}: no new line at the end")
    for number, line in enumerate(lines, 1):
        found.extend(line_findings(name, number, line))
    if MIGRATION.match(name):
        found.extend(migration_findings(name, text))
    return found


def main() -> int:
    found = [finding for name in tracked() for finding in file_findings(name)]
    found += released_findings()
    found += [f"{name}:1: a generated file" for name in committed() if GENERATED.search(name)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
