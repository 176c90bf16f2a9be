"""What a person reads while the benchmark runs, and what a program reads afterwards."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from goals import STALL_MS, Outcome
from load import QUANTILES, LoadResult
from meters import Reading
from reference import ReferenceResult

COLUMNS = (
    f"{'':17}{'/s':>9} {'to R':>6} {'beside':>6} {'p50':>8} {'p99':>8} {'p99.9':>8} {'stall':>6}"
    f" {'errors':>6}  {'CPU us db+service+load':>22} {'WAL B':>6}"
)
MARGIN = " " * 17


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
        say(f"{MARGIN}other processes used {reading.cores_of_others():.1f} cores meanwhile")


def row(name: str, tps: float, ratios: list[str], times_ms: list[str], cost: Reading) -> str:
    to_reference, to_beside = ratios
    p50, p99, p999, stall, errors = times_ms
    parts_s = [cost.database_cpu_s, cost.service_cpu_s, cost.load_cpu_s]
    cpu = " + ".join(f"{cost.per_transfer_us(part):.0f}" for part in parts_s)
    return (
        f"{name:17}{tps:9,.0f} {to_reference:>6} {to_beside:>6} {p50:>8} {p99:>8} {p999:>8}"
        f" {stall:>6} {errors:>6}  {cpu:>22} {cost.wal_bytes_per_transfer():6.0f}"
    )


def print_reference(result: ReferenceResult, clients: int) -> None:
    times_ms = [f"{result.p50_ms:.2f}", f"{result.p99_ms:.2f}", "", "", ""]
    name = f"R, {clients} client{'s' if clients > 1 else ''}"
    say(row(name, result.tps, ["1.00", ""], times_ms, result.reading))
    say_if_not_alone(result.reading)


def load_row(name: str, result: LoadResult, ratios: list[float]) -> str:
    times_ms = [f"{result.latency_ms(quantile):.2f}" for quantile in ("p50", "p99", "p999")]
    times_ms += [f"{result.raw['stall_ms']:.0f}", str(result.errors)]
    shown = [f"{ratio:.2f}" if ratio else "" for ratio in ratios]
    return row(name, result.tps, shown, times_ms, result.reading)


def details(result: LoadResult) -> list[str]:
    """What the row has no column for."""
    lines = []
    if disk := result.reading.disk_bytes_per_transfer():
        parts = [f"{name} {size:.0f}" for name, size in disk.items() if size >= 0.5]
        lines.append(f"disk B {sum(disk.values()):.0f}: {', '.join(parts)}")
    if result.raw["offered"]:
        refused = result.raw["other_latency_ms"]
        lines.append(
            f"offered {result.raw['offered'] / result.raw['measured_s']:,.0f} /s, "
            f"no free connection for {result.raw['dropped']:,}, refused {refused['count']:,} "
            f"(p99 {refused['p99']:.1f} ms), service {result.resident_mb:.0f} MB"
        )
    if result.raw["stall_ms"] > STALL_MS:
        lines.append(f"the stall ended {result.raw['stall_at_s']:.2f} s after measuring began")
    if result.raw["ran_out"]:
        lines.append(f"ended after {result.raw['measured_s']:.1f} s: nobody was left to be first")
    if result.reading.checkpoints:
        lines.append("a checkpoint fell into the measured time")
    if result.errors:
        lines.append(f"statuses {result.raw['statuses']}, lost {result.raw['lost']}")
        lines += result.raw["samples"]
    return lines


def print_outcome(outcome: Outcome) -> None:
    name, result = outcome.scenario.name, outcome.result
    say(load_row(name, result, [outcome.to_reference, outcome.to_beside]))
    for line in details(result):
        say(MARGIN + line)
    if outcome.steady:
        rate, p99_ms = outcome.scenario.steady_rate, outcome.steady.latency_ms("p99")
        say(f"{MARGIN}p99 {p99_ms:.2f} ms with {rate:,.0f} /s offered")
    if outcome.parts_ms[0]:
        function_ms, echo_ms = outcome.parts_ms
        say(f"{MARGIN}function call {function_ms:.3f} ms, HTTP echo {echo_ms:.3f} ms (medians)")
    say_if_not_alone(result.reading)
    say(MARGIN + "; ".join(str(finding) for finding in outcome.findings))
    if outcome.beside:
        say(load_row("  beside", outcome.beside, [0, 1]))
        for line in details(outcome.beside):
            say(MARGIN + line)


def print_goals(outcomes: list[Outcome]) -> None:
    say("\ngoals")
    for outcome in outcomes:
        for finding in outcome.findings:
            say(f"{outcome.scenario.name:17} {finding}")


def _load_as_json(result: LoadResult) -> dict[str, Any]:
    reading = result.reading
    return {
        "tps": round(result.tps, 1),
        **{f"{name}_ms": result.latency_ms(name) for name in QUANTILES},
        "stall_ms": result.raw["stall_ms"],
        "stall_at_s": result.raw["stall_at_s"],
        "errors": result.errors,
        "statuses": result.raw["statuses"],
        "offered_per_s": round(result.raw["offered"] / result.raw["measured_s"], 1),
        "refused_p99_ms": result.raw["other_latency_ms"]["p99"],
        "measured_s": result.raw["measured_s"],
        "ran_out": result.raw["ran_out"],
        "cpu_us": {
            "database": round(reading.per_transfer_us(reading.database_cpu_s), 1),
            "service": round(reading.per_transfer_us(reading.service_cpu_s), 1),
            "load": round(reading.per_transfer_us(reading.load_cpu_s), 1),
        },
        "wal_bytes": round(reading.wal_bytes_per_transfer(), 1),
        "disk_bytes": {
            name: round(size, 1) for name, size in reading.disk_bytes_per_transfer().items()
        },
        "checkpoints": reading.checkpoints,
        "cores_of_others": round(reading.cores_of_others(), 2),
        "service_resident_mb": round(result.resident_mb, 1),
    }


def as_json(outcome: Outcome, books_balance: bool) -> dict[str, Any]:
    return {
        "name": outcome.scenario.name,
        **_load_as_json(outcome.result),
        "books_balance": books_balance,
        "goals": [
            {"goal": finding.goal, "value": round(finding.value, 3), "met": finding.met}
            for finding in outcome.findings
        ],
        "reference_tps": round(outcome.reference_tps, 1),
        "ratio_to_reference": round(outcome.to_reference, 3),
        "compared_to": outcome.scenario.compared_to,
        "ratio_to_compared": round(outcome.to_base, 3),
        "ratio_beside": round(outcome.to_beside, 3),
        "beside": _load_as_json(outcome.beside) if outcome.beside else None,
        "steady_p99_ms": outcome.steady.latency_ms("p99") if outcome.steady else None,
        "function_and_echo_p50_ms": outcome.parts_ms,
    }


def write_json(path: Path, outcomes: list[Outcome], books_balance: bool) -> None:
    rows = [as_json(outcome, books_balance) for outcome in outcomes]
    path.write_text(json.dumps(rows, indent=2) + "\n")
