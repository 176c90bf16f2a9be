"""The scenarios: what each asks for, and what it has to reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from load import LoadResult


@dataclass
class Verdict:
    """`ratio` is what the scenario's goal speaks of."""

    ratio: float
    goal: str
    met: bool


@dataclass
class Outcome:
    scenario: "Scenario"
    result: LoadResult
    reference_tps: float  # of the reference runs around it; 0 when there were none
    # The uniform-256 outcome, and for loads on a full ledger that of the same load before.
    uniform: "Outcome | None" = None
    before: "Outcome | None" = None
    verdict: Verdict = field(default_factory=lambda: Verdict(0, "", False))
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def to_reference(self) -> float:
        return self.result.tps / self.reference_tps if self.reference_tps else 0.0

    def p(self, quantile: str) -> float:
        return self.result.latency_ms(quantile)


Judge = Callable[[Outcome], Verdict]


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    arguments: tuple[str, ...]
    judge: Judge
    service: str = "transaction"
    services: int = 1
    settings: tuple[tuple[str, str], ...] = ()  # of services that run for this scenario only
    side_by_side: bool = True  # with the reference before and after
    needs_uniform: bool = False
    rate_of_maximum: float = 0.0  # open loop at this share of uniform-256
    steady_rate: float = 0.0  # latency is taken once more, with so many a second offered
    tolerated: frozenset[int] = frozenset()  # statuses that are no errors here
    needs_funds: bool = False  # account 0 pays everything
    full_pages: bool = False  # only accounts with a page's worth of entries
    repeats: str = ""  # the scenario that this one repeats once the ledger is full


def of_reference(least: float, p99_ms_most: float | None = None) -> Judge:
    def judge(outcome: Outcome) -> Verdict:
        goal, met = f">= {least:g} x R", outcome.to_reference >= least
        if p99_ms_most is not None:
            goal += f", p99 <= {p99_ms_most:g} ms"
            met = met and outcome.p("p99") <= p99_ms_most
        return Verdict(outcome.to_reference, goal, met and outcome.result.errors == 0)

    return judge


def of_uniform(least: float, what: str = "uniform-256") -> Judge:
    def judge(outcome: Outcome) -> Verdict:
        assert outcome.uniform is not None
        # Both relative to the reference next to them: a machine's pace drifts.
        ratio = outcome.to_reference / outcome.uniform.to_reference
        met = ratio >= least and outcome.result.errors == 0
        return Verdict(ratio, f">= {least:g} x {what}", met)

    return judge


def at_least(tps: float) -> Judge:
    def judge(outcome: Outcome) -> Verdict:
        ratio = outcome.result.tps / tps
        return Verdict(ratio, f">= {tps:,.0f} /s", ratio >= 1 and outcome.result.errors == 0)

    return judge


def no_errors(outcome: Outcome) -> Verdict:
    return Verdict(outcome.to_reference, "right, no errors", outcome.result.errors == 0)


def lone(outcome: Outcome) -> Verdict:
    parts_ms = outcome.more["function_p50_ms"] + outcome.more["echo_p50_ms"]
    ratio = outcome.p("p50") / parts_ms
    return Verdict(ratio, "p50 <= 1.3 x (function call + echo)", ratio <= 1.3)


def half_rate(outcome: Outcome) -> Verdict:
    assert outcome.uniform is not None
    met = outcome.p("p99") <= 15 and outcome.p("p999") <= 50 and outcome.result.errors == 0
    ratio = outcome.result.tps / outcome.uniform.result.tps
    return Verdict(ratio, "p99 <= 15, p99.9 <= 50 ms, no errors", met)


def overload(outcome: Outcome) -> Verdict:
    assert outcome.uniform is not None
    ratio = outcome.result.tps / outcome.uniform.result.tps
    refused = outcome.result.raw["other_latency_ms"]
    met = ratio >= 0.9 and refused["p99"] <= 100 and outcome.result.errors == 0
    met = met and outcome.result.raw["without_retry_after"] == 0
    return Verdict(ratio, ">= 0.9 x maximum, 503 + Retry-After in 100 ms", met)


def latency_unchanged(outcome: Outcome) -> Verdict:
    """At the same rate, since at the maximum latency is only how many wait for the CPU. Within a
    quarter, or a millisecond: p99 on a shared machine says no more than that."""
    assert outcome.before is not None
    before_ms, after_ms = outcome.before.more["steady_p99_ms"], outcome.more["steady_p99_ms"]
    met = after_ms <= max(1.25 * before_ms, before_ms + 1)
    met = met and outcome.result.errors == 0 and outcome.more["steady_errors"] == 0
    goal = f"p99 as before at {outcome.scenario.steady_rate:,.0f} /s ({before_ms:.2f} ms)"
    return Verdict(after_ms / before_ms, goal, met)


def transfers(connections: int, *more: str) -> tuple[str, ...]:
    return ("--kind", "transfer", "--connections", str(connections), *more)


UNIFORM = transfers(256)
# Latency is compared at half of what is wanted at least.
BALANCE_LEAST, HISTORY_LEAST = 15_000, 4_000
BALANCE = ("--kind", "me", "--connections", "64")
HISTORY = ("--kind", "history", "--page", "50", "--connections", "64")

SCENARIOS = [
    Scenario("uniform-256", "random pairs, 256 connections", UNIFORM, of_reference(4)),
    Scenario("uniform-64", "random pairs, 64 connections", transfers(64), of_reference(3, 20)),
    Scenario("lone", "one client, one at a time", transfers(1), lone, side_by_side=False),
    Scenario(
        "merchant",
        "everybody pays one account",
        transfers(256, "--pairs", "merchant"),
        of_uniform(0.9),
        needs_uniform=True,
    ),
    Scenario(
        "payer",
        "one account pays everybody",
        transfers(256, "--pairs", "payer"),
        of_uniform(0.9),
        needs_uniform=True,
        needs_funds=True,
    ),
    Scenario(
        "zipf",
        "Zipf 1.0 on both sides",
        transfers(256, "--pairs", "zipf"),
        of_uniform(0.9),
        needs_uniform=True,
    ),
    Scenario(
        "batch",
        "1,000 transfers a request",
        ("--kind", "batch", "--batch", "1000", "--connections", "8"),
        of_reference(6),
    ),
    Scenario(
        "open-half",
        "open loop, half of the maximum",
        UNIFORM,
        half_rate,
        side_by_side=False,
        needs_uniform=True,
        rate_of_maximum=0.5,
    ),
    Scenario(
        "overload",
        "open loop, four times the maximum",
        transfers(3072, "--drop-when-busy"),
        overload,
        side_by_side=False,
        needs_uniform=True,
        rate_of_maximum=4.0,
        tolerated=frozenset({503}),
        # A queue that the connections can fill, and that is empty again within 100 ms. More of them
        # (a SYN queue holds 4,096) would measure how TCP repeats what it dropped.
        settings=(("QUEUE_MAX", "1000"),),
    ),
    Scenario(
        "two-services",
        "two transaction services, random pairs",
        UNIFORM,
        of_uniform(0.8, "one service"),
        services=2,
        needs_uniform=True,
    ),
    Scenario(
        "two-services-hot",
        "two transaction services, Zipf 1.0",
        transfers(256, "--pairs", "zipf"),
        no_errors,
        services=2,
    ),
    Scenario(
        "balance",
        "GET /api/users/me",
        BALANCE,
        at_least(BALANCE_LEAST),
        service="user",
        side_by_side=False,
        steady_rate=BALANCE_LEAST / 2,
    ),
    Scenario(
        "history",
        "GET a history page of 50",
        HISTORY,
        at_least(HISTORY_LEAST),
        side_by_side=False,
        full_pages=True,
        steady_rate=HISTORY_LEAST / 2,
    ),
    # The last ones, and only when asked for: filling the ledger takes minutes.
    Scenario(
        "full-uniform",
        "random pairs, millions of entries",
        UNIFORM,
        of_uniform(0.8, "the same before"),
        needs_uniform=True,
        repeats="uniform-256",
    ),
    Scenario(
        "full-balance",
        "GET /api/users/me, millions of entries",
        BALANCE,
        latency_unchanged,
        service="user",
        side_by_side=False,
        steady_rate=BALANCE_LEAST / 2,
        repeats="balance",
    ),
    Scenario(
        "full-history",
        "GET a history page, millions of entries",
        HISTORY,
        latency_unchanged,
        side_by_side=False,
        full_pages=True,
        steady_rate=HISTORY_LEAST / 2,
        repeats="history",
    ),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
BY_DEFAULT = [scenario.name for scenario in SCENARIOS if not scenario.repeats]


def choose(names: list[str]) -> list[Scenario]:
    """The named scenarios and those that they are compared with, in the order of the list."""
    wanted = set(names or BY_DEFAULT)
    for name in list(wanted):
        scenario = BY_NAME[name]
        wanted |= {"uniform-256"} if scenario.needs_uniform else set()
        wanted |= {scenario.repeats} if scenario.repeats else set()
    return [scenario for scenario in SCENARIOS if scenario.name in wanted]
