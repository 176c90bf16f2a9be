"""Adds up a suite's JUnit files: results.py SUITE_STATUS FILE… prints `passed failed skipped`, then
a line for each failed test: its name and the first line of why.

Takes what GoogleTest, pytest, vitest and Playwright write. A suite that ended badly without a
failed test in its files (crash, time limit, something left running, no file at all) counts as one
failure more.
"""

import sys
import xml.etree.ElementTree as ElementTree

WHY_MAX_CHARS = 200


def name_and_why(case: ElementTree.Element, problem: ElementTree.Element) -> str:
    name = " ".join(filter(None, [case.get("classname"), case.get("name")]))
    message = problem.get("message") or ""
    # Playwright's message only says where the test stands; the text below says what went wrong.
    lines = [message, *(problem.text or "").splitlines()]
    why = next((line for line in lines if "rror" in line), message).strip()
    return f"{name}: {why.partition(chr(10))[0][:WHY_MAX_CHARS]}"


def main() -> None:
    status, files = int(sys.argv[1]), sys.argv[2:]
    passed = skipped = 0
    failures = []
    for name in files:
        try:
            cases = ElementTree.parse(name).getroot().iter("testcase")
        except (OSError, ElementTree.ParseError):
            continue
        for case in cases:
            problems = [case.find("failure"), case.find("error")]
            problem = next((each for each in problems if each is not None), None)
            if problem is not None:
                failures.append(name_and_why(case, problem))
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                skipped += 1
            else:
                passed += 1
    if status != 0 and not failures:
        failures.append("(no test failed: a crash, the time limit, or something left running)")
    print(passed, len(failures), skipped)
    print(*failures, sep="\n")


if __name__ == "__main__":
    main()
