"""The platform's manifests as running pods: PostgreSQL, the migration job, the services, the edge,
backup and audit. (Ingress, NetworkPolicy, HPA, PDB and RBAC need a cluster: test_kubernetes.py.)"""

import base64
import contextlib
import copy
import json
import os
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from engine import TARGETS, call, engine, image
from files import ROOT, SERVICES, manifests
from harness.client import Client
from harness.factors import enrol
from harness.users import login, register

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
KUBE_PLAY = shlex.split(os.environ.get("KUBE_PLAY", ""))
KUBE_ENGINE = shlex.split(os.environ.get("KUBE_ENGINE", "podman"))
KINDS = ("ConfigMap", "Secret", "PersistentVolumeClaim", "Service", "StatefulSet", "Job")
STARTED_LIMIT_S = 120


def filled(document: dict, secrets: Path) -> dict:
    """What deploy/kubernetes/make-secrets.sh does, for one Secret."""
    name, keys = document["metadata"]["name"], document["metadata"]["annotations"]
    values = {
        key: base64.b64encode((secrets / name / key).read_bytes()).decode()
        for key in keys["instapay.example/keys"].split(", ")
    }
    return {**document, "data": values}


def played(secrets: Path) -> list[dict]:
    """The platform's own documents (80 and on watch it), and the nightly audit as a job of now."""
    documents = [
        copy.deepcopy(document)
        for file, document in manifests()
        if document["metadata"].get("namespace") == "instapay" and file < "80"
    ]
    found = [d for d in documents if d["kind"] in (*KINDS, "Deployment")]
    (cron,) = (d for d in documents if d["kind"] == "CronJob")
    job = {**cron, "kind": "Job", "spec": cron["spec"]["jobTemplate"]["spec"]}
    found = [filled(d, secrets) if d["kind"] == "Secret" else d for d in found]
    return [known_by_name(d) for d in (*found, job)]


def known_by_name(document: dict) -> dict:
    """What plays pods knows them by the names of their Deployments, and no Services."""
    if document["kind"] not in ("ConfigMap", "Deployment"):
        return document
    names = (
        r"\b(user|transaction|reporting)-(internal|replicas)(\.instapay\.svc\.cluster\.local)?\b"
    )
    return yaml.safe_load(re.sub(names, r"\1-service", yaml.safe_dump(document)))


class Cluster:
    def engine(self, *arguments: str) -> str:
        return call(*KUBE_ENGINE, *arguments)

    def containers(self, app: str) -> list[dict]:
        label = f"label=app.kubernetes.io/name={app}"
        return json.loads(self.engine("ps", "-a", "--filter", label, "--format", "json"))

    def pod_of(self, app: str) -> str:
        pods = json.loads(
            self.engine("pod", "ps", "--filter", f"label=app.kubernetes.io/name={app}",
                        "--format", "json")
        )  # fmt: skip
        assert len(pods) == 1, f"{app}: {pods}"
        return pods[0]["Id"]

    def address(self, app: str) -> str:
        infra = json.loads(self.engine("pod", "inspect", self.pod_of(app)))
        infra = infra[0] if isinstance(infra, list) else infra
        networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self.engine("inspect", "--format", networks, infra["InfraContainerID"])

    def container(self, app: str, name: str) -> str:
        pod = self.pod_of(app)
        listed = json.loads(self.engine("ps", "-a", "--filter", f"pod={pod}", "--format", "json"))
        (found,) = [c["Id"] for c in listed if c["Names"][0].endswith(f"-{name}")]
        return found

    def state(self, app: str, name: str) -> tuple[str, int]:
        text = self.engine(
            *("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}"),
            self.container(app, name),
        )
        status, code = text.split()
        return status, int(code)

    def wait_done(self, app: str, name: str) -> None:
        """A job's container that ended well."""
        deadline = time.monotonic() + STARTED_LIMIT_S
        while (state := self.state(app, name)) != ("exited", 0):
            logs = lambda: self.engine("logs", "--tail", "20", self.container(app, name))  # noqa: E731
            assert time.monotonic() < deadline, f"{name}: {state} {logs()}"
            time.sleep(0.3)

    def wait_ready(self, app: str, url: str) -> None:
        deadline = time.monotonic() + STARTED_LIMIT_S
        while True:
            try:
                reply = httpx.get(url, trust_env=False)
                if reply.status_code == 200:
                    return
                text = reply.text
            except httpx.TransportError as error:
                text = repr(error)
            assert time.monotonic() < deadline, f"{app}: {text}"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster(images: str, figures: dict, scratch_of_module: Path) -> Iterator[Cluster]:
    assert KUBE_PLAY, "KUBE_PLAY names what runs manifests as pods: KUBE_PLAY up|down FILE"
    for target in TARGETS:
        engine("tag", image(target, images), image(target, "latest"))
    secrets = scratch_of_module / "secrets"
    call(ROOT / "deploy/make-secrets.sh", secrets, "localhost")
    file = scratch_of_module / "k8s.yaml"
    file.write_text(yaml.safe_dump_all(played(secrets)))
    call(*KUBE_PLAY, "down", file)
    began = time.monotonic()
    try:
        call(*KUBE_PLAY, "up", file, limit_s=600)
        place = Cluster()
        for name, port in SERVICES.items():
            app = f"{name}-service"
            place.wait_ready(app, f"http://{place.address(app)}:{port}/health/ready")
        figures["Kubernetes pods, seconds from play to ready"] = round(time.monotonic() - began, 1)
        yield place
    finally:
        call(*KUBE_PLAY, "down", file)


def test_jobs_end_well(cluster: Cluster) -> None:
    cluster.wait_done("migrate", "migrate")
    cluster.wait_done("audit", "audit")
    for name in (*(f"{service}-service" for service in SERVICES), "web", "postgres", "backup"):
        assert cluster.state(name, name)[0] == "running"


def test_people_pay(cluster: Cluster, scratch_of_module: Path) -> None:
    urls = {n: f"http://{cluster.address(f'{n}-service')}:{port}" for n, port in SERVICES.items()}
    with contextlib.closing(Client({**urls, "gateway": urls["user"]})) as client:
        amal, omar = register(client), register(client)
        # OPENING_BALANCE is 0 in production: the operator pays in.
        password = (scratch_of_module / "secrets/user-service/operator_password").read_text()
        operator = login(client, "operator@pay.example.com", password)
        # In production staff do nothing without a second factor.
        operator.get("/api/reports/system").problem(403, "factor_enrolment_required")
        enrol(operator)
        operator.adjust(amal, "10.00", reason="paid in").ok()
        amal.pay(omar, "2.50").ok(201)
        assert str(omar.balance()) == "2.50"
        assert operator.get("/api/reports/system").ok()["transactions"] == 1


def test_the_wallet_is_served(cluster: Cluster) -> None:
    reply = httpx.get(f"http://{cluster.address('web')}:8080/", trust_env=False)
    assert reply.status_code == 200 and "<title>" in reply.text


def test_the_backup_is_taken(cluster: Cluster) -> None:
    container, deadline = cluster.container("backup", "backup"), time.monotonic() + STARTED_LIMIT_S
    while "taken and verified" not in (logs := cluster.engine("logs", container)):
        assert time.monotonic() < deadline, logs
        time.sleep(0.5)


@pytest.mark.parametrize("app", [*(f"{name}-service" for name in SERVICES), "web", "postgres"])
def test_pods_are_as_closed_as_they_say(cluster: Cluster, app: str) -> None:
    container = cluster.container(app, app)
    pid = cluster.engine("inspect", "--format", "{{.State.Pid}}", container)
    status = Path(f"/proc/{pid}/status").read_text()
    assert "\nUid:\t0\t" not in status and "\nCapEff:\t0000000000000000\n" in status
    assert "\nNoNewPrivs:\t1\n" in status
    read_only = cluster.engine("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", container)
    assert read_only == "true"
