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
from load import LoadGenerator, LoadResult
from report import COLUMNS, Progress, print_outcome, print_reference, show, write_json
from scenarios import BY_NAME, SCENARIOS, Outcome, Scenario, choose
from services import Product, Service

ROOT = Path(__file__).resolve().parent.parent
FULL_LEDGER_ENTRIES = 20_000_000
PAGE = 50
FULL_PAGE_ACCOUNTS = 2_000
BATCH = 1_000
REFERENCE_WARMUP_S = 4
# A quarter of the memory: where PostgreSQL's documentation tells a dedicated server to begin.
MEMORY_MB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
MEMORY_SETTING = f"\nshared_buffers = {MEMORY_MB // 4}MB\n"


class Bench:
    def __init__(self, args: argparse.Namespace, cluster: Cluster, product: Product) -> None:
        self.args = args
        self.cluster = cluster
        self.product = product
        self.load = LoadGenerator(args.build / "benchmarks/bench_load", product.directory, cluster)
        self.services: dict[tuple, list[Service]] = {}  # by name and settings
        self.primed: dict[str, list[Service]] = {}  # who was asked last, by the kind of request
        self.outcomes: dict[str, Outcome] = {}
        self.last_reference: reference.ReferenceResult | None = None

    # ---- before the loads

    def prepare(self, stack: ExitStack, chosen: list[Scenario], key: Path) -> None:
        with Progress("migrate"):
            self.product.must("migrate")
        with Progress(f"seed {self.args.accounts:,} accounts"):
            accounts = ["--accounts", str(self.args.accounts), "--numbered"]
            self.product.must("seed", *accounts, "--transfers", "0", "--domain", "bench.example")
            self.write_accounts()
            self.cluster.sql("VACUUM ANALYZE")
        with Progress("let the log grow to its steady size"):
            self.cluster.grow_old()
        with Progress("prepare the reference"):
            reference.prepare(self.cluster, self.args.accounts)
            reference.run(self.cluster, self.args.accounts, REFERENCE_WARMUP_S)
        with Progress("sign tokens"):
            self.load.sign(key, self.load.accounts, self.load.tokens)
        # First, because the others fetch the verification keys from it.
        self.start_services(stack, "user", 1)
        user_port = self.services["user", ()][0].port
        self.product.environment["JWKS_URL"] = f"http://127.0.0.1:{user_port}/.well-known/jwks.json"
        for scenario in chosen:
            self.start_services(stack, scenario.service, scenario.services, scenario.settings)

    def write_accounts(self) -> None:
        rows = self.cluster.sql(
            "SELECT u.id, u.email FROM users u JOIN accounts a USING (id) "
            "WHERE a.kind = 0 AND u.role = 'user' ORDER BY u.id"
        )
        self.load.accounts.write_text(rows + "\n")
        found = rows.count("\n") + 1
        if found != self.args.accounts:
            raise RuntimeError(f"{found} accounts were seeded, not {self.args.accounts}")

    def start_services(
        self, stack: ExitStack, name: str, count: int, settings: tuple[tuple[str, str], ...] = ()
    ) -> None:
        running = self.services.setdefault((name, settings), [])
        while len(running) < count:
            taken = sum(len(services) for services in self.services.values())
            service = Service(self.product, name, self.args.port + taken, settings)
            stack.callback(service.stop)
            service.start()
            running.append(service)

    def prime(self, services: list[Service]) -> None:
        """Every account once: what is measured is the steady state, in which tokens were seen and
        accounts are known, as they are now: what another service wrote meanwhile has to be read."""
        once = ["--pairs", "round", "--requests", str(self.args.accounts), "--connections", "64"]
        once += ["--warmup", "0", "--duration", "600"]
        kind = "transfer" if services[0].name == "transaction" else "me"
        if services == self.primed.get(kind):
            return
        self.primed[kind] = services
        self.last_reference = None  # too long ago for the next one
        for service in services:
            show(f"warm up the {service.name} service on {service.port}")
            result = self.load.run([service], ["--kind", kind, *once])
            if result.errors:
                raise RuntimeError(f"warm-up: {result.raw['statuses']} {result.raw['samples']}")

    # ---- the loads

    def run_reference(self) -> reference.ReferenceResult:
        show("reference")
        result = reference.run(self.cluster, self.args.accounts, self.args.duration)
        print_reference(result, reference.CLIENTS)
        self.last_reference = result
        return result

    def services_of(self, scenario: Scenario) -> list[Service]:
        return self.services[scenario.service, scenario.settings][: scenario.services]

    def run_load(self, scenario: Scenario, *more: str) -> LoadResult:
        services = self.services_of(scenario)
        show(scenario.title)
        times = ["--warmup", str(self.args.warmup), "--duration", str(self.args.duration)]
        result = self.load.run(services, [*scenario.arguments, *times, *more])
        result.tolerated = scenario.tolerated
        return result

    def run_scenario(self, scenario: Scenario) -> None:
        self.prime(self.services_of(scenario))
        more: list[str] = []
        uniform = self.outcomes.get("uniform-256")
        if scenario.rate_of_maximum:
            assert uniform is not None
            more += ["--rate", f"{scenario.rate_of_maximum * uniform.result.tps:.0f}"]
        if scenario.full_pages:
            more += ["--subset", str(self.accounts_with_full_pages())]
        if scenario.needs_funds:
            self.fund_first_account()
        if scenario.repeats:
            self.fill()
        references = []
        if scenario.side_by_side:
            references.append((self.last_reference or self.run_reference()).tps)
        result = self.run_load(scenario, *more)
        outcome = Outcome(scenario, result, 0, uniform, self.outcomes.get(scenario.repeats))
        if scenario.steady_rate:
            steady = self.run_load(scenario, *more, "--rate", f"{scenario.steady_rate:.0f}")
            outcome.more["steady_p99_ms"] = steady.latency_ms("p99")
            outcome.more["steady_errors"] = steady.errors
        if scenario.name == "lone":
            self.add_parts_of_a_lone_transfer(outcome)
        if scenario.side_by_side:
            # Printed after the reference that follows it, since its ratio needs both.
            self.last_reference = None
            references.append(self.run_reference().tps)
            outcome.reference_tps = sum(references) / len(references)
        else:
            self.last_reference = None  # too long ago for the next one
        outcome.verdict = scenario.judge(outcome)
        self.outcomes[scenario.name] = outcome
        print_outcome(outcome)

    def add_parts_of_a_lone_transfer(self, outcome: Outcome) -> None:
        single = reference.run(self.cluster, self.args.accounts, self.args.duration, clients=1)
        print_reference(single, 1)
        health = ["--kind", "health", "--connections", "1", "--warmup", "0.2", "--duration", "2"]
        echo = self.load.run(self.services_of(outcome.scenario), health)
        outcome.more["function_p50_ms"] = single.p50_ms
        outcome.more["echo_p50_ms"] = echo.latency_ms("p50")

    def accounts_with_full_pages(self) -> Path:
        """Line numbers of accounts that have a whole page of entries."""
        query = f"SELECT account_id FROM entries GROUP BY 1 HAVING count(*) >= {PAGE} LIMIT 20000"
        ids = set(self.cluster.sql(query).split())
        if len(ids) < FULL_PAGE_ACCOUNTS // 2:
            requests = FULL_PAGE_ACCOUNTS * PAGE // BATCH  # twice a page each, on average
            self.run_batches(requests, "--among", str(FULL_PAGE_ACCOUNTS))
            ids = set(self.cluster.sql(query).split())
        lines = self.load.accounts.read_text().splitlines()
        numbers = [str(n) for n, line in enumerate(lines) if line.split("\t")[0] in ids]
        path = self.product.directory / "full_pages"
        path.write_text("\n".join(numbers) + "\n")
        return path

    def run_batches(self, requests: int, *more: str) -> None:
        arguments = ["--kind", "batch", "--batch", str(BATCH), "--connections", "8", *more]
        arguments += ["--requests", str(requests), "--warmup", "0", "--duration", "7200"]
        self.load.run(self.services["transaction", ()][:1], arguments)

    def fund_first_account(self) -> None:
        """A deposit, made by an operator, so that one account can pay a whole scenario."""
        first = self.load.accounts.read_text().split("\n", 1)[0].split("\t")
        self.product.deposit(self.services["user", ()][0].port, first[0], "1000000.00")

    def fill(self) -> None:
        """Real transfers through the batch endpoint until the ledger has as many entries."""
        have = int(self.cluster.sql("SELECT count(*) FROM entries"))
        requests = max(0, self.args.entries - have) // (2 * BATCH)
        if requests == 0:
            return
        with Progress(f"fill the ledger to {self.args.entries:,} entries"):
            self.run_batches(requests)
            self.cluster.sql("VACUUM ANALYZE")

    # ---- after the loads

    def audit(self) -> bool:
        with Progress("audit of the books"):
            done = self.product.run("audit")
        print((done.stdout or done.stderr).strip())
        return done.returncode == 0


def parse() -> argparse.Namespace:
    titles = "\n".join(f"  {scenario.name:17} {scenario.title}" for scenario in SCENARIOS)
    parser = argparse.ArgumentParser(
        prog="./bench",
        description="Measures Mini-InstaPay side by side with plain PostgreSQL.",
        epilog=f"scenarios (full-* only when named):\n{titles}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="all when none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one object a scenario")
    parser.add_argument("--quick", action="store_true", help="3 seconds each: a smoke test")
    parser.add_argument("--duration", type=float, default=10.0, help="seconds measured (10)")
    parser.add_argument("--warmup", type=float, default=2.0, help="seconds before (2)")
    parser.add_argument("--accounts", type=int, default=100_000, help="how many (100000)")
    parser.add_argument(
        "--entries", type=int, default=FULL_LEDGER_ENTRIES, help="of a full ledger (20000000)"
    )
    parser.add_argument("--port", type=int, default=22001, help="first of the ports used (22001)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="the build tree")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = [name for name in args.scenarios if name not in BY_NAME]
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)} (there are {', '.join(BY_NAME)})")
    if args.accounts < 2:
        parser.error("--accounts must be 2 or more")
    if args.quick:
        args.duration, args.warmup = min(args.duration, 3.0), min(args.warmup, 1.0)
    return args


def make_key(directory: Path) -> Path:
    path = directory / "key.pem"
    command = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    subprocess.run([*command, "-out", str(path)], check=True, capture_output=True)
    return path


def main() -> int:
    args = parse()
    if args.check:
        return 0
    chosen = choose(args.scenarios)
    began = time.monotonic()
    binary = args.build / "instapay"
    print(
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, load "
        f"{os.getloadavg()[0]:.1f}; {args.accounts:,} accounts, {args.duration:g} s a scenario; "
        "database, services and load generator share the machine"
    )
    with ExitStack() as stack:
        with Progress("start PostgreSQL (fsync on, synchronous_commit on)"):
            settings = (ROOT / "db/postgresql.conf").read_text() + MEMORY_SETTING
            cluster = stack.enter_context(running_cluster(args.port + 400, settings))
        directory = cluster.directory / "bench"
        directory.mkdir()
        key = make_key(directory)
        product = Product(binary, cluster.url, key.read_text(), directory)
        bench = Bench(args, cluster, product)
        bench.prepare(stack, chosen, key)
        print(COLUMNS)
        for scenario in chosen:
            bench.run_scenario(scenario)
        balanced = bench.audit()
        outcomes = list(bench.outcomes.values())
        if args.json:
            write_json(args.json, outcomes, balanced)
    missed = [outcome.scenario.name for outcome in outcomes if not outcome.verdict.met]
    print(
        f"the books {'balance' if balanced else 'DO NOT BALANCE'}; goals met: "
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
