"""Fixtures: the platform over its private cluster, a second one over a database that may fail."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from harness.client import Client
from harness.passkeys import Passkey, new_passkey
from harness.passkeys import register as register_passkey
from harness.platform import BINARY, RECEIPT_KEY, SHARED_KEY, Platform, migrate
from harness.postgres import Cluster
from harness.users import User, keep_signed_in, login

# As harness/users.py makes passwords, and as a JWT begins whose first field is alg, typ or kid:
# the first four bytes alone stand in one random id of some 200,000 as well.
PASSWORD, JWT = r"pw-[0-9a-f]{16}", r"eyJ(?:hbGciOi|0eXAiOi|raWQiOi)"
KEY = "|".join(
    re.escape(line) for key in (SHARED_KEY, RECEIPT_KEY) for line in key.pem.splitlines()[1:-2]
)


def pytest_sessionstart() -> None:
    if not BINARY.is_file():
        pytest.exit(f"no executable at {BINARY}: build it, or set INSTAPAY_BIN", returncode=2)


def _must_have_gone_well(platform: Platform) -> None:
    """The books balance, nothing broke inside, and the log keeps secrets."""
    audit = platform.run("audit", "--json")
    assert audit.returncode == 0, f"audit: {audit.stdout}{audit.stderr}"
    json.loads(audit.stdout)
    for secret, what in ((PASSWORD, "a password"), (JWT, "a token"), (KEY, "a key")):
        found = re.search(secret, platform.log)
        assert not found, f"the log holds {what}: {found}"
    broken = [e for e in platform.log_objects() if e.get("http.response.status_code") == 500]
    assert not broken, broken[:5]


_shared: list[Platform] = []


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """`serve all` with its own cluster, as `./run` starts it; most tests share it."""
    service = Platform()
    try:
        service.start()
        _shared.append(service)
        yield service
        _must_have_gone_well(service)
        service.stop()
    finally:
        _shared.clear()
        service.remove()


@pytest.fixture(autouse=True)
def _still_alive() -> Iterator[None]:
    """Nothing that a test does may end the service that all share: the run stops there."""
    yield
    for service in _shared:
        if service.process is not None and (code := service.process.poll()) is not None:
            pytest.exit(f"the shared service exited with {code}\n{service.log_tail}", returncode=1)


@pytest.fixture(scope="session")
def client(platform: Platform) -> Client:
    return platform.client


@pytest.fixture
def new_user(platform: Platform) -> Callable[..., User]:
    return platform.new_user


@pytest.fixture
def user(platform: Platform) -> User:
    return platform.new_user()


@pytest.fixture
def payee(platform: Platform) -> User:
    return platform.new_user()


@pytest.fixture
def passkey(platform: Platform) -> Passkey:
    return new_passkey(platform)


@pytest.fixture
def holder(user: User, passkey: Passkey) -> User:
    """Has that passkey, and no other factor."""
    register_passkey(user, passkey)
    return user


_staff: list[User] = []


@pytest.fixture(autouse=True)
def _staff_is_signed_in() -> None:
    for person in _staff:
        keep_signed_in(person)


def _shared_by_all(person: User) -> User:
    _staff.append(person)
    return person


@pytest.fixture(scope="session")
def operator(platform: Platform) -> User:
    return _shared_by_all(platform.operator())


@pytest.fixture
def other_operator(platform: Platform, operator: User) -> User:
    person = platform.new_user()
    operator.patch(f"/api/users/{person.id}", {"role": "operator"}).ok()
    return login(platform.client, person.email, person.password)


@pytest.fixture(scope="session")
def auditor(platform: Platform, operator: User) -> User:
    person = platform.new_user()
    operator.patch(f"/api/users/{person.id}", {"role": "auditor"}).ok()
    # The role is in the token.
    return _shared_by_all(login(platform.client, person.email, person.password))


@pytest.fixture(scope="session")
def _cluster() -> Iterator[Cluster]:
    own = Cluster()
    migrate(own.url)
    yield own
    own.remove()


@pytest.fixture
def cluster(_cluster: Cluster) -> Iterator[Cluster]:
    """A PostgreSQL that the test may stop; it runs again afterwards."""
    yield _cluster
    if not _cluster.running():
        _cluster.start()


@pytest.fixture
def launch(cluster: Cluster) -> Iterator[Callable[..., Platform]]:
    """Starts more services over `cluster`, with settings of their own; they end with the test."""
    started: list[Platform] = []

    def start(what: str = "all", *, wait: bool = True, **settings) -> Platform:
        settings.setdefault("DATABASE_URL", cluster.url)
        service = Platform(what, **settings)
        started.append(service)
        if wait:
            service.start()
        return service

    yield start
    try:
        for service in started:
            if service.process is not None and service.process.poll() is None:
                service.stop()
    finally:
        for service in started:
            service.remove()


@pytest.fixture
def two_services(launch: Callable[..., Platform]) -> tuple[Platform, list[Platform]]:
    """A user service, and two transaction services that learn its keys by JWKS."""
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    return users, [launch("transaction", JWT_PRIVATE_KEY="", JWKS_URL=jwks) for _ in range(2)]
