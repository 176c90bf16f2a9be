"""Logs from the services to Kibana. Elasticsearch, Logstash and Kibana do not run here; their files
are held against each other and against what the real services write."""

import json
import re

import pytest
from elastic import fields_asked, fields_shown, mapping, query_of, saved_objects, unmapped
from files import ROOT, SERVICES
from harness.users import login, register
from logstash_pipeline_parser import Pipeline
from production import Production

PIPELINE = ROOT / "monitoring/logstash/pipeline/instapay.conf"
# Written by the edge alone; test_edge.py holds its lines against the template.
EDGE_ONLY = {"url.path", "http.response.body.bytes"}
SEARCHES = sorted(i for i, o in saved_objects().items() if o["type"] in ("search", "visualization"))


@pytest.fixture(scope="module")
def lines(production: Production) -> list[dict]:
    """Of people who register, pay, are refused, and of probes."""
    with production.client() as client:
        amal, omar = register(client), register(client)
        amal.pay(omar, "1.00").ok(201)
        client.post("/api/users/login", {"email": amal.email, "password": "not the password"})
        password = (production.secrets / "user-service/operator_password").read_text()
        login(client, "operator@example.com", password).get("/api/reports/system").ok()
    for name in SERVICES:
        production.wait_ready(name)
        production.stop_service(name)  # what a process still holds is written
        production.spawn(name)
        production.wait_ready(name)
    return [
        json.loads(line)
        for name in SERVICES
        for line in (production.dir / f"{name}.log").read_text().splitlines()
    ]


def test_the_pipeline_is_of_logstash_s_grammar() -> None:
    sections = [name for name, _ in Pipeline(PIPELINE.read_text()).parse()]
    assert sections == ["input", "filter", "output"]


def test_the_template_knows_every_field_that_the_sources_name() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "src").rglob("*.cpp"))
    named = set(re.findall(r'\{"([a-z]+(?:\.[a-z_]+)+)", ', sources))
    assert {"http.route", "error.code"} <= named
    assert {name for name in named if not name.startswith("instapay.")} <= mapping().keys()


def test_what_is_written_has_the_types_of_the_template(lines: list[dict]) -> None:
    faults = {fault for line in lines for fault in unmapped(line)}
    assert not faults, sorted(faults)


def test_what_is_dropped_is_what_probes_write(lines: list[dict]) -> None:
    """The condition's field and values, as the services' lines have them."""
    text = PIPELINE.read_text()
    written = {line["http.route"] for line in lines if "http.route" in line}
    assert "/health/ready" in written
    assert 'if [http.route] in ["/health", "/health/ready", "/metrics"]' in text


@pytest.mark.parametrize("name", SEARCHES)
def test_every_search_can_find_something(lines: list[dict], name: str) -> None:
    """Its fields come together in one line, and what is shown is written by somebody."""
    saved = saved_objects()[name]
    asked = fields_asked(saved)
    assert asked, query_of(saved)
    assert any(asked <= line.keys() for line in lines), f"no line has all of {sorted(asked)}"
    written = {field for line in lines for field in line} | EDGE_ONLY | {"error.message"}
    assert fields_shown(saved) <= written and fields_shown(saved) | asked <= mapping().keys()


def test_saved_objects_refer_to_each_other() -> None:
    known = {(o["type"], o["id"]) for o in saved_objects().values()}
    for saved in saved_objects().values():
        assert {(r["type"], r["id"]) for r in saved["references"]} <= known
    (dashboard,) = [o for o in saved_objects().values() if o["type"] == "dashboard"]
    panels = {
        f"{panel['panelIndex']}:{panel['panelRefName']}"
        for panel in json.loads(dashboard["attributes"]["panelsJSON"])
    }
    assert panels == {r["name"] for r in dashboard["references"]}


def test_the_names_that_the_files_share() -> None:
    template = json.loads((ROOT / "monitoring/elasticsearch/index-template.json").read_text())
    setup = (ROOT / "monitoring/elasticsearch/setup.sh").read_text()
    policy = template["template"]["settings"]["index.lifecycle.name"]
    assert f"_ilm/policy/{policy}" in setup and "data_stream" in template
    (pattern,) = template["index_patterns"]
    assert f'"names": ["{pattern}"]' in setup
    assert saved_objects()["instapay-logs"]["attributes"]["title"] == pattern
    assert f'index => "{pattern.removesuffix("*")}default"' in PIPELINE.read_text()
