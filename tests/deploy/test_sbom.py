"""scripts/sbom lists what the executable loads and what the wallet is bundled from."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("INSTAPAY_BIN", ROOT / "build/release/instapay"))


@pytest.fixture(scope="module")
def bill() -> dict:
    command = [str(ROOT / "scripts/sbom"), str(BINARY)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_is_cyclonedx_of_this_version(bill):
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    shipped = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True, check=True)
    assert bill["metadata"]["component"]["version"] in shipped.stdout


def test_every_library_of_the_executable_is_of_a_package(bill):
    dynamic = subprocess.run(["readelf", "-d", str(BINARY)], capture_output=True, text=True)
    needed = re.findall(r"NEEDED.*\[(\S+?)\.so", dynamic.stdout)
    names = [c["name"] for c in bill["components"] if c["purl"].startswith("pkg:deb/")]
    for library in ("libpq", "libssl", "libboost_json", "libspdlog", "libmimalloc"):
        assert library in needed
    # libstdc++.so.6 is libstdc++6, libboost_json.so.1.81.0 libboost-json1.81.0.
    for library in needed:
        stem = library.lower().replace("_", "-")
        known = {
            "libcrypto": "libssl",
            "libglib-2.0": "libglib2.0",
            "libgobject-2.0": "libglib2.0",
            "libicui18n": "libicu",
            "libicuuc": "libicu",
            "libm": "libc6",
            "libc": "libc6",
            "ld-linux-x86-64": "libc6",
        }
        stem = known.get(stem, stem)
        assert any(name.startswith(stem) for name in names), (library, names)


def test_every_dependency_of_the_wallet_is_in_it(bill):
    dependencies = json.loads((ROOT / "web/package.json").read_text())["dependencies"]
    listed = {c["name"] for c in bill["components"] if c["purl"].startswith("pkg:npm/")}
    assert dependencies.keys() <= listed


def test_every_component_has_one_reference(bill):
    references = [c["bom-ref"] for c in bill["components"]]
    assert len(references) == len(set(references)) > 40
