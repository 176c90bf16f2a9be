"""Runs the fuzzers: run.py --build TREE [--seconds N | --minutes N] [--junit FILE] [target…]

Each starts from the seeds in corpus/ and from what it found interesting before, kept in the
build tree. An input that breaks something is left in build/fuzz-findings; give it to the executable
to see it again, and add it to corpus/ with the change that ends it.
"""

import argparse
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FINDINGS = ROOT / "build/fuzz-findings"
# The largest inputs: beyond the limits that the code has.
MAX_LEN = {"authenticator": 10_000, "forwarded": 512, "http": 20_000, "json": 8_000}


def fuzz(build: Path, target: str, seconds: int) -> str:
    """What libFuzzer said when it found something; empty when it found nothing."""
    grown = build / "corpus" / target
    for folder in (grown, FINDINGS):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(build / f"tests/fuzz_{target}"),
        str(grown),
        str(HERE / "corpus" / target),
        f"-max_total_time={seconds}",
        f"-max_len={MAX_LEN[target]}",
        f"-artifact_prefix={FINDINGS}/{target}-",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    print("\n".join(output.splitlines()[-12:]), flush=True)
    return "" if done.returncode == 0 else output[-8_000:]


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the fuzzers.")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(MAX_LEN)}")
    parser.add_argument("--build", type=Path, default=ROOT / "build/fuzz", help="the preset's tree")
    parser.add_argument("--seconds", type=int, default=12, help="for each target")
    parser.add_argument("--minutes", type=int, help="for all of them together, in place of that")
    parser.add_argument("--junit", type=Path, help="write the outcome as a JUnit file")
    args = parser.parse_args()
    targets = args.targets or list(MAX_LEN)
    if unknown := set(targets) - MAX_LEN.keys():
        parser.error(f"no such target: {', '.join(unknown)}")
    seconds = args.minutes * 60 // len(targets) if args.minutes else args.seconds
    suite = ElementTree.Element("testsuite", name="fuzz")
    failures = 0
    for target in targets:
        began = time.monotonic()
        found = fuzz(args.build, target, seconds)
        took_s = time.monotonic() - began
        case = ElementTree.SubElement(suite, "testcase", name=target, time=f"{took_s:.3f}")
        print(f"{target}: {'FAILED' if found else 'ok'} ({took_s:.1f} s)", flush=True)
        if found:
            failures += 1
            ElementTree.SubElement(case, "failure", message=f"see {FINDINGS}").text = found
    if args.junit:
        args.junit.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(suite).write(args.junit)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
