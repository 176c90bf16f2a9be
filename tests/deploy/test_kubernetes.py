"""The manifests: valid to the letter, and consistent with each other."""

import re
import sys

import kubernetes_validate
import pytest
import yaml
from files import ROOT, manifests, run

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
RESTRICTED = ("instapay", "instapay-monitoring")
KUBERNETES = "1.30"


def name_of(document: dict) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def of_kind(*kinds: str) -> list[dict]:
    return [document for _, document in manifests() if document["kind"] in kinds]


def template_of(workload: dict) -> dict:
    spec = workload["spec"]
    return (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]


def namespace_of(document: dict) -> str:
    return document["metadata"].get("namespace", "")


def containers_of(workload: dict) -> list[dict]:
    spec = template_of(workload)["spec"]
    return spec.get("initContainers", []) + spec["containers"]


def workloads() -> list:
    return [pytest.param(w, id=name_of(w)) for w in of_kind(*WORKLOADS)]


@pytest.mark.parametrize(
    "document", [pytest.param(d, id=f"{file}:{name_of(d)}") for file, d in manifests()]
)
def test_is_valid(document: dict) -> None:
    """Types, required fields, and no field that Kubernetes does not know."""
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_names_are_unique_and_namespaces_exist() -> None:
    keys = [(d["kind"], namespace_of(d), d["metadata"]["name"]) for _, d in manifests()]
    assert len(keys) == len(set(keys))
    known = {d["metadata"]["name"] for d in of_kind("Namespace")} | {""}
    assert {namespace_of(d) for _, d in manifests()} <= known


def test_configmaps_are_current() -> None:
    done = run(sys.executable, ROOT / "deploy/kubernetes/configmaps.py", "--check")
    assert done.returncode == 0, f"run deploy/kubernetes/configmaps.py: {done.stdout}"


def test_no_secret_is_in_the_repository() -> None:
    for secret in of_kind("Secret"):
        assert "data" not in secret and "stringData" not in secret, name_of(secret)


@pytest.mark.parametrize("workload", workloads())
def test_selectors_and_references_meet(workload: dict) -> None:
    template = template_of(workload)
    if selector := workload["spec"].get("selector"):
        assert selector["matchLabels"].items() <= template["metadata"]["labels"].items()
    here = {(d["kind"], d["metadata"]["name"]): d for d in of_kind("ConfigMap", "Secret",
            "PersistentVolumeClaim") if namespace_of(d) == namespace_of(workload)}  # fmt: skip
    volumes = {v["name"]: v for v in template["spec"].get("volumes", [])}
    claims = {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
    for volume in volumes.values():
        if "configMap" in volume:
            found = here["ConfigMap", volume["configMap"]["name"]]
            for item in volume["configMap"].get("items", []):
                assert item["key"] in found["data"]
        if "secret" in volume:
            found = here["Secret", volume["secret"]["secretName"]]
            keys = found["metadata"]["annotations"]["instapay.example/keys"].split(", ")
            for item in volume["secret"]["items"]:
                assert item["key"] in keys, f"make-secrets.sh does not make {item['key']}"
        if "persistentVolumeClaim" in volume:
            assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in here
    for container in containers_of(workload):
        for source in container.get("envFrom", []):
            assert ("ConfigMap", source["configMapRef"]["name"]) in here
        for mount in container.get("volumeMounts", []):
            assert mount["name"] in volumes or mount["name"] in claims, mount["name"]
        for variable in container.get("env", []):
            path = str(variable.get("value", ""))
            if path.startswith("/run/instapay/secrets/"):
                mounted = [m["mountPath"] for m in container["volumeMounts"]]
                assert {path, path.rsplit("/", 1)[0]} & set(mounted), path


def test_services_reach_pods() -> None:
    for service in of_kind("Service"):
        selector = service["spec"]["selector"].items()
        pods = [
            w
            for w in of_kind(*WORKLOADS)
            if namespace_of(w) == namespace_of(service)
            and selector <= template_of(w)["metadata"]["labels"].items()
        ]
        assert len(pods) == 1, name_of(service)
        open_ports = {
            p["containerPort"] for c in containers_of(pods[0]) for p in c.get("ports", [])
        }
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in open_ports, name_of(service)
    ports = {
        s["metadata"]["name"]: s["spec"]["ports"][0]["port"]
        for s in of_kind("Service")
        if s["spec"].get("type") == "LoadBalancer"
    }
    assert ports == {"user-service": 8000, "transaction-service": 8001, "reporting-service": 8002}


def test_ingress_leads_to_services_and_speaks_tls() -> None:
    known = {
        (s["metadata"]["name"], p["port"]) for s in of_kind("Service") for p in s["spec"]["ports"]
    }
    for ingress in of_kind("Ingress"):
        assert ingress["spec"]["tls"]
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                assert (service["name"], service["port"]["number"]) in known
                assert not re.match(r"/(metrics|health)", path["path"])


@pytest.mark.parametrize("workload", workloads())
def test_is_confined(workload: dict) -> None:
    """What the Pod Security Standard "restricted" asks, said in each pod; and limits for each."""
    for container in containers_of(workload):
        assert {"requests", "limits"} <= container["resources"].keys(), container["name"]
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"]["drop"] == ["ALL"]
        if namespace_of(workload) in RESTRICTED:
            assert context["readOnlyRootFilesystem"] is True
            assert "add" not in context["capabilities"]
    spec = template_of(workload)["spec"]
    if namespace_of(workload) in RESTRICTED:
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        assert not any("hostPath" in v for v in spec.get("volumes", []))
    if "serviceAccountName" not in spec:
        assert spec["automountServiceAccountToken"] is False


def services_of_the_platform() -> list[dict]:
    names = ("user-service", "transaction-service", "reporting-service")
    return [d for d in of_kind("Deployment") if d["metadata"]["name"] in names]


@pytest.mark.parametrize("deployment", services_of_the_platform(), ids=name_of)
def test_updates_lose_nothing(deployment: dict) -> None:
    name = deployment["metadata"]["name"]
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    pod = template_of(deployment)["spec"]
    container = pod["containers"][0]
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    # Life must not depend on the database: restarting does not bring it back.
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    pause_s = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= pause_s + 10
    for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler"):
        assert [d for d in of_kind(kind) if d["metadata"]["name"] == name], kind


def test_nothing_is_open_by_default() -> None:
    policies = of_kind("NetworkPolicy")
    deny = next(p for p in policies if p["metadata"]["name"] == "default-deny")
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    # Every pod of the platform has a policy that names it.
    named = yaml.dump([p["spec"]["podSelector"] for p in policies])
    for workload in of_kind(*WORKLOADS):
        if namespace_of(workload) == "instapay":
            assert re.search(rf"\b{workload['metadata']['name']}\b", named), name_of(workload)
