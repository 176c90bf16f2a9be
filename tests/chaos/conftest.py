"""`--minutes N` for the long form, `--seed S` to replay what a failed run has printed."""

import secrets
from collections.abc import Iterator

import pytest
from harness.platform import BINARY
from harness.postgres import Cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=float, default=1, help="how long each bank is open")
    parser.addoption("--seed", type=int, default=None, help="of faults and people")


def pytest_sessionstart() -> None:
    if not BINARY.is_file():
        pytest.exit(f"no executable at {BINARY}: build it, or set INSTAPAY_BIN", returncode=2)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:
        config.option.seed = secrets.randbelow(1_000_000)


def pytest_report_header(config: pytest.Config) -> str:
    """Before anything can hang."""
    return f"chaos: --seed {config.option.seed} --minutes {config.option.minutes}"


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    return request.config.option.seed


@pytest.fixture(scope="session")
def seconds(request: pytest.FixtureRequest) -> float:
    return 60 * request.config.getoption("--minutes")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    own = Cluster()
    yield own
    own.remove()
