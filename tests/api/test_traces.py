"""Traces: what a collector is told of requests and of the batches that they are in."""

import secrets
from collections.abc import Iterator

import pytest
from harness.collector import Collector, attributes
from harness.waiting import wait_until

SOON_S = 20


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def traced(launch, collector):
    def start(ratio: str = "0"):
        return launch(
            "all", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG=ratio
        )

    return start


def caller(flags: str = "01") -> tuple[str, str, dict[str, str]]:
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return trace, span, {"traceparent": f"00-{trace}-{span}-{flags}"}


def test_a_payment_is_traced_from_the_request_to_the_commit(traced, collector):
    platform = traced()
    payer, payee = platform.new_user(), platform.new_user()
    trace, parent, header = caller()
    paid = payer.pay(payee, 5, headers=header)
    paid.ok(201)
    wait_until(lambda: len(collector.of(trace)) == 4, SOON_S, "the payment's spans")

    spans = collector.of(trace)
    request = spans["POST /api/transactions"]
    queue, batch, commit = (spans[f"ledger.{name}"] for name in ("queue", "batch", "commit"))
    assert request.parent_span_id.hex() == parent
    assert request.kind == request.SPAN_KIND_SERVER
    assert queue.parent_span_id == batch.parent_span_id == request.span_id
    assert commit.parent_span_id == batch.span_id
    assert len({span.span_id for span in spans.values()}) == 4
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/api/transactions",
        "http.response.status_code": 201,
        "instapay.request.id": paid.headers["x-request-id"],
    }
    of_batch = attributes(batch)
    assert of_batch["instapay.batch.transfers"] == of_batch["instapay.batch.attempts"] == 1
    assert of_batch["instapay.batch"] > 0
    begins = [span.start_time_unix_nano for span in (request, queue, batch, commit)]
    assert begins == sorted(begins)
    assert commit.end_time_unix_nano == batch.end_time_unix_nano <= request.end_time_unix_nano
    assert collector.resources[0]["service.name"] == "instapay"
    # The log leads to the trace.
    logged = [line for line in platform.log_objects() if line.get("trace.id") == trace]
    assert [line["http.route"] for line in logged] == ["/api/transactions"]


def test_who_says_that_it_is_not_sampled_is_not(traced, collector):
    platform = traced("1")
    user = platform.new_user()
    unsampled, _, header = caller("00")
    user.get("/api/users/me", headers=header).ok()
    sampled, _, header = caller("01")
    user.get("/api/users/me", headers=header).ok()
    wait_until(lambda: collector.of(sampled), SOON_S, "the other one")
    assert not collector.of(unsampled)
    assert collector.of(sampled).keys() == {"GET /api/users/me"}
    # Those of whom nobody has said anything are all traced.
    assert {span.name for span in collector.spans} >= {"POST /api/users/register"}


def test_paths_and_what_people_write_are_not_told(traced, collector):
    platform = traced("1")
    user = platform.new_user()
    note = secrets.token_hex(8)
    user.pay(platform.new_user(), 5, note=note).ok(201)
    user.get(f"/api/users/by-username/{user.username}").ok()
    platform.stop()
    told = "\n".join(map(str, collector.spans))
    assert "POST /api/transactions" in told
    for private in (note, user.username, user.email, user.token):
        assert private not in told


def test_a_collector_that_is_away_holds_nobody_up(traced, collector):
    platform = traced("1")
    collector.status = 503
    payer, payee = platform.new_user(), platform.new_user()
    warning = "cannot send traces"
    wait_until(lambda: warning in platform.log, SOON_S, "it was tried")
    trace, _, header = caller()
    payer.pay(payee, 5, headers=header).ok(201)
    assert platform.log.count(warning) == 1
    collector.status = 200
    wait_until(lambda: len(collector.of(trace)) == 4, SOON_S, "what it could not take then")


def test_what_the_collector_refuses_is_dropped_and_counted(traced, collector):
    platform = traced("1")
    collector.status = 400
    platform.new_user()
    name = "instapay_trace_spans_refused_total"
    wait_until(lambda: platform.client.metric(name, "user") > 0, SOON_S, "it is counted")
