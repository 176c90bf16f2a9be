#!/usr/bin/env python3
"""Writes the ConfigMaps of k8s/ and deploy/ha/kubernetes/ that hold files of this repository, so
that each exists once.

configmaps.py          writes them
configmaps.py --check  only says, by its status, whether they are current (tests/deploy asks)
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTE = "# Made by deploy/kubernetes/configmaps.py from the files it names; change those.\n"
MONITORING, LOGGING = "instapay-monitoring", "instapay-logging"
# file → ConfigMaps: namespace, name, {key: file}
CONFIGMAPS = {
    "k8s/21-postgres-config.yaml": [
        (
            "instapay",
            "postgres-config",
            {
                "postgresql.conf": "deploy/postgres/postgresql.conf",
                "pg_hba.conf": "deploy/postgres/pg_hba.conf",
                "platform.conf": "db/postgresql.conf",
            },
        ),
        (
            "instapay",
            "postgres-scripts",
            {f"{name}.sh": f"deploy/postgres/{name}.sh" for name in ("backup", "restore", "roles")},
        ),
    ],
    "deploy/ha/kubernetes/22-config.yaml": [
        (
            "instapay",
            "postgres-ha-config",
            {
                "patroni.yml": "deploy/ha/patroni.yml",
                "haproxy.cfg": "deploy/ha/haproxy.cfg",
                "postgresql.conf": "deploy/postgres/postgresql.conf",
                "platform.conf": "db/postgresql.conf",
            },
        ),
        (
            "instapay",
            "postgres-ha-scripts",
            {f"{name}.sh": f"deploy/ha/{name}.sh" for name in ("etcd", "patroni")},
        ),
    ],
    "k8s/81-monitoring-config.yaml": [
        (
            MONITORING,
            "prometheus-rules",
            {f"{name}.yml": f"monitoring/rules/{name}.yml" for name in ("alerts", "recording")},
        ),
        (
            MONITORING,
            "alertmanager-config",
            {"alertmanager.yml": "monitoring/alertmanager/alertmanager.yml"},
        ),
        (
            MONITORING,
            "grafana-datasources",
            {"prometheus.yml": "monitoring/grafana/provisioning/datasources/prometheus.yml"},
        ),
        (
            MONITORING,
            "grafana-dashboard-provider",
            {"instapay.yml": "monitoring/grafana/provisioning/dashboards/instapay.yml"},
        ),
        (
            MONITORING,
            "grafana-dashboards",
            {
                path.name: str(path.relative_to(ROOT))
                for path in sorted((ROOT / "monitoring/grafana/dashboards").glob("*.json"))
            },
        ),
    ],
    "k8s/91-logging-config.yaml": [
        (
            LOGGING,
            "elasticsearch-setup",
            {
                f: f"monitoring/elasticsearch/{f}"
                for f in ("index-template.json", "lifecycle.json", "setup.sh")
            },
        ),
        (LOGGING, "logstash-config", {"logstash.yml": "monitoring/logstash/logstash.yml"}),
        (
            LOGGING,
            "logstash-pipeline",
            {"instapay.conf": "monitoring/logstash/pipeline/instapay.conf"},
        ),
        (
            LOGGING,
            "kibana-config",
            {
                "kibana.yml": "monitoring/kibana/kibana.yml",
                "instapay.ndjson": "monitoring/kibana/instapay.ndjson",
            },
        ),
    ],
}


def entry(key: str, path: str) -> str:
    text = (ROOT / path).read_text()
    if path.endswith(".json"):
        # On one line: people read and change the file itself.
        return f"  {key}: {json.dumps(json.dumps(json.loads(text), separators=(',', ':')))}\n"
    indented = "".join(f"    {line}" if line.strip() else line for line in text.splitlines(True))
    return f"  {key}: |\n{indented}"


def configmap(namespace: str, name: str, files: dict[str, str]) -> str:
    head = (
        "apiVersion: v1\nkind: ConfigMap\n"
        f"metadata:\n  name: {name}\n  namespace: {namespace}\ndata:\n"
    )
    return head + "".join(entry(key, path) for key, path in sorted(files.items()))


def main() -> int:
    stale = []
    for file, maps in CONFIGMAPS.items():
        text = NOTE + "---\n".join(configmap(*one) for one in maps)
        path = ROOT / file
        if not path.exists() or path.read_text() != text:
            stale.append(file)
            if "--check" not in sys.argv:
                path.write_text(text)
    print("\n".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
