"""Adds up a suite's JUnit files: results.py SUITE_STATUS FILE… prints `passed failed skipped`.

Takes what GoogleTest, pytest and vitest write. A suite that ended badly without a failed test in
its files (crash, time limit, something left running, no file at all) counts as one failure more.
"""

import sys
import xml.etree.ElementTree as ElementTree


def main() -> None:
    status, files = int(sys.argv[1]), sys.argv[2:]
    passed = failed = skipped = 0
    for name in files:
        try:
            cases = ElementTree.parse(name).getroot().iter("testcase")
        except (OSError, ElementTree.ParseError):
            continue
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                skipped += 1
            else:
                passed += 1
    if status != 0 and failed == 0:
        failed = 1
    print(passed, failed, skipped)


if __name__ == "__main__":
    main()
