"""One build under test, with a database of its own: everything that --beside needs twice."""

import math
import time
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

from cluster import Cluster
from load import LoadGenerator, LoadResult
from report import Progress, show
from scenarios import Scenario
from services import Product, Service

PAGE = 50
FULL_PAGE_ACCOUNTS = 2_000
BATCH = 1_000
# Some more tokens than a service that is as fast with new ones as with known ones would need.
FRESH_TOKENS_SPARE = 1.25
# There is only so much that is new, so little of it is spent before measuring.
FIRST_WARMUP_S = 1.0
# Until reports and search have what was written before the reporting service was there.
FOLLOW_TIMEOUT_S = 120


class Side:
    def __init__(
        self, args: Namespace, name: str, binary: Path, cluster: Cluster, key: Path, port: int
    ) -> None:
        self.args = args
        self.name = name
        self.cluster = cluster
        self.port = port
        directory = cluster.directory / "bench"
        directory.mkdir()
        self.product = Product(binary, cluster.url, key.read_text(), directory)
        self.full_pages = directory / "full_pages"
        self.load = LoadGenerator(args.build / "benchmarks/bench_load", directory, cluster, key)
        self.services: dict[tuple, list[Service]] = {}  # by name and settings
        self.primed: dict[str, list[Service]] = {}  # who was asked last, by the kind of request

    # ---- before the loads

    def prepare(self, stack: ExitStack, chosen: list[Scenario]) -> None:
        with Progress(f"{self.name}: migrate, seed {self.args.accounts:,} accounts, sign tokens"):
            self.product.must("migrate")
            accounts = ["--accounts", str(self.args.accounts), "--numbered"]
            self.product.must("seed", *accounts, "--transfers", "0", "--domain", "bench.example")
            self.write_accounts()
            self.cluster.sql("VACUUM ANALYZE")
            self.load.sign(self.load.tokens)
        with Progress(f"{self.name}: let the log grow to its steady size"):
            self.cluster.grow_old()
        # First, because the others fetch the verification keys from it.
        self.start_services(stack, "user", 1)
        user_port = self.services["user", ()][0].port
        self.product.environment["JWKS_URL"] = f"http://127.0.0.1:{user_port}/.well-known/jwks.json"
        for scenario in chosen:
            self.start_services(stack, scenario.service, scenario.services, scenario.settings)

    def write_accounts(self) -> None:
        rows = self.cluster.sql("SELECT id, email FROM users WHERE role = 'user' ORDER BY id")
        self.load.accounts.write_text(rows + "\n")
        found = rows.count("\n") + 1
        if found != self.args.accounts:
            raise RuntimeError(f"{found} accounts were seeded, not {self.args.accounts}")

    def new_service(self, name: str, settings: tuple[tuple[str, str], ...] = ()) -> Service:
        self.port += 1
        return Service(self.product, name, self.port - 1, settings)

    def start_services(
        self, stack: ExitStack, name: str, count: int, settings: tuple[tuple[str, str], ...] = ()
    ) -> None:
        running = self.services.setdefault((name, settings), [])
        while len(running) < count:
            service = self.new_service(name, settings)
            stack.callback(service.stop)
            service.start()
            running.append(service)

    # ---- before a scenario

    def make_ready(self, scenario: Scenario) -> bool:
        """False when it took no time worth mentioning."""
        busy = False
        if not scenario.cold_service:
            busy = self.prime(self.services_of(scenario))
        if scenario.needs_funds:
            self.fund_first_account()
        if scenario.preloaded:
            busy = self.preload() or busy
        if scenario.full_pages:
            self.write_full_pages()
        return busy

    def services_of(self, scenario: Scenario) -> list[Service]:
        return self.services[scenario.service, scenario.settings][: scenario.services]

    def prime(self, services: list[Service]) -> bool:
        """Every account once: what is measured is the steady state, in which tokens were seen and
        accounts are known, as they are now: what another service wrote meanwhile has to be read."""
        once = ["--pairs", "round", "--requests", str(self.args.accounts), "--connections", "64"]
        once += ["--warmup", "0", "--duration", "600"]
        kind = "transfer" if services[0].name == "transaction" else "me"
        if services == self.primed.get(kind):
            return False
        self.primed[kind] = services
        for service in services:
            show(f"warm up the {service.name} service on {service.port}")
            result = self.load.run([service], ["--kind", kind, *once])
            if result.errors:
                raise RuntimeError(f"warm-up: {result.raw['statuses']} {result.raw['samples']}")
        return True

    def fund_first_account(self) -> None:
        """A deposit, made by an operator, so that one account can pay a whole scenario."""
        first = self.load.accounts.read_text().split("\n", 1)[0].split("\t")
        self.product.deposit(self.services["user", ()][0].port, first[0], "1000000.00")

    def preload(self) -> bool:
        """Real transfers through the batch endpoint until the ledger has as many entries: chains
        and receipts of all of them are the product's own, whatever its schema."""
        have = int(self.cluster.sql("SELECT count(*) FROM entries"))
        requests = max(0, self.args.preloaded - have) // (2 * BATCH)
        if requests == 0:
            return False
        with Progress(f"{self.name}: fill the ledger to {self.args.preloaded:,} entries"):
            self.run_batches(requests)
            self.cluster.sql("VACUUM ANALYZE")
        return True

    def run_batches(self, requests: int, *more: str) -> None:
        arguments = ["--kind", "batch", "--batch", str(BATCH), "--connections", "8", *more]
        arguments += ["--requests", str(requests), "--warmup", "0", "--duration", "7200"]
        result = self.load.run(self.services["transaction", ()][:1], arguments)
        if result.errors:
            raise RuntimeError(f"batches: {result.raw['statuses']} {result.raw['samples']}")

    def write_full_pages(self) -> None:
        """Line numbers of accounts that have a whole page of entries."""
        query = f"SELECT account_id FROM entries GROUP BY 1 HAVING count(*) >= {PAGE} LIMIT 20000"
        ids = set(self.cluster.sql(query).split())
        if len(ids) < FULL_PAGE_ACCOUNTS // 2:
            requests = FULL_PAGE_ACCOUNTS * PAGE // BATCH  # twice a page each, on average
            self.run_batches(requests, "--among", str(FULL_PAGE_ACCOUNTS))
            ids = set(self.cluster.sql(query).split())
        lines = self.load.accounts.read_text().splitlines()
        numbers = [str(n) for n, line in enumerate(lines) if line.split("\t")[0] in ids]
        self.full_pages.write_text("\n".join(numbers) + "\n")

    # ---- the loads

    def run(self, scenario: Scenario, rate: float, uniform_tps: float) -> LoadResult:
        """One round of it; `rate` is of an open loop, 0 of a closed one."""
        first = scenario.fresh_tokens or scenario.cold_service
        warmup_s = min(self.args.warmup, FIRST_WARMUP_S) if first else self.args.warmup
        arguments = [*scenario.arguments, "--warmup", str(warmup_s)]
        arguments += ["--duration", str(self.args.duration)]
        if rate:
            arguments += ["--rate", f"{rate:.0f}"]
        if scenario.full_pages:
            arguments += ["--subset", str(self.full_pages)]
        tokens = None
        if scenario.fresh_tokens:
            needed = FRESH_TOKENS_SPARE * uniform_tps * (warmup_s + self.args.duration)
            tokens = self.load.fresh_tokens
            show("sign fresh tokens")
            self.load.sign(tokens, math.ceil(needed / self.args.accounts))
        show(f"{self.name}: {scenario.title}")
        if scenario.cold_service:
            result = self.run_cold(scenario, arguments)
        elif scenario.followed:
            result = self.run_followed(scenario, arguments)
        else:
            result = self.load.run(self.services_of(scenario), arguments, tokens)
        if first:
            self.primed.pop("transfer", None)  # known tokens or accounts were pushed aside
        result.tolerated = scenario.tolerated
        return result

    def run_cold(self, scenario: Scenario, arguments: list[str]) -> LoadResult:
        service = self.new_service(scenario.service, scenario.settings)
        try:
            service.start()
            return self.load.run([service], arguments)
        finally:
            service.stop()
            self.port -= 1

    def run_followed(self, scenario: Scenario, arguments: list[str]) -> LoadResult:
        reporting = self.new_service("reporting")
        try:
            reporting.start()
            deadline = time.monotonic() + FOLLOW_TIMEOUT_S
            while not reporting.follows():
                if time.monotonic() > deadline:
                    raise RuntimeError(f"reports are still behind:\n{reporting.log_tail()}")
                time.sleep(0.2)
            return self.load.run(self.services_of(scenario), arguments)
        finally:
            reporting.stop()
            self.port -= 1

    # ---- after the loads

    def audit(self) -> bool:
        with Progress(f"{self.name}: audit of the books"):
            done = self.product.run("audit")
        print((done.stdout or done.stderr).strip())
        return done.returncode == 0
