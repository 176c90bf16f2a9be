"""Each compose file brought up for real. Production goes the whole way: the README's tour over
HTTPS, crashes, an update and a rollback under load, a backup restored and audited."""

import contextlib
import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from engine import (
    BUILD_LIMIT_S,
    COMPOSE,
    ENGINE,
    TARGETS,
    Project,
    call,
    crash,
    engine,
    image,
    inspect,
    wait_for,
)
from files import ROOT
from harness.users import login
from tour import CENT, Load, client_of, tour_of_the_readme

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
SERVICES = TARGETS[:-1]
REBUILT_LIMIT_S = 900


@contextlib.contextmanager
def installation(file: str, name: str, **env: str) -> Iterator[Project]:
    place = Project(file, f"instapay-test-{name}", **env)
    place.down()  # of a run that was interrupted
    try:
        yield place
    finally:
        place.down()


def make_secrets(folder: Path) -> str:
    call(ROOT / "deploy/make-secrets.sh", folder, "localhost")
    return str(folder)


def trust(secrets: str) -> tuple[str, ssl.SSLContext]:
    certificate = f"{secrets}/edge/tls.crt"
    return certificate, ssl.create_default_context(cafile=certificate)


def test_trying_it_out(images: str, figures: dict) -> None:
    with installation("docker-compose.yml", "base", VERSION=images) as place:
        figures["docker-compose.yml, seconds from up to healthy"] = round(place.up(), 1)
        tour_of_the_readme(f"http://localhost:{place.ports['GATEWAY_PORT']}")
        # Secrets are made once: a second up changes nothing.
        before = [place.container(service) for service in TARGETS]
        place.up()
        assert [place.container(service) for service in TARGETS] == before


def test_staging(images: str, figures: dict, scratch: Path) -> None:
    secrets = make_secrets(scratch / "secrets")
    env = {"VERSION": images, "SECRETS_DIR": secrets}
    with installation("docker-compose.staging.yml", "staging", **env) as place:
        figures["docker-compose.staging.yml, seconds from up to healthy"] = round(place.up(), 1)
        _, tls = trust(secrets)
        base = f"https://localhost:{place.ports['HTTPS_PORT']}"
        password = (Path(secrets) / "user-service/operator_password").read_text()
        with contextlib.closing(client_of(base, tls)) as client:
            operator = login(client, "operator@instapay.example", password)
            system = operator.get("/api/reports/system").ok()
        # `instapay seed --accounts 40 --transfers 4000`, and a grant to each of the 40.
        assert system["users"] >= 40 and system["transactions"] >= 4000, system
        assert audit(place)["balanced"] is True


@pytest.mark.timeout(BUILD_LIMIT_S)
def test_developing(figures: dict, scratch: Path) -> None:
    """Sources are mounted; a change is built and served. (A copy is, so that none here changes.)"""
    tree = scratch / "tree"
    tree.mkdir()
    archive = scratch / "tree.tar"
    call("bash", "-c", f"git ls-files -co --exclude-standard -z | tar --null -T - -cf '{archive}'")
    call("tar", "-xf", archive, "-C", tree)
    with installation(str(tree / "docker-compose.dev.yml"), "dev") as place:
        took_s = place.up("--build", limit_s=BUILD_LIMIT_S)
        figures["docker-compose.dev.yml, seconds from up to healthy, compiling"] = round(took_s)
        tour_of_the_readme(f"http://localhost:{place.ports['GATEWAY_PORT']}")
        for service in ("user", "transaction", "reporting"):
            wait_for(f"http://localhost:{place.ports[f'{service.upper()}_PORT']}/health/ready")
        the_wallet_is_reloaded_hot(place, tree)
        figures["docker-compose.dev.yml, seconds from a change to its answer"] = round(
            a_change_is_served(place, tree)
        )


def the_wallet_is_reloaded_hot(place: Project, tree: Path) -> None:
    """Vite serves the sources as they are now, and the API beside them."""
    vite = f"http://localhost:{place.ports['VITE_PORT']}"
    wait_for(f"{vite}/")
    assert "/@vite/client" in httpx.get(f"{vite}/", trust_env=False).text
    main = tree / "web/src/main.tsx"
    main.write_text(main.read_text() + "console.info('changed while it ran');\n")
    wait_for(f"{vite}/src/main.tsx", holds="changed while it ran")
    wait_for(f"{vite}/api/users/me", status=401)


def a_change_is_served(place: Project, tree: Path) -> float:
    """A C++ source is changed: it is built, and all services answer by it."""
    source = tree / "src/app/operations.cpp"
    text = source.read_text()
    began = time.monotonic()
    source.write_text(text.replace('.field("status", "ok")', '.field("status", "changed")'))
    assert source.read_text() != text
    for service in ("user", "transaction", "reporting"):
        url = f"http://localhost:{place.ports[f'{service.upper()}_PORT']}/health"
        wait_for(url, holds='"changed"', limit_s=REBUILT_LIMIT_S)
    return time.monotonic() - began


# ---- production


@pytest.fixture(scope="module")
def production_project(
    images: str, figures: dict, scratch_of_module: Path
) -> Iterator[tuple[Project, str]]:
    secrets = make_secrets(scratch_of_module / "secrets")
    # The tour pays, and production gives nobody money unless it is told to.
    env = {"VERSION": images, "SECRETS_DIR": secrets, "OPENING_BALANCE": "1000"}
    with installation("docker-compose.prod.yml", "prod", **env) as place:
        figures["docker-compose.prod.yml, seconds from up to healthy"] = round(place.up(), 1)
        yield place, secrets


@pytest.fixture
def prod(production_project: tuple[Project, str]) -> Project:
    return production_project[0]


@pytest.fixture
def base(prod: Project) -> str:
    return f"https://localhost:{prod.ports['HTTPS_PORT']}"


@pytest.fixture
def tls(production_project: tuple[Project, str]) -> ssl.SSLContext:
    return trust(production_project[1])[1]


def audit(place: Project) -> dict:
    command = ("run", "--rm", "-T", "--entrypoint", "instapay", "audit", "audit", "--json")
    return json.loads(place.compose(*command))


def test_the_tour_over_https(production_project: tuple[Project, str], base: str) -> None:
    tour_of_the_readme(base, trust(production_project[1])[0])


def test_http_leads_to_https(prod: Project, base: str, tls: ssl.SSLContext) -> None:
    reply = httpx.get(f"http://localhost:{prod.ports['HTTP_PORT']}/send", trust_env=False)
    assert (reply.status_code, reply.headers["Location"]) == (301, f"{base}/send")
    wallet = httpx.get(base, verify=tls, trust_env=False)
    assert wallet.status_code == 200 and "<title>" in wallet.text
    assert wallet.headers["Strict-Transport-Security"].startswith("max-age=")


def test_only_the_edge_is_open(prod: Project) -> None:
    for service in (*TARGETS, "postgres", "backup", "audit"):
        bindings = json.loads(
            inspect(prod.container(service), "{{json .HostConfig.PortBindings}}") or "{}"
        )
        published = [port for port, hosts in (bindings or {}).items() if hosts]
        assert len(published) == (2 if service == "web" else 0), f"{service}: {bindings}"


@pytest.mark.parametrize("service", (*TARGETS, "postgres", "audit"))
def test_is_confined(prod: Project, service: str) -> None:
    container = prod.container(service)
    status = engine("exec", container, "cat", "/proc/1/status")
    assert "\nUid:\t0\t" not in status and "\nCapEff:\t0000000000000000\n" in status
    assert "\nNoNewPrivs:\t1\n" in status
    assert inspect(container, "{{.HostConfig.ReadonlyRootfs}}") == "true"
    # Of the secrets it sees its own.
    seen = engine("exec", container, "ls", "/run/instapay/secrets").split()
    assert seen == [{"web": "edge"}.get(service, service)]


@pytest.mark.parametrize("service", (*SERVICES, "web", "postgres"))
def test_a_crash_is_recovered_from(
    prod: Project, base: str, tls: ssl.SSLContext, figures: dict, service: str
) -> None:
    """People ask again under the same key; nothing is lost and nothing paid twice."""
    with Load(base, tls, retry=True) as load:
        load.wait_for_more(20)
        container = prod.container(service)
        pid = inspect(container, "{{.State.Pid}}")
        began = time.monotonic()
        crash(container)
        prod.wait_restarted(service, pid)
        load.wait_for_more(20)
        figures[f"crash of {service}, seconds until all is healthy and pays again"] = round(
            time.monotonic() - began, 1
        )
        load.stop()
        assert load.received() == load.paid() * CENT


def rolling_update(place: Project, version: str, *services: str, **env: str) -> None:
    call(
        *(ROOT / "deploy/rolling-update.sh", "-f", place.file, *services),
        env={
            **place.env,
            "VERSION": version,
            "COMPOSE_COMMAND": " ".join(COMPOSE),
            "CONTAINER_ENGINE": " ".join(ENGINE),
            **env,
        },
    )


@pytest.mark.timeout(BUILD_LIMIT_S)
def test_an_update_and_a_rollback_lose_no_request(
    images: str, previous_images: str, figures: dict, scratch: Path
) -> None:
    """From the release before to this one, its migrations included, and back: an installation of
    its own, since it begins with the schema of that release."""
    secrets = make_secrets(scratch / "secrets")
    # An installation is updated with the key that it has: one that the release before made.
    made = engine(
        "run", "--rm", "--network", "none", image("user-service", previous_images), "keygen"
    )
    key = Path(secrets) / "user-service/jwt_private_key"
    key.unlink()
    key.write_text(made + "\n")
    env = {"VERSION": previous_images, "SECRETS_DIR": secrets, "OPENING_BALANCE": "1000"}
    with installation("docker-compose.prod.yml", "update", **env) as place:
        place.up()
        base, tls = f"https://localhost:{place.ports['HTTPS_PORT']}", trust(secrets)[1]
        schemas = [schema(place)]
        with Load(base, tls, retry=False) as load:
            load.wait_for_more(20)
            for version in (images, previous_images):
                began = time.monotonic()
                rolling_update(place, version)
                took_s = time.monotonic() - began
                for service in SERVICES:
                    running = inspect(place.container(service), "{{.Config.Image}}")
                    assert running.endswith(f"{service}:{version}"), running
                schemas.append(schema(place))
                load.wait_for_more(20)
            load.stop()
            asked = 2 * load.paid() + len(load.failures())
            figures["rolling update of three services, seconds"] = round(took_s)
            figures["requests during an update and a rollback"] = asked
            figures["requests lost meanwhile"] = len(load.failures())
            assert load.failures() == []
            assert load.received() == load.paid() * CENT
        assert audit(place)["balanced"] is True
    # The update migrates, the rollback leaves the schema as it is.
    assert schemas[0] <= schemas[1] == schemas[2] == newest_migration(), schemas


def test_a_version_that_does_not_start_changes_nothing(
    prod: Project, base: str, tls: ssl.SSLContext
) -> None:
    # Another service's executable: it finds no signing key, says so and ends, again and again.
    for target in ("user-service", "reporting-service"):
        engine("tag", image("user-service", prod.env["VERSION"]), image(target, "test-broken"))
    before = prod.container("reporting-service")
    with Load(base, tls, retry=False) as load:
        load.wait_for_more(10)
        with pytest.raises(AssertionError, match="it goes, the old one stays"):
            rolling_update(prod, "test-broken", "reporting-service", READY_WITHIN_S="8")
        load.wait_for_more(10)
        load.stop()
        assert load.failures() == []
    assert prod.container("reporting-service") == before


def test_a_backup_is_restored_and_audited(
    prod: Project, base: str, tls: ssl.SSLContext, figures: dict
) -> None:
    """As docs/operations.md says it: the database's volume is lost, the archive brings it back."""
    with Load(base, tls, retry=False) as load:
        load.wait_for_more(50)
        load.stop()
        before = audit(prod)
        paid = load.paid() * CENT
        archived(prod)
        began = time.monotonic()
        prod.compose("stop", *TARGETS, "audit", "backup", "postgres")
        prod.compose("rm", "-f", "-v", "postgres")
        engine("volume", "rm", f"{prod.env['COMPOSE_PROJECT_NAME']}_postgres-data")
        prod.compose("run", "--rm", "-T", "restore")
        figures["restore of the backup, seconds"] = round(time.monotonic() - began, 1)
        prod.up()
        figures["from a lost database to payments again, seconds"] = round(
            time.monotonic() - began, 1
        )
        assert load.received() == paid
        after = audit(prod)
        assert after["balanced"] is True
        for key in ("entries", "batches", "accounts"):
            assert after[key] == before[key], (before, after)
    with Load(base, tls, retry=False) as load:
        load.wait_for_more(10)


def sql(place: Project, statement: str) -> str:
    return place.compose(
        *("exec", "-T", "-u", "postgres", "postgres"), *("psql", "instapay", "-Atqc", statement)
    )


def schema(place: Project) -> int:
    return int(sql(place, "SELECT max(version) FROM schema_migrations"))


def newest_migration() -> int:
    return int(max((ROOT / "db/migrations").glob("*.sql")).name.split("_")[0])


def archived(place: Project) -> None:
    """Until the archive has all that was written: what a lost disk would otherwise cost."""
    now = sql(place, "SELECT pg_current_wal_flush_lsn()")
    question = f"SELECT restart_lsn >= '{now}' FROM pg_replication_slots WHERE slot_name = 'backup'"
    deadline = time.monotonic() + 60
    while sql(place, question) != "t":
        assert time.monotonic() < deadline, place.compose("logs", "--tail", "20", "backup")
        time.sleep(0.2)
