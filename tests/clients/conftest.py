"""One platform in a currency of three digits, and the document as it serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.platform import BINARY, Platform


def pytest_sessionstart() -> None:
    if not BINARY.is_file():
        pytest.exit(f"no executable at {BINARY}: build it, or set INSTAPAY_BIN", returncode=2)


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    service = Platform(CURRENCY="KWD")
    try:
        service.start()
        yield service
        service.stop()
    finally:
        service.remove()


@pytest.fixture(scope="session")
def document(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    reply = platform.client.get("/openapi.yaml", service="gateway")
    assert reply.status == 200, str(reply)
    file = tmp_path_factory.mktemp("served") / "openapi.yaml"
    file.write_text(reply.text)
    return file
