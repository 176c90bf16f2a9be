"""The manifests: valid to the letter, and consistent with each other."""

import ipaddress
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


def test_ingress_leads_what_the_api_documents_to_its_service() -> None:
    [paths] = [
        rule["http"]["paths"]
        for ingress in of_kind("Ingress")
        if ingress["metadata"]["name"] == "instapay"
        for rule in ingress["spec"]["rules"]
    ]

    def backend_of(path: str) -> str:
        fitting = [
            p
            for p in paths
            if path == p["path"]
            or (p["pathType"] == "Prefix" and path.startswith(p["path"].rstrip("/") + "/"))
        ]
        longest = max(fitting, key=lambda p: len(p["path"]))
        return longest["backend"]["service"]["name"]

    owners = {"users": "user", "reports": "reporting", "operations": None}
    # What is left to the web pods: their nginx sends the rest of /api/ to the user service.
    by_edge = {"/api/support", "/dev/mails"}
    document = yaml.safe_load((ROOT / "api/openapi.yaml").read_text())
    for path, item in document["paths"].items():
        tag = next(op["tags"][0] for name, op in item.items() if name != "parameters")
        owner = owners.get(tag, "transaction")
        if owner is not None and path not in by_edge:
            assert backend_of(path) == f"{owner}-internal", path


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


# ---- who reaches whom


def pods_behind(service: str) -> dict:
    """The workload that a Service of the platform leads to."""
    (found,) = [
        s
        for s in of_kind("Service")
        if (namespace_of(s), s["metadata"]["name"]) == ("instapay", service)
    ]
    selector = found["spec"]["selector"].items()
    (workload,) = [
        w
        for w in of_kind(*WORKLOADS)
        if namespace_of(w) == "instapay"
        and selector <= template_of(w)["metadata"]["labels"].items()
    ]
    return workload


def label_of(workload: dict) -> str:
    return template_of(workload)["metadata"]["labels"]["app.kubernetes.io/name"]


def selects(selector: dict, label: str) -> bool:
    if "matchLabels" in selector:
        return selector["matchLabels"].get("app.kubernetes.io/name") == label
    return any(label in e["values"] for e in selector.get("matchExpressions", []))


def may(direction: str, of: str, other: str, port: int) -> bool:
    """Whether a NetworkPolicy of pods `of` allows their traffic from or to pods `other`."""
    peers = {"ingress": "from", "egress": "to"}[direction]
    return any(
        selects(peer.get("podSelector", {}), other) and port in [p["port"] for p in rule["ports"]]
        for policy in of_kind("NetworkPolicy")
        if namespace_of(policy) == "instapay" and selects(policy["spec"]["podSelector"], of)
        for rule in policy["spec"].get(direction, [])
        for peer in rule.get(peers, [])
    )


def urls() -> list:
    """(caller, setting, host, port) for every address that a process is given."""
    found = []
    config = next(d for d in of_kind("ConfigMap") if d["metadata"]["name"] == "instapay-config")
    for workload in of_kind(*WORKLOADS):
        for container in containers_of(workload):
            for variable in container.get("env", []):
                key = variable.get("valueFrom", {}).get("configMapKeyRef", {}).get("key")
                value = config["data"].get(key, "") if key else str(variable.get("value", ""))
                address = re.match(r"http://([a-z-]+):(\d+)", value)
                if address and namespace_of(workload) == "instapay":
                    case = (label_of(workload), key, address[1], int(address[2]))
                    found.append(pytest.param(*case, id=f"{case[0]}-{key}"))
    return found


@pytest.mark.parametrize(("caller", "setting", "host", "port"), urls())
def test_who_is_given_an_address_reaches_it(
    caller: str, setting: str, host: str, port: int
) -> None:
    callee = label_of(pods_behind(host))
    assert may("egress", caller, callee, port), f"{caller} may not call {callee}"
    assert may("ingress", callee, caller, port), f"{callee} does not let {caller} in"


def test_the_console_asks_every_pod() -> None:
    """A Service with one address would show one pod, another at each look."""
    asked = {case.values[1]: case.values[2] for case in urls()}
    headless = {
        s["metadata"]["name"] for s in of_kind("Service") if s["spec"].get("clusterIP") == "None"
    }
    assert {asked[name] for name in ("USER_URL", "TRANSACTION_URL", "REPORTING_URL")} <= headless


def external_services() -> list[dict]:
    return [
        s
        for s in of_kind("Service")
        if s["spec"].get("type") in ("LoadBalancer", "NodePort") or s["spec"].get("externalIPs")
    ]


def test_what_is_reached_from_outside_is_the_edge() -> None:
    """It replaces what callers say about their address, and has no metrics and no health."""
    assert len(external_services()) == 3
    for service in external_services():
        assert label_of(pods_behind(service["metadata"]["name"])) == "web", name_of(service)
        # Otherwise callers come by the address of a node or a pod, which may be a trusted one.
        assert service["spec"]["externalTrafficPolicy"] == "Local"
    # And the network lets nobody from outside at the pods of the services.
    for policy in of_kind("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            if any("ipBlock" in peer for peer in rule.get("from", [])):
                assert selects(policy["spec"]["podSelector"], "web"), name_of(policy)


def test_trusted_proxies_are_pods_and_nobody_else() -> None:
    config = next(d for d in of_kind("ConfigMap") if d["metadata"]["name"] == "instapay-config")
    pods = config["data"]["TRUSTED_PROXIES"]
    blocks = [
        peer["ipBlock"]
        for policy in of_kind("NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        for peer in rule.get("from", [])
        if "ipBlock" in peer
    ]
    assert blocks
    trusted = ipaddress.ip_network(pods)
    for block in blocks:
        inside = trusted.subnet_of(ipaddress.ip_network(block["cidr"]))
        assert not inside or pods in block["except"], f"{block} may come as a trusted proxy"


def test_kubernetes_sets_no_variable_of_its_own() -> None:
    """For a Service `user` it would set USER_PORT=tcp://…, which is a setting of ours."""
    for workload in of_kind(*WORKLOADS):
        if namespace_of(workload) == "instapay":
            assert template_of(workload)["spec"].get("enableServiceLinks") is False, name_of(
                workload
            )
