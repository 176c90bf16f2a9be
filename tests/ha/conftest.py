"""One cluster and one platform for all tests of a session, in a network of their own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import network
import pytest
from harness.platform import BINARY, ROOT
from nodes import Trio
from town import Town

_figures: list[str] = []


def pytest_sessionstart() -> None:
    if not BINARY.is_file():
        pytest.exit(f"no executable at {BINARY}: build it, or set INSTAPAY_BIN", returncode=2)
    # Ended like Ctrl-C: what was started and made goes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if (obstacle := network.obstacle()) is None:
        network.enter()
    elif os.environ.get("CI") == "true":
        pytest.exit(f"CI must run these tests: {obstacle}", returncode=2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if obstacle := network.obstacle():
        for item in items:
            item.add_marker(pytest.mark.skip(reason=obstacle))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _figures:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def figures() -> list[str]:
    """What was measured: printed at the end, for docs/high-availability.md."""
    return _figures


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    # Not below pytest's own folder: PostgreSQL's user has to get in, and sockets need short names.
    path = Path(tempfile.mkdtemp(prefix="instapay-ha-"))
    network.disk(path)
    try:
        yield path
    finally:
        network.remove_disk(path)


@pytest.fixture(scope="session")
def town(scratch: Path) -> Iterator[Town]:
    secrets = scratch / "secrets"
    numbers = range(11, 14)
    made = subprocess.run(
        [str(ROOT / "deploy/make-secrets.sh"), str(secrets), "localhost"],
        env={
            "PATH": f"{BINARY.parent}:{os.environ['PATH']}",
            "DB_HOST": ",".join(f"{network.CLIENTS}.{n}" for n in numbers),
            "SECRETS_MODE": "0711",
        },
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    trio = Trio(scratch, secrets)
    town = Town(trio, scratch)
    try:
        trio.start()
        town.start()
        yield town
    finally:
        town.remove()
        trio.remove()
        keep = ROOT / "build/results/ha"
        keep.mkdir(parents=True, exist_ok=True)
        for log in [*trio.logs(), *town.logs()]:
            shutil.copy(log, keep / f"{log.parent.name}-{log.name}")
