"""docker-compose.prod.yml as it is deployed, without a container engine: each service where the
file puts it, with the networks, variables, secrets and files that it names, and nginx in front."""

import shlex
import ssl
import tempfile
import time
from pathlib import Path

import httpx
from compose import environment_of, image_environment, interpolate, services
from files import ROOT, SERVICES, load, succeeds
from harness.client import Client
from harness.platform import BINARY, START_TIMEOUT_S
from segments import Container, Segments, inside, user_of_postgres

FILE = "docker-compose.prod.yml"
SCALE = {"user-service": 2, "transaction-service": 2}
POSTGRES = "/usr/lib/postgresql/15/bin"
DOMAIN = "pay.example.com"
# The user of our images (Dockerfile).
INSTAPAY = "10001:10001"
WEB = ROOT / "web/dist"


class Split:
    def __init__(self, **variables: str) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="instapay-split-"))
        self.dir.chmod(0o755)
        self.secrets = self.dir / "secrets"
        succeeds(
            *(ROOT / "deploy/make-secrets.sh", self.secrets, DOMAIN),
            env={"PATH": f"{BINARY.parent}:/usr/bin:/bin", "SECRETS_MODE": "0755"},
        )
        self.variables = {"SECRETS_DIR": str(self.secrets), "DOMAIN": DOMAIN, **variables}
        self.segments = Segments(self.dir, list(load(FILE)["networks"]))

    def start(self) -> None:
        self.client_side = self.segments.add("client", ["front"])
        self.start_postgres()
        for name in ("roles", "migrate"):
            (container,) = self.make(name)
            container.once(*self.line(name), **self.as_deployed(name))
            container.end()
        for name in (f"{service}-service" for service in SERVICES):
            for container in self.make(name):
                container.start(*self.line(name), **self.as_deployed(name))
        for name, port in SERVICES.items():
            for container in self.segments.services[f"{name}-service"]:
                self.wait_ready(container, port)
        (self.edge,) = self.make("web")
        self.start_edge()
        self.base = f"https://{self.edge.addresses['front']}:8443"

    def start_edge(self) -> None:
        command = ("/etc/edge/entrypoint.sh", "nginx", "-c", "/etc/edge/nginx.conf", "-g")
        self.edge.start(*command, "daemon off;", **self.as_deployed("web"))
        self.wait(self.client_side, f"http://{self.edge.addresses['front']}:8080/edge-health", 200)

    # ---- what the file says

    def make(self, name: str) -> list[Container]:
        service = services(FILE)[name]
        mounts: dict[str, Path] = {"/usr/local/bin/instapay": BINARY}
        folders = ["/var/lib/instapay"]
        if name == "web":
            mounts |= {"/etc/edge": ROOT / "deploy/edge", "/usr/share/instapay/web": WEB}
            mounts["/etc/nginx/mime.types"] = Path("/etc/nginx/mime.types")
        for volume in service.get("volumes", []):
            source, _, rest = interpolate(volume, self.variables).partition(":")
            target = rest.removesuffix(":ro")
            if target and source.startswith("/"):
                mounts[target] = Path(source)
            else:
                folders.append(target or source)
        made = []
        for number in range(1, SCALE.get(name, 1) + 1):
            container = self.segments.add(name, service["networks"], number)
            container.make_root(mounts, tuple(folders), self.user(name))
            made.append(container)
        return made

    def user(self, name: str) -> str:
        if name == "postgres":
            return user_of_postgres()
        return "" if name == "roles" else INSTAPAY

    def line(self, name: str) -> list[str]:
        """The command of the file, or of the image."""
        service = services(FILE)[name]
        if "entrypoint" in service:
            return list(service["entrypoint"])
        return ["instapay", *service.get("command", ["serve", name.removesuffix("-service")])]

    def as_deployed(self, name: str) -> dict:
        image = image_environment() if services(FILE)[name]["image"].startswith(name) else {}
        if name == "migrate":
            image = image_environment()
        own = environment_of(services(FILE)[name], self.variables)
        return {"env": {**image, **own}, "user": self.user(name)}

    def start_postgres(self) -> None:
        (self.postgres,) = self.make("postgres")
        service, postgres = services(FILE)["postgres"], self.postgres
        settings = environment_of(service, self.variables)
        data, env, user = (
            "/var/lib/postgresql/data",
            {"PGDATA": "/var/lib/postgresql/data"},
            self.user("postgres"),
        )
        # As the image does it with a new volume.
        initdb = shlex.split(settings["POSTGRES_INITDB_ARGS"])
        password = f"--pwfile={settings['POSTGRES_PASSWORD_FILE']}"
        postgres.once(
            f"{POSTGRES}/initdb", "-U", "postgres", password, *initdb, data, env=env, user=user
        )
        postgres.start(f"{POSTGRES}/postgres", *service["command"][1:], env=env, user=user)
        deadline = time.monotonic() + START_TIMEOUT_S
        while "ready to accept connections" not in postgres.log.read_text():
            assert postgres.process and postgres.process.poll() is None, postgres.log.read_text()
            assert time.monotonic() < deadline, postgres.log.read_text()
            time.sleep(0.05)

    # ---- asking it

    def wait(self, from_: Container, url: str, status: int) -> None:
        deadline, seen = time.monotonic() + START_TIMEOUT_S, ""
        with inside(from_.pid):
            while True:
                try:
                    reply = httpx.get(url, trust_env=False, timeout=5)
                    if reply.status_code == status:
                        return
                    seen = reply.text
                except httpx.TransportError as error:
                    seen = str(error)
                assert time.monotonic() < deadline, f"{url}: {seen}"
                time.sleep(0.05)

    def wait_ready(self, container: Container, port: int) -> None:
        """Asked inside, as a health check is."""
        try:
            self.wait(container, f"http://127.0.0.1:{port}/health/ready", 200)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{container.log.read_text()[-3000:]}") from None

    def trust(self) -> ssl.SSLContext:
        tls = ssl.create_default_context(cafile=str(self.secrets / "edge/tls.crt"))
        tls.check_hostname = False  # asked by address
        return tls

    def client(self) -> Client:
        """Of the outside: to be used while inside(client_side.pid)."""
        return Client(dict.fromkeys((*SERVICES, "gateway"), self.base), self.trust())

    def sql(self, statement: str, url: str = "") -> str:
        command = (
            f"{POSTGRES}/psql",
            url or "-dpostgres",
            "-XAtqv",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
        )
        user = self.user("postgres")
        return succeeds(
            *self.postgres.command(*command, user=user), env={"PATH": "/usr/sbin:/usr/bin"}
        ).strip()

    def remove(self) -> None:
        self.segments.remove()
