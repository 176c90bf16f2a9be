"""deploy/make-secrets.sh once more, before an update: what a release needs new is made, and nothing
that is there is changed."""

import os
from pathlib import Path

from files import ROOT, succeeds

# Of every release that needed more than the one before.
LATER = (
    "user-service/factor_key",
    "user-service/smtp_password",
    "user-service/vapid_private_key",
    "heads/database_url",
    "heads/receipt_private_key",
    "reporting-service/receipt_private_key",
)
RECEIPTS = (
    "transaction-service/receipt_private_key",
    "reporting-service/receipt_private_key",
    "heads/receipt_private_key",
)
# Keeps Secrets as folders, and answers the two questions that the script asks.
KUBECTL = """#!/usr/bin/env bash
set -euo pipefail
store=$(dirname "$0")/../secrets
case "$*" in
  *' get secret '*' -o go-template={{range'*) ls "$store/$5" 2>/dev/null ;;
  *' get secret '*) base64 -w0 "$store/$5/$(sed 's/.*"\\(.*\\)".*/\\1/' <<<"$7")" ;;
  *' create secret '*) mkdir -p "$store/$6" && cp "${7#--from-file=}"/* "$store/$6/" ;;
  'apply '*) cat >/dev/null ;;
  *) echo "kubectl $*" >&2 && exit 1 ;;
esac
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def as_before_the_update(folder: Path) -> dict[str, bytes]:
    for name in LATER:
        (folder / name).unlink()
    return contents(folder)


def must_be_updated(folder: Path, before: dict[str, bytes]) -> None:
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) == {*before, *LATER}
    assert len({after[name] for name in RECEIPTS}) == 1


def test_a_second_run_makes_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    script = ROOT / "deploy/make-secrets.sh"
    succeeds(script, folder, "localhost")
    before = as_before_the_update(folder)
    succeeds(script, folder, "localhost")
    must_be_updated(folder, before)


def test_so_it_does_in_kubernetes(tmp_path: Path) -> None:
    kubectl = tmp_path / "bin/kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    env = {"PATH": f"{kubectl.parent}:{os.environ['PATH']}"}
    script, folder = ROOT / "deploy/kubernetes/make-secrets.sh", tmp_path / "secrets"
    succeeds(script, "localhost", env=env)
    before = as_before_the_update(folder)
    succeeds(script, "localhost", env=env)
    must_be_updated(folder, before)
