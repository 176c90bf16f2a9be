"""The executable that is shipped is hardened as Debian hardens its own (cmake/compiler.cmake)."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("INSTAPAY_BIN", ROOT / "build/release/instapay"))


def readelf(option: str) -> str:
    command = ["readelf", "--wide", option, str(BINARY)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_loads_at_a_random_address():
    assert re.search(r"Type:\s+DYN", readelf("--file-header"))
    assert "PIE" in readelf("--dynamic")


def test_resolves_all_symbols_at_the_start_and_then_protects_them():
    assert re.search(r"FLAGS_1\).*NOW", readelf("--dynamic"))
    assert "GNU_RELRO" in readelf("--program-headers")


def test_no_memory_is_writable_and_executable():
    headers = readelf("--program-headers")
    assert re.search(r"GNU_STACK.* RW ", headers)
    assert not re.search(r" RWE ", headers)


@pytest.mark.parametrize("symbol", ["__stack_chk_fail", r"__\w+_chk"])
def test_stack_and_copies_are_checked(symbol):
    assert re.search(rf"\bUND {symbol}@", readelf("--dyn-syms"))


def test_standard_library_checks_its_preconditions():
    assert re.search(r"\bUND _ZSt21__glibcxx_assert_fail", readelf("--dyn-syms"))
