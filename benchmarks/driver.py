"""./bench: loads the services in every way that matters, side by side with the reference.

One call does it all: a private PostgreSQL, migrations, accounts, the services, the loads, and an
audit of the books at the end. Needs only Python's standard library.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import reference
from cluster import Cluster, running_cluster
from goals import Outcome, judge
from load import LoadResult, combined
from report import COLUMNS, Progress, print_goals, print_outcome, print_reference, show, write_json
from scenarios import BY_NAME, SCENARIOS, Scenario, choose
from services import Product
from side import Side

ROOT = Path(__file__).resolve().parent.parent
PRELOADED_ENTRIES = 20_000_000
REFERENCE_WARMUP_S = 4
# With --beside the two builds run in turn so often for each scenario.
ROUNDS_BESIDE = 2
# Of each side's services; sockets of the clusters are files.
PORTS_OF_A_SIDE = 20
# A quarter of the memory: where PostgreSQL's documentation tells a dedicated server to begin.
MEMORY_MB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
MEMORY_SETTING = f"\nshared_buffers = {MEMORY_MB // 4}MB\n"


class Bench:
    """The first side is this build, the second, if there is one, what it is measured beside."""

    def __init__(self, args: argparse.Namespace, sides: list[Side]) -> None:
        self.args = args
        self.sides = sides
        self.this = sides[0]
        self.rounds = args.rounds or (ROUNDS_BESIDE if len(sides) > 1 else 1)
        self.outcomes: dict[str, Outcome] = {}
        self.last_reference: reference.ReferenceResult | None = None

    def prepare(self, stack: ExitStack, chosen: list[Scenario]) -> None:
        for side in self.sides:
            side.prepare(stack, chosen)
        with Progress("prepare the reference"):
            reference.prepare(self.this.cluster, self.args.accounts)
            reference.run(self.this.cluster, self.args.accounts, REFERENCE_WARMUP_S)

    def run_reference(self) -> reference.ReferenceResult:
        show("reference")
        result = reference.run(self.this.cluster, self.args.accounts, self.args.duration)
        print_reference(result, reference.CLIENTS)
        self.last_reference = result
        return result

    def run_scenario(self, scenario: Scenario) -> None:
        took_time = [side.make_ready(scenario) for side in self.sides]
        if any(took_time):
            self.last_reference = None  # too long ago for the next one
        references = []
        if scenario.side_by_side:
            references.append((self.last_reference or self.run_reference()).tps)
        results = self.run_rounds(scenario, self.rate_of(scenario))
        outcome = Outcome(scenario, results[0], *results[1:])
        outcome.base = self.outcomes.get(scenario.compared_to)
        if scenario.steady_rate:
            outcome.steady = self.run_rounds(scenario, scenario.steady_rate)[0]
        if scenario.name == "lone":
            outcome.parts_ms = self.parts_of_a_lone_transfer(scenario)
        self.last_reference = None
        if scenario.side_by_side:
            # Printed after the reference that follows it, since its ratio needs both.
            references.append(self.run_reference().tps)
            outcome.reference_tps = sum(references) / len(references)
        outcome.findings = judge(outcome)
        self.outcomes[scenario.name] = outcome
        print_outcome(outcome)

    def uniform_tps(self) -> float:
        uniform = self.outcomes.get("uniform-256")
        return uniform.result.tps if uniform else 0.0

    def rate_of(self, scenario: Scenario) -> float:
        return scenario.rate_of_maximum * self.uniform_tps()

    def run_rounds(self, scenario: Scenario, rate: float) -> list[LoadResult]:
        """Of each side, one after the other and then again: a machine's pace drifts."""
        results: list[list[LoadResult]] = [[] for _ in self.sides]
        for _ in range(self.rounds):
            for side, rounds in zip(self.sides, results, strict=True):
                rounds.append(side.run(scenario, rate, self.uniform_tps()))
        return [combined(rounds) for rounds in results]

    def parts_of_a_lone_transfer(self, scenario: Scenario) -> tuple[float, float]:
        cluster, accounts = self.this.cluster, self.args.accounts
        single = reference.run(cluster, accounts, self.args.duration, clients=1)
        print_reference(single, 1)
        health = ["--kind", "health", "--connections", "1", "--warmup", "0.2", "--duration", "2"]
        echo = self.this.load.run(self.this.services_of(scenario), health)
        return single.p50_ms, echo.latency_ms("p50")


def parse() -> argparse.Namespace:
    titles = "\n".join(f"  {scenario.name:17} {scenario.title}" for scenario in SCENARIOS)
    parser = argparse.ArgumentParser(
        prog="./bench",
        description="Measures Mini-InstaPay side by side with plain PostgreSQL. "
        "./bench web: the wallet's pages instead, by Lighthouse.",
        epilog=f"scenarios (preloaded-* only when named, or with --preloaded):\n{titles}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="all when none is named")
    parser.add_argument(
        "--beside", type=Path, metavar="PATH", help="another build of instapay, run in turn"
    )
    parser.add_argument(
        "--preloaded",
        type=int,
        metavar="N",
        help=f"also with so many entries in the ledger ({PRELOADED_ENTRIES:,} when named)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one object a scenario")
    parser.add_argument("--quick", action="store_true", help="3 seconds each: a smoke test")
    parser.add_argument("--duration", type=float, default=10.0, help="seconds measured (10)")
    parser.add_argument("--warmup", type=float, default=2.0, help="seconds before (2)")
    parser.add_argument(
        "--rounds", type=int, default=0, help=f"of a scenario (1; {ROUNDS_BESIDE} with --beside)"
    )
    parser.add_argument("--accounts", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--port", type=int, default=22001, help="first of the ports used (22001)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="the build tree")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = [name for name in args.scenarios if name not in BY_NAME]
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)} (there are {', '.join(BY_NAME)})")
    if args.accounts < 2:
        parser.error("--accounts must be 2 or more")
    if args.rounds < 0 or args.duration < 1 or args.warmup < 0:
        parser.error("--rounds and --warmup must not be negative, --duration must be 1 or more")
    if args.preloaded is not None and args.preloaded < 1:
        parser.error("--preloaded must be 1 or more")
    if args.beside and not os.access(args.beside, os.X_OK):
        parser.error(f"{args.beside} is not an executable")
    if args.quick:
        args.duration, args.warmup = min(args.duration, 3.0), min(args.warmup, 1.0)
    return args


def make_key(cluster: Cluster, binary: Path) -> Path:
    """Of the kind that this build signs tokens with: P-256 before 0.2, RSA since."""
    path = cluster.directory / "key.pem"
    kinds = ("RSA", "rsa_keygen_bits:2048"), ("EC", "ec_paramgen_curve:P-256")
    for algorithm, option in kinds:
        command = ["openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option]
        subprocess.run([*command, "-out", str(path)], check=True, capture_output=True)
        if Product(binary, cluster.url, path.read_text(), cluster.directory).accepts_key():
            return path
    raise RuntimeError(f"{binary} takes neither an RSA nor a P-256 key for its tokens")


def main() -> int:
    args = parse()
    if args.check:
        return 0
    chosen = choose(args.scenarios, args.preloaded is not None)
    args.preloaded = args.preloaded or PRELOADED_ENTRIES
    builds = {"this": args.build / "instapay"}
    if args.beside:
        builds["beside"] = args.beside.resolve()
    began = time.monotonic()
    print(
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, load "
        f"{os.getloadavg()[0]:.1f}; {args.accounts:,} accounts, {args.duration:g} s a scenario; "
        "database, services and load generator share the machine"
    )
    settings = (ROOT / "db/postgresql.conf").read_text() + MEMORY_SETTING
    with ExitStack() as stack:
        sides: list[Side] = []
        for name, binary in builds.items():
            port = args.port + len(sides) * PORTS_OF_A_SIDE
            with Progress(f"{name}: start PostgreSQL (fsync on, synchronous_commit on)"):
                cluster = stack.enter_context(running_cluster(port, settings))
            key = make_key(cluster, binary)
            sides.append(Side(args, name, binary, cluster, key, port))
        bench = Bench(args, sides)
        bench.prepare(stack, chosen)
        print(COLUMNS)
        for scenario in chosen:
            bench.run_scenario(scenario)
        audits = [side.audit() for side in sides]
        balanced = all(audits)
        outcomes = list(bench.outcomes.values())
        if args.json:
            write_json(args.json, outcomes, balanced)
    print_goals(outcomes)
    missed = [outcome.scenario.name for outcome in outcomes if not outcome.met]
    print(
        f"the books {'balance' if balanced else 'DO NOT BALANCE'}; scenarios with all goals met: "
        f"{len(outcomes) - len(missed)} of {len(outcomes)}"
        + (f", not: {', '.join(missed)}" if missed else "")
        + f"; {time.monotonic() - began:.0f} s"
    )
    return 0 if balanced else 1


if __name__ == "__main__":
    # Asked to stop, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
