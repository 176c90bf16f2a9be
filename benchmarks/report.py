"""What a person reads while the benchmark runs, and what a program reads afterwards."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from meters import Reading
from reference import ReferenceResult
from scenarios import Outcome

COLUMNS = (
    f"{'':17}{'/s':>9} {'ratio':>6} {'p50':>8} {'p95':>8} {'p99':>8} {'errors':>7}"
    f"  {'CPU us db+service+load':>22} {'WAL B':>6}  goal"
)


def show(text: str) -> None:
    """What is under way, on a terminal; the next line printed by say() takes its place."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text} ...", end="", flush=True)


def say(text: str) -> None:
    print(("\r\033[K" if sys.stdout.isatty() else "") + text, flush=True)


class Progress:
    """One line a step; on a terminal it is there while the step runs."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> "Progress":
        self.began = time.monotonic()
        show(self.title)
        return self

    def __exit__(self, *failure: object) -> None:
        seconds = time.monotonic() - self.began
        say(f"{self.title}: {'failed after ' if failure[0] else ''}{seconds:.1f} s")


# Less than this is the system's own noise.
OTHERS_WORTH_A_WORD_CORES = 0.15


def say_if_not_alone(reading: Reading) -> None:
    if reading.cores_of_others() >= OTHERS_WORTH_A_WORD_CORES:
        say(f"{'':17}other processes used {reading.cores_of_others():.1f} cores meanwhile")


def row(
    name: str, tps: float, ratio: float, latencies: list[str], errors: str, cpu: str, wal: float
) -> str:
    p50, p95, p99 = latencies
    return (
        f"{name:17}{tps:9,.0f} {ratio:6.2f} {p50:>8} {p95:>8} {p99:>8} {errors:>7}"
        f"  {cpu:>22} {wal:6.0f}"
    )


def print_reference(result: ReferenceResult, clients: int) -> None:
    reading = result.reading
    latencies = [f"{result.p50_ms:.2f}", "", f"{result.p99_ms:.2f}"]
    parts = (reading.database_cpu_s, reading.load_cpu_s)
    cpu = " + ".join(f"{reading.per_transfer_us(part):.0f}" for part in parts)
    wal = reading.wal_bytes_per_transfer()
    say(row(f"R, {clients} clients", result.tps, 1, latencies, "", cpu, wal))
    say_if_not_alone(reading)


def print_outcome(outcome: Outcome) -> None:
    result, reading, verdict = outcome.result, outcome.result.reading, outcome.verdict
    latencies = [f"{outcome.p(quantile):.2f}" for quantile in ("p50", "p95", "p99")]
    parts = (reading.database_cpu_s, reading.service_cpu_s, reading.load_cpu_s)
    cpu = " + ".join(f"{reading.per_transfer_us(part):.0f}" for part in parts)
    wal = reading.wal_bytes_per_transfer()
    name, errors = outcome.scenario.name, str(result.errors)
    line = row(name, result.tps, verdict.ratio, latencies, errors, cpu, wal)
    say(f"{line}  {verdict.goal}: {'met' if verdict.met else 'NOT MET'}")
    if outcome.scenario.rate_of_maximum:
        refused = result.raw["other_latency_ms"]
        print(
            f"{'':17}offered {result.raw['offered'] / result.raw['measured_s']:,.0f} /s, "
            f"no free connection for {result.raw['dropped']:,}, refused {refused['count']:,} "
            f"(p99 {refused['p99']:.1f} ms), p99.9 {outcome.p('p999'):.1f} ms, "
            f"service {result.resident_mb:.0f} MB"
        )
    if "steady_p99_ms" in outcome.more:
        rate = outcome.scenario.steady_rate
        print(f"{'':17}p99 {outcome.more['steady_p99_ms']:.2f} ms with {rate:,.0f} /s offered")
    if "echo_p50_ms" in outcome.more:
        print(
            f"{'':17}function call {outcome.more['function_p50_ms']:.3f} ms, "
            f"HTTP echo {outcome.more['echo_p50_ms']:.3f} ms (medians)"
        )
    say_if_not_alone(reading)
    if reading.checkpoints:
        print(f"{'':17}a checkpoint fell into the measured time")
    if result.errors:
        print(f"{'':17}statuses {result.raw['statuses']}, lost {result.raw['lost']}")
        for sample in result.raw["samples"]:
            print(f"{'':17}{sample}")


def as_json(outcome: Outcome, books_balance: bool) -> dict[str, Any]:
    result, reading = outcome.result, outcome.result.reading
    return {
        "name": outcome.scenario.name,
        "tps": round(result.tps, 1),
        "ratio": round(outcome.verdict.ratio, 3),
        "p50_ms": outcome.p("p50"),
        "p95_ms": outcome.p("p95"),
        "p99_ms": outcome.p("p99"),
        "p999_ms": outcome.p("p999"),
        "errors": result.errors,
        "books_balance": books_balance,
        "goal": outcome.verdict.goal,
        "goal_met": outcome.verdict.met,
        "reference_tps": round(outcome.reference_tps, 1),
        "ratio_to_reference": round(outcome.to_reference, 3),
        "statuses": result.raw["statuses"],
        "offered_per_s": round(result.raw["offered"] / result.raw["measured_s"], 1),
        "refused_p99_ms": result.raw["other_latency_ms"]["p99"],
        "cpu_us": {
            "database": round(reading.per_transfer_us(reading.database_cpu_s), 1),
            "service": round(reading.per_transfer_us(reading.service_cpu_s), 1),
            "load": round(reading.per_transfer_us(reading.load_cpu_s), 1),
        },
        "wal_bytes": round(reading.wal_bytes_per_transfer(), 1),
        "cores_of_others": round(reading.cores_of_others(), 2),
        "service_resident_mb": round(result.resident_mb, 1),
        **outcome.more,
    }


def write_json(path: Path, outcomes: list[Outcome], books_balance: bool) -> None:
    rows = [as_json(outcome, books_balance) for outcome in outcomes]
    path.write_text(json.dumps(rows, indent=2) + "\n")
