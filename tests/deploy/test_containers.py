"""The images, built: small, nobody in particular, read-only, healthy, and quick to end well."""

import re
import time

import pytest
from engine import BUILD_LIMIT_S, TARGETS, engine, image, inspect
from files import SERVICES

pytestmark = pytest.mark.containers
LIMIT_MB = 120
# What a service has to work with, in production too.
CONFINED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


@pytest.mark.timeout(BUILD_LIMIT_S)
@pytest.mark.parametrize("target", TARGETS)
def test_is_small(images: str, figures: dict, target: str) -> None:
    size_mb = int(engine("image", "inspect", "--format", "{{.Size}}", image(target, images))) / 1e6
    figures[f"image {target}, MB"] = round(size_mb, 1)
    assert size_mb < LIMIT_MB


@pytest.mark.parametrize("target", TARGETS)
def test_says_what_it_is(images: str, target: str) -> None:
    def of(template: str) -> str:
        return engine("image", "inspect", "--format", template, image(target, images))

    assert of("{{.Config.User}}") == "10001:10001"
    assert of("{{.Config.Healthcheck}}") not in ("", "<nil>")
    labels = of("{{json .Config.Labels}}")
    for name in ("title", "description", "licenses", "version", "revision"):
        assert f'"org.opencontainers.image.{name}":' in labels
    assert not re.search("password|secret|PRIVATE KEY", of("{{json .Config.Env}}"), re.IGNORECASE)


@pytest.mark.parametrize("target", TARGETS[:-1])
def test_one_executable_in_all_services(images: str, target: str) -> None:
    run = ("run", "--rm", "--network", "none", *CONFINED, image(target, images))
    assert re.fullmatch(r"\S*\s*\d+\.\d+\.\d+.*", engine(*run, "--version"))
    refused = ("--network", "none", *CONFINED, "-e", "INSTAPAY_ENV=production")
    with pytest.raises(AssertionError, match="JWKS_URL|JWT_PRIVATE_KEY|DATABASE_URL"):
        engine("run", "--rm", *refused, image(target, images))


def test_says_that_it_cannot_make_a_key(images: str) -> None:
    """Nor keep one: its file system is read-only."""
    development = ("-e", "INSTAPAY_ENV=development", "-e", "DATABASE_URL=postgresql://127.0.0.1:9/")
    with pytest.raises(AssertionError, match="cannot write in DATA_DIR, the folder "):
        engine(
            *("run", "--rm", "--network", "none", *CONFINED, *development),
            image("user-service", images),
        )


@pytest.mark.parametrize("name", SERVICES)
def test_ends_by_sigterm(images: str, name: str) -> None:
    """Also when it has no database yet: it waits for one, and it listens to who tells it to end."""
    settings = {
        "INSTAPAY_ENV": "development",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "JWKS_URL": "http://127.0.0.1:9/jwks.json",
    }
    keys = {
        "user": [
            ("JWT_PRIVATE_KEY", "tokens"),
            ("FACTOR_KEY", "factors"),
            ("VAPID_PRIVATE_KEY", "pushes"),
        ],
        "transaction": [("RECEIPT_PRIVATE_KEY", "receipts")],
        "reporting": [("RECEIPT_PRIVATE_KEY", "receipts")],
    }
    for setting, purpose in keys.get(name, []):
        keygen = ("run", "--rm", "--network", "none", image("user-service", images), "keygen")
        settings[setting] = engine(*keygen, purpose)
    options = [word for item in settings.items() for word in ("-e", "=".join(item))]
    container = engine(
        *("run", "-d", "--network", "none", *CONFINED, *options, image(f"{name}-service", images))
    )
    try:
        deadline = time.monotonic() + 30
        while not engine("logs", container):
            assert time.monotonic() < deadline, "says nothing"
            time.sleep(0.1)
        assert inspect(container, "{{.State.Running}}") == "true"
        engine("stop", "-t", "15", container)
        # 137 would be the engine's patience having ended.
        assert inspect(container, "{{.State.ExitCode}}") == "0"
    finally:
        engine("rm", "-f", container)
