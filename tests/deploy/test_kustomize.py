"""Kustomize: the base is the manifests as they are; each overlay is whole."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from files import ROOT, manifests, run, succeeds
from test_kubernetes import KUBERNETES, containers_of, name_of, namespace_of, template_of

OVERLAYS = ROOT / "deploy/kubernetes/overlays"
# Of the Go proxy, where kubectl has none or is as old as Debian's, whose Kustomize is 2.0.
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.0.3"
OURS = ("user-service", "transaction-service", "reporting-service", "web")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory):
    """Of a folder its documents, by kind, namespace and name."""
    command = _kubectl() or [_built(tmp_path_factory.mktemp("kustomize")), "build"]

    def documents(folder: Path) -> dict[tuple, dict]:
        found = [d for d in yaml.safe_load_all(succeeds(*command, folder)) if d]
        by_key = {key_of(d): d for d in found}
        assert len(by_key) == len(found)
        return by_key

    return documents


def _kubectl() -> list[str]:
    if not shutil.which("kubectl"):
        return []
    told = run("kubectl", "version", "--client", "--output=json")
    version = json.loads(told.stdout).get("kustomizeVersion", "") if told.returncode == 0 else ""
    return ["kubectl", "kustomize"] if version.startswith("v5.") else []


def _built(folder: Path) -> str:
    succeeds("env", f"GOBIN={folder}", "go", "install", KUSTOMIZE)
    return str(folder / "kustomize")


def key_of(document: dict) -> tuple[str, str, str]:
    return document["kind"], namespace_of(document), document["metadata"]["name"]


def images(documents: dict) -> Iterator[str]:
    for document in documents.values():
        if "template" in document.get("spec", {}) or document["kind"] == "CronJob":
            yield from (container["image"] for container in containers_of(document))


def test_the_base_is_the_manifests(build) -> None:
    assert build(ROOT / "k8s") == {key_of(d): d for _, d in manifests()}


def overlays() -> list:
    return [pytest.param(path.parent, id=path.parent.name) for path in OVERLAYS.glob("*/kustom*")]


@pytest.mark.parametrize("folder", overlays())
def test_an_overlay_is_valid_and_lacks_nothing(build, folder: Path) -> None:
    documents = build(folder)
    assert {key[2] for key in documents} >= {*OURS, "migrate", "instapay-config"}
    namespaces = {key[2] for key in documents if key[0] == "Namespace"} | {""}
    assert {key[1] for key in documents} <= namespaces
    for document in documents.values():
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_small_has_one_of_each_and_no_log_store(build) -> None:
    documents = build(OVERLAYS / "small")
    kinds = {key[0] for key in documents}
    assert not kinds & {"HorizontalPodAutoscaler", "PodDisruptionBudget"}
    assert not [key for key in documents if "instapay-logging" in key]
    for name in OURS:
        assert documents["Deployment", "instapay", name]["spec"]["replicas"] == 1


def test_high_availability_has_patroni_in_place_of_the_one_node(build) -> None:
    documents = build(OVERLAYS / "high-availability")
    assert ("StatefulSet", "instapay", "postgres") not in documents
    assert documents["StatefulSet", "instapay", "postgres-node"]["spec"]["replicas"] == 3
    proxy = template_of(documents["Deployment", "instapay", "postgres-proxy"])
    selected = documents["Service", "instapay", "postgres"]["spec"]["selector"]
    assert selected.items() <= proxy["metadata"]["labels"].items()


def test_what_production_sets_stands_everywhere(build, tmp_path: Path) -> None:
    for part in ("k8s", "deploy/kubernetes"):
        shutil.copytree(ROOT / part, tmp_path / part)
    mine = tmp_path / "deploy/kubernetes/overlays/mine"
    shutil.copytree(OVERLAYS / "production", mine)
    settings = mine / "settings.yaml"
    text = settings.read_text().replace("pay.example.com", "wallet.example.org")
    settings.write_text(text.replace("10.244.0.0/16", "10.42.0.0/16"))

    documents = build(mine)
    config = documents["ConfigMap", "instapay", "instapay-config"]["data"]
    assert config["CORS_ORIGINS"] == config["PUBLIC_URL"] == "https://wallet.example.org"
    told = "\n".join(yaml.safe_dump(document) for document in documents.values())
    assert "pay.example.com" not in told
    assert "10.244." not in told
    for ingress in (d for key, d in documents.items() if key[0] == "Ingress"):
        assert ingress["spec"]["tls"][0]["hosts"] == ["wallet.example.org"], name_of(ingress)
        assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["wallet.example.org"]
    policy = documents["NetworkPolicy", "instapay", "web"]["spec"]["ingress"]
    assert [b["ipBlock"] for rule in policy for b in rule["from"] if "ipBlock" in b][0] == {
        "cidr": "10.0.0.0/8",
        "except": ["10.42.0.0/16"],
    }
    assert not [image for image in images(documents) if image.split(":")[0] in OURS]
