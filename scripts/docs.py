"""What documents name exists, and what exists is documented; each finding is `file:line: what`.

Documents are the Markdown files, api/openapi.yaml, and the comments of the C++ sources. Decisions
and the change log are history: only their links are checked. Names are looked for where they are
made: files in the repository, settings in src/config, routes in the route tables, metrics and error
codes in src.
"""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS, API, REFERENCE = "docs/operations.md", "docs/api.md", "api/openapi.yaml"
SOURCE_ENDINGS = "cpp|h|sql|py|sh|yml|yaml|ts|tsx|mjs|conf|md|css|js"
FILE = re.compile(
    rf"(?<![\w./?*-])[\w{{<*][\w.*{{}}<>-]*(?:/[\w.*{{}}<>-]+)*\.(?:{SOURCE_ENDINGS})(?![\w/-])"
)
FOLDER = re.compile(r"^[\w.-]+(?:/[\w.-]+)*/$")
ROUTE = re.compile(
    r"(?<![\w./])/(?:api|health|metrics|docs|oauth|openapi|\.well-known)(?:[/.][\w{}.<>$*…-]*)*"
)
SETTING = re.compile(r"^-{0,2}([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=.*)?$")
SNAKE = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s#]+)?(?:#([^)]*))?\)")
SERIES = re.compile(r"_(?:bucket|sum|count)$")
# What other programs call theirs, and the endpoint that CONTRIBUTING.md adds as an example.
ELSEWHERE = {"snake_case", "USE_BIG_DECIMAL_FOR_FLOATS"}
EXAMPLE = re.compile(r"badges")
# What is made by building, running or deploying.
BUILT = ("build/", ".data/", ".venv/", "web/dist/", "node_modules/", "secrets/")
NOT_METRICS = {
    "instapay_sk_",
    "instapay_user",
    "instapay_refresh",
    "instapay_entries",
    "instapay_lib",
}


@cache
def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file())


@cache
def read(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def markdown() -> list[str]:
    return [name for name in tracked() if name.endswith(".md")]


@cache
def words() -> frozenset[str]:
    """Every name in what is not a document."""
    found: set[str] = set()
    for name in tracked():
        if not name.endswith((".md", "package-lock.json")) and name != REFERENCE:
            found.update(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", read(name)))
    return frozenset(found)


@cache
def stems() -> frozenset[str]:
    return frozenset(Path(name).stem for name in tracked())


def nameless(route: str) -> str:
    """Parameters by position: what a path calls them is the reader's help, not its identity."""
    return re.sub(r"\{[^}]*\}|<[^>]*>|\$\w+", "{}", route)


@cache
def routes() -> frozenset[str]:
    row = re.compile(r'\{\s*Method::\w+,\s*"([^"]+)"')
    return frozenset(
        route for name in tracked() if name.startswith("src/") for route in row.findall(read(name))
    )


@cache
def settings() -> list[str]:
    return re.findall(r'\{\.name = "([A-Z][A-Z0-9_]*)"', read("src/config/settings.cpp"))


@cache
def codes() -> list[str]:
    return re.findall(r'\{Code::\w+,\s*"(\w+)"', read("src/core/error.cpp"))


@cache
def metrics() -> frozenset[str]:
    sources = [name for name in tracked() if re.match(r"src/.*\.(cpp|h)$", name)]
    text = "\n".join(read(name) for name in sources)
    named = {SERIES.sub("", name) for name in re.findall(r'"(instapay_[a-z]\w*)"', text)}
    return frozenset(named - NOT_METRICS)


def file_exists(token: str) -> bool:
    token = token.lstrip("./")
    pattern = re.escape(token)
    pattern = re.sub(r"\\\*|\\\{[^/]*?\\\}|<[^/]*?>|NNNN_name", "[^/]*", pattern)
    wanted = re.compile(rf"(?:^|/){pattern}$")
    return any(wanted.search(name) for name in tracked())


def folder_exists(token: str) -> bool:
    return any(name.startswith(token) or f"/{token}" in name for name in tracked())


def route_exists(token: str) -> bool:
    asked = nameless(re.split(r"[?\s]", token)[0].rstrip(".,:"))
    known = {nameless(route) for route in routes()}
    if asked in known or re.sub(r"[^/]+$", "{}", asked) in known:
        return True
    begins = asked.rstrip("*…/")
    return any(route.startswith(begins + "/") for route in known)


def anchors(name: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)", read(name), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def link_findings(name: str, text: str) -> list[str]:
    found = []
    for target, anchor in LINK.findall(text):
        if re.match(r"\w+:", target):
            continue
        path = (ROOT / name).parent / target if target else ROOT / name
        if not path.exists():
            found.append(f"the link leads nowhere: {target}")
        elif anchor and path.suffix == ".md":
            there = str(path.resolve().relative_to(ROOT))
            if anchor not in anchors(there):
                found.append(f"no such title: {target}#{anchor}")
    return found


def token_finding(name: str, token: str) -> str | None:
    """What is wrong with a name in backticks; nothing when it is no name that is known here."""
    if token in ELSEWHERE or EXAMPLE.search(token):
        return None
    if found := SETTING.match(token):
        known = {found[1], found[1].removesuffix("_FILE")} & words()
        return None if known else f"no such setting: {found[1]}"
    if SNAKE.match(token):
        known = {token, SERIES.sub("", token)} & (words() | stems())
        return None if known else f"nothing has this name: {token}"
    if FOLDER.match(token) and not token.startswith(("/", *BUILT)) and not folder_exists(token):
        return f"no such folder: {token}"
    return None


def markdown_findings(name: str) -> list[str]:
    found = []
    in_code = False
    history = name.startswith("docs/decisions/") or name == "CHANGELOG.md"
    for number, line in enumerate(read(name).splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
            continue
        said = [] if in_code else link_findings(name, line)
        tokens = [] if history or in_code else INLINE.findall(line)
        for token in tokens:
            said += filter(None, [token_finding(name, token)])
            outside = token.startswith((*BUILT, "$", "/")) or " /" in token
            for file in [] if outside or EXAMPLE.search(token) else FILE.findall(token):
                if not file_exists(file):
                    said.append(f"no such file: {file}")
        if not history:
            spoken = line.replace("$api", "/api") if in_code else " ".join(tokens)
            said += [
                f"no such route: {route}"
                for route in ROUTE.findall(spoken)
                if not route_exists(route) and not EXAMPLE.search(route)
            ]
        found += [f"{name}:{number}: {what}" for what in said]
    return found


def comment_findings(name: str) -> list[str]:
    """Comments of sources name files that exist."""
    found = []
    for number, line in enumerate(read(name).splitlines(), 1):
        comment = re.search(r"(?<![:\"'])//(?!/?\s*clang|[\w.]+/).*$", line)
        for file in FILE.findall(comment[0]) if comment else []:
            if not file_exists(file):
                found.append(f"{name}:{number}: no such file: {file}")
    return found


def reference_findings() -> list[str]:
    """The API document: codes beside answers, and names in descriptions."""
    found = []
    fields = set(re.findall(r"code:\n(?:.*\n){2}\s+enum: \[([^\]]*)\]", read(REFERENCE)))
    of_fields = {code.strip() for each in fields for code in each.split(",")}
    for number, line in enumerate(read(REFERENCE).splitlines(), 1):
        said = []
        for listed in re.findall(r"\bcode: \{ (?:enum: \[([^\]]*)\]|const: (\w+)) \}", line):
            for code in re.findall(r"\w+", " ".join(listed)):
                if code not in codes() and code not in of_fields:
                    said.append(f"no such error code: {code}")
        tokens = INLINE.findall(line)
        said += filter(None, (token_finding(REFERENCE, token) for token in tokens))
        routes_named = ROUTE.findall(" ".join(tokens))
        said += [f"no such route: {route}" for route in routes_named if not route_exists(route)]
        found += [f"{REFERENCE}:{number}: {what}" for what in said]
    return found


def scope_findings() -> list[str]:
    """Which scope each endpoint asks a service account for: the table of the source, the guide's
    and the reference."""
    rules = re.findall(r'\{"(\w+)", Scope::(\w+)\}', read("src/net/scopes.cpp"))
    wanted = {name: scope.replace("_", ":", 1) for name, scope in rules}
    operation = re.compile(
        r"^    (\w+):\n      operationId: (\w+)\n((?:      .*\n)*?)      summary", re.MULTILINE
    )
    found, named = [], {}
    for path, item in re.findall(
        r"^  (/\S*):\n((?:    .*\n)+)", read(REFERENCE), flags=re.MULTILINE
    ):
        for method, name, head in operation.findall(item):
            scope = re.search(r"oauth2: \['([\w:]+)'\]", head)
            if (scope and scope[1]) != wanted.get(name):
                found.append(f"{REFERENCE}:1: {name} needs {wanted.get(name)}, not {head.strip()}")
            if name in wanted:
                named[f"`{method.upper()} {path}`"] = wanted[name]
    if len(named) != len(wanted):
        found.append("src/net/scopes.cpp:1: a route of it is not in the reference")
    listed = dict(re.findall(r"^\| (`[A-Z]+ /\S+`) \| `([\w:]+)` \|$", read(API), re.MULTILINE))
    if listed != named:
        found.append(f"{API}:1: the table of scopes is not that of src/net/scopes.cpp")
    return found


def undocumented() -> list[str]:
    operations, guide, reference = read(OPERATIONS), read(API), read(REFERENCE)
    found = [
        f"{OPERATIONS}:1: the setting {name} is not explained"
        for name in settings()
        if f"`{name}`" not in operations
    ]
    found += [
        f"{OPERATIONS}:1: the metric {name} is not explained"
        for name in sorted(metrics())
        if f"`{name}`" not in operations
    ]
    found += [
        f"{API}:1: the error code {code} is not listed"
        for code in codes()
        if f"`{code}`" not in guide
    ]
    listed = reference.split("    ErrorCode:\n", 1)[1].split("]", 1)[0]
    found += [
        f"{REFERENCE}:1: ErrorCode lacks {code}"
        for code in codes()
        if not re.search(rf"\b{code}\b", listed)
    ]
    documented = {nameless(path) for path in re.findall(r"^  (/\S*):$", reference, re.MULTILINE)}
    found += [
        f"{REFERENCE}:1: the route {route} is not described"
        for route in sorted(routes())
        if nameless(route) not in documented
    ]
    found += [
        f"{REFERENCE}:1: {route} is described and not served"
        for route in sorted(documented - {nameless(route) for route in routes()})
    ]
    return found


def role_findings() -> list[str]:
    """The table of docs/security.md is that of src/core/role.h."""
    code = read("src/core/role.h")
    by_role = {
        role.strip("_"): set(re.findall(r"permission == (\w+)", body))
        for role, body in re.findall(r"case Role::(\w+):\n((?:(?!case ).*\n)*)", code)
    }
    text = read("docs/security.md")
    head = re.search(r"^\| permission \| what \|(.*)\|$", text, re.MULTILINE)
    roles = [] if head is None else [name.strip() for name in head[1].split("|")]
    said: dict[str, set[str]] = {role: set() for role in roles}
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|(.*)\|$", text, re.MULTILINE)
    for permission, cells in rows:
        for role, cell in zip(roles, cells.split("|"), strict=True):
            if cell.strip():
                said[role].add(permission)
    by_role["operator"] = {permission for permission, _ in rows}
    return [
        f"docs/security.md:1: {role} is not as in src/core/role.h"
        for role in sorted(by_role.keys() - {"user"})
        if said.get(role) != by_role[role]
    ]


def main() -> int:
    found = [finding for name in markdown() for finding in markdown_findings(name)]
    sources = [name for name in tracked() if re.match(r"(src|db)/.*\.(cpp|h|sql)$", name)]
    found += [finding for name in sources for finding in comment_findings(name)]
    found += reference_findings() + undocumented() + scope_findings() + role_findings()
    for least, what in ((20, settings()), (30, routes()), (40, codes()), (15, metrics())):
        if len(what) < least:
            found.append(f"scripts/docs.py:1: found only {len(what)} of what should be {least}")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
