"""Two releases on one database during a rolling update: migrations expand only, and the release
before works on what the newest one has made."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import BUILD_LIMIT_S, engine, image
from files import ROOT, SERVICES
from harness.platform import BINARY
from harness.users import login, register
from production import Production

# What an expanding migration may do, to every table that the services write.
LATER = """
ALTER TABLE users ADD COLUMN later text NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN later bigint;
ALTER TABLE entries ADD COLUMN later text;
ALTER TABLE ledger_batches ADD COLUMN later text;
CREATE INDEX later_index ON users (later);
CREATE TABLE later_table (id bigint PRIMARY KEY);
GRANT SELECT, INSERT ON later_table TO instapay_transaction;
INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, '9999_later.sql', 'x');
"""
UNDO = """
DELETE FROM schema_migrations WHERE version = 9999;
DROP TABLE later_table;
DROP INDEX later_index;
ALTER TABLE ledger_batches DROP COLUMN later;
ALTER TABLE entries DROP COLUMN later;
ALTER TABLE accounts DROP COLUMN later;
ALTER TABLE users DROP COLUMN later;
"""


@pytest.fixture(scope="module")
def previous(
    pytestconfig: pytest.Config, request: pytest.FixtureRequest, scratch_of_module: Path
) -> Path:
    """The executable of the release before: INSTAPAY_PREVIOUS_BIN; with containers, its image's.
    Else the present one, as the release before a schema that is expanded further, as all are."""
    if named := os.environ.get("INSTAPAY_PREVIOUS_BIN"):
        return Path(named)
    if not pytestconfig.getoption("--containers"):
        return BINARY
    container = engine("create", image("user-service", request.getfixturevalue("previous_images")))
    try:
        engine("cp", f"{container}:/usr/local/bin/instapay", str(scratch_of_module / "instapay"))
    finally:
        engine("rm", container)
    return scratch_of_module / "instapay"


@pytest.fixture(scope="module")
def older_key(previous: Path, scratch_of_module: Path) -> dict[str, str]:
    """An installation is updated with the keys that it has: those that the release before made."""
    made = subprocess.run([previous, "keygen"], capture_output=True, text=True, check=True)
    file = scratch_of_module / "jwt_private_key"
    file.write_text(made.stdout)
    return {"JWT_PRIVATE_KEY_FILE": str(file)}


@pytest.fixture
def expanded(production: Production) -> Iterator[Production]:
    """A newer schema under services that were started before it."""
    url = production.database_url("migrate")
    done = production.psql(url, LATER)
    assert done.returncode == 0, done.stderr
    try:
        yield production
    finally:
        done = production.psql(url, UNDO)
        assert done.returncode == 0, done.stderr


def use(production: Production) -> None:
    """Every service, reading and writing."""
    with production.client() as client:
        amal, omar = register(client), register(client)
        payment = amal.pay(omar, "2.50", note="lunch").ok(201)
        transfers = [{"receiver_email": omar.email, "amount": "0.25"} for _ in range(2)]
        batch = {"transfers": transfers, "atomic": True}
        assert amal.post("/api/transactions/batch", batch).ok()["completed"] == 2
        assert str(omar.balance()) == "1003.00"
        assert payment["id"] in [entry["id"] for entry in omar.history()]
        login(client, omar.email, omar.password)
        password = (production.secrets / "user-service/operator_password").read_text()
        operator = login(client, "operator@example.com", password)
        operator.adjust(amal, "1.00", reason="paid in").ok()
        operator.get("/api/reports/system").ok()
        operator.get(f"/api/reports/users/{amal.id}").ok()


def test_services_that_run_go_on(expanded: Production) -> None:
    use(expanded)


@pytest.mark.timeout(BUILD_LIMIT_S)
def test_the_release_before_works_on_the_new_schema(
    expanded: Production, previous: Path, older_key: dict[str, str]
) -> None:
    for name in SERVICES:
        expanded.stop_service(name)
        expanded.spawn(name, executable=previous, **(older_key if name == "user" else {}))
    for name in SERVICES:
        expanded.wait_ready(name)
    use(expanded)
    url_file = str(expanded.secrets / "migrate/database_url")
    migrated = expanded.instapay("migrate", INSTAPAY_ENV="production", DATABASE_URL_FILE=url_file)
    assert migrated.returncode == 0, migrated.stderr
    verdict = expanded.audit()
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.timeout(BUILD_LIMIT_S)
def test_both_releases_side_by_side(
    expanded: Production, previous: Path, older_key: dict[str, str]
) -> None:
    """During the update: the newest reports and signs in, the one before still takes payments."""
    expanded.stop_service("transaction")
    expanded.spawn("transaction", executable=previous)
    for name in ("user", "reporting"):
        expanded.stop_service(name)
        expanded.spawn(name, **(older_key if name == "user" else {}))
    for name in SERVICES:
        expanded.wait_ready(name)
    use(expanded)


def test_migrations_only_expand() -> None:
    """Statements that would break the release that is still running."""
    forbidden = (
        "DROP TABLE",
        "DROP COLUMN",
        "RENAME ",
        "SET NOT NULL",
        "ALTER COLUMN",
        "TRUNCATE ",
    )
    for file in sorted((ROOT / "db/migrations").glob("*.sql"))[1:]:
        # How values are stored is nothing that a statement sees; what may be NULL from now on takes
        # all that was written before.
        harmless = ("SET STORAGE", "DROP NOT NULL")
        lines = [
            line
            for line in file.read_text().splitlines()
            if not line.startswith("--") and not any(words in line for words in harmless)
        ]
        for line in lines:
            found = [word for word in forbidden if word in line.upper() and "TRIGGER" not in line]
            assert not found or "contract:" in line, f"{file.name}: {line}"
