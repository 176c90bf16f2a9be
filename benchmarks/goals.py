"""What each scenario has to reach: the one place where it is written down."""

from collections.abc import Callable
from dataclasses import dataclass, field

from load import LoadResult
from scenarios import BALANCE_LEAST, BY_NAME, HISTORY_LEAST, Scenario

# Commits of the reference a second from which a machine counts as one where it is fast.
FAST_REFERENCE_TPS = 6_000
# Longer than any flush of the log takes, and shorter than the shortest wait of TCP (200 ms).
STALL_MS = 100


@dataclass
class Outcome:
    """What a scenario came to: of this build and, with --beside, of the other one."""

    scenario: Scenario
    result: LoadResult
    beside: LoadResult | None = None
    steady: LoadResult | None = None  # once more, at the scenario's steady rate
    reference_tps: float = 0.0  # of the reference runs around it; 0 when there were none
    base: "Outcome | None" = None  # of the scenario that it is compared to
    parts_ms: tuple[float, float] = (0.0, 0.0)  # lone: medians of a function call, an HTTP echo
    findings: list["Finding"] = field(default_factory=list)

    @property
    def to_reference(self) -> float:
        return self.result.tps / self.reference_tps if self.reference_tps else 0.0

    @property
    def to_base(self) -> float:
        if self.base is None:
            return 0.0
        # Both relative to the reference next to them, where there is one: a machine's pace drifts.
        if self.to_reference and self.base.to_reference:
            return self.to_reference / self.base.to_reference
        return self.result.tps / self.base.result.tps

    @property
    def to_beside(self) -> float:
        """Of throughput, but of latency where the throughput is given: 0 without --beside."""
        if self.beside is None:
            return 0.0
        if self.scenario.name == "lone":
            return self.p("p50") / self.beside.latency_ms("p50")
        if self.scenario.rate_of_maximum:
            return self.p("p99") / self.beside.latency_ms("p99")
        return self.result.tps / self.beside.tps

    @property
    def errors(self) -> int:
        return self.result.errors + (self.steady.errors if self.steady else 0)

    @property
    def met(self) -> bool:
        return all(finding.met for finding in self.findings)

    def p(self, quantile: str) -> float:
        return self.result.latency_ms(quantile)


@dataclass
class Finding:
    value: float
    goal: str
    met: bool

    def __str__(self) -> str:
        return f"{self.value:,.2f} {self.goal}: {'met' if self.met else 'MISSED'}"


# None where nothing can be said: no --beside, nothing to compare with.
Goal = Callable[[Outcome], Finding | None]


def least(value: float, limit: float, what: str) -> Finding:
    return Finding(value, f">= {limit:,g} {what}", value >= limit)


def most(value: float, limit: float, what: str) -> Finding:
    return Finding(value, f"<= {limit:,g} {what}", value <= limit)


def of_reference(limit: float, where_slow: float | None = None) -> Goal:
    def judge(outcome: Outcome) -> Finding:
        slow = where_slow is not None and outcome.reference_tps < FAST_REFERENCE_TPS
        if slow and where_slow is not None:
            return least(outcome.to_reference, where_slow, "x R (a slow one)")
        return least(outcome.to_reference, limit, "x R")

    return judge


def of_base(limit: float, what: str = "") -> Goal:
    def judge(outcome: Outcome) -> Finding:
        return least(outcome.to_base, limit, f"x {what or outcome.scenario.compared_to}")

    return judge


def beside(limit: float) -> Goal:
    return lambda outcome: outcome.beside and least(outcome.to_beside, limit, "x beside")


def beside_p50(limit: float) -> Goal:
    return lambda outcome: outcome.beside and most(outcome.to_beside, limit, "x p50 beside")


def beside_log(limit: float) -> Goal:
    def judge(outcome: Outcome) -> Finding | None:
        if outcome.beside is None:
            return None
        other = outcome.beside.reading.wal_bytes_per_transfer()
        return most(outcome.result.reading.wal_bytes_per_transfer() / other, limit, "x WAL beside")

    return judge


def quantile(name: str, limit_ms: float) -> Goal:
    shown = name.replace("p999", "p99.9")
    return lambda outcome: most(outcome.p(name), limit_ms, f"ms {shown}")


def per_second(limit: float) -> Goal:
    return lambda outcome: least(outcome.result.tps, limit, "/s")


def of_parts(limit: float) -> Goal:
    return lambda outcome: most(
        outcome.p("p50") / sum(outcome.parts_ms), limit, "x (function call + echo), p50"
    )


def steady_as_before(limit: float) -> Goal:
    """At the same rate, since at the maximum latency is only how many wait for the CPU."""

    def judge(outcome: Outcome) -> Finding:
        assert outcome.steady and outcome.base and outcome.base.steady
        ratio = outcome.steady.latency_ms("p99") / outcome.base.steady.latency_ms("p99")
        return most(ratio, limit, f"x p99 of {outcome.base.scenario.name}, at the same rate")

    return judge


def no_stall(outcome: Outcome) -> Finding:
    return most(outcome.result.raw["stall_ms"], STALL_MS, "ms stall")


def refused_soon(limit_ms: float) -> Goal:
    return lambda outcome: most(
        outcome.result.raw["other_latency_ms"]["p99"], limit_ms, "ms p99 of a 503"
    )


def says_when_to_come_back(outcome: Outcome) -> Finding:
    return most(outcome.result.raw["without_retry_after"], 0, "503 without Retry-After")


# Issue "The ledger without updates", table "Speed", and `followed`: what an installation has of it.
# Beside: 0.1, commit 64957d0.
GOALS: dict[str, list[Goal]] = {
    "uniform-256": [of_reference(4, where_slow=5), beside(1.35), beside_log(0.85)],
    "followed": [of_base(0.7)],
    "uniform-64": [of_reference(3), quantile("p99", 10), beside(1.5)],
    "lone": [of_parts(1.0), beside_p50(0.65)],
    "merchant": [of_base(1.0), no_stall],
    "payer": [of_base(1.0), no_stall],
    "zipf": [of_base(1.0), no_stall],
    "batch": [of_reference(12), beside(1.4)],
    "first-token": [of_base(0.7)],
    "first-all": [of_base(0.5)],
    "open-half": [quantile("p99", 8), quantile("p999", 25)],
    "overload": [of_base(0.9, "maximum"), refused_soon(100), says_when_to_come_back],
    "two-services": [of_base(0.9, "one service")],
    "two-services-hot": [of_base(0.9, "one service")],
    "balance": [per_second(BALANCE_LEAST)],
    "history": [per_second(HISTORY_LEAST)],
    "preloaded-uniform": [of_base(0.9, "the empty ledger")],
    "preloaded-balance": [steady_as_before(1.25)],
    "preloaded-history": [steady_as_before(1.25)],
}
assert GOALS.keys() == BY_NAME.keys()


def judge(outcome: Outcome) -> list[Finding]:
    """One finding a goal; an error more when there were any, since no figure makes up for them."""
    found = [goal(outcome) for goal in GOALS[outcome.scenario.name]]
    errors = [most(outcome.errors, 0, "errors")] if outcome.errors else []
    return [finding for finding in found if finding] + errors
