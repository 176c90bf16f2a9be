"""Fixtures of the deployment's tests: the tools, and a platform as production runs it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The services are asked with the same client as in the API's tests.
sys.path[:0] = [str(HERE), str(ROOT / "tests/api")]

from files import require_tool  # noqa: E402
from production import Production  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also tests marked long (none so far)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long") or os.environ.get("INSTAPAY_DEPLOY_LONG") == "1":
        return
    # Not skipped but left out: the quick form is complete in itself.
    chosen = [item for item in items if not item.get_closest_marker("long")]
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


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that other users may enter."""
    path = Path(tempfile.mkdtemp(prefix="instapay-deploy-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
