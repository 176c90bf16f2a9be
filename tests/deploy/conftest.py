"""Fixtures of the deployment's tests: the tools, and a platform as production runs it."""

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The services are asked with the same client as in the API's tests.
sys.path[:0] = [str(HERE), str(ROOT / "tests/api")]

from engine import VERSION, build, call, release_before  # noqa: E402
from files import require_tool  # noqa: E402
from production import Production  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--containers", action="store_true", help="also tests with a container engine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--containers"):
        return
    # Not skipped but left out: the quick form is complete in itself.
    chosen = [item for item in items if not item.get_closest_marker("containers")]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.fixture(scope="session")
def production() -> Iterator[Production]:
    """Three processes with login roles of their own, on a database that can be archived."""
    require_tool("nginx")
    place = Production()
    try:
        place.start()
        yield place
        place.stop()
    finally:
        place.remove()


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter."""
    path = Path(tempfile.mkdtemp(prefix="instapay-deploy-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def scratch() -> Iterator[Path]:
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def scratch_of_module() -> Iterator[Path]:
    with open_folder() as path:
        yield path


# ---- with --containers

_figures: dict[str, object] = {}


@pytest.fixture(scope="session")
def figures() -> dict[str, object]:
    """What was measured: printed at the end, for docs/operations.md."""
    return _figures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, value in _figures.items():
        terminalreporter.write_line(f"{value!s:>10}  {name}")


@pytest.fixture(scope="session")
def images(figures: dict[str, object]) -> str:
    """The four images, built; their version."""
    if VERSION:
        return VERSION
    began = time.monotonic()
    build("test")
    figures["seconds to build the four images"] = round(time.monotonic() - began)
    return "test"


@pytest.fixture(scope="session")
def previous_images(figures: dict[str, object]) -> str:
    """Those of the release before."""
    commit = release_before()
    figures["the release before"] = commit[:12]
    with open_folder() as tree:
        archive = tree / "previous.tar"
        call("git", "archive", "-o", archive, commit)
        call("tar", "-xf", archive, "-C", tree)
        archive.unlink()
        build("test-previous", tree)
    return "test-previous"
