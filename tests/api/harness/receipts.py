"""What a receipt's hashes cover, from the words of docs/ledger.md alone: another implementation."""

import base64
import hashlib
import uuid
from datetime import datetime
from typing import Any

KINDS = {"transfer": 1, "refund": 2, "opening": 3, "adjustment": 4}
STATE = ("seq", "balanceAfterMinor", "heldAfterMinor", "heldChangeMinor", "sentTodayMinor")
SIGNED = ("credentialId", "publicKey", "clientDataJSON", "authenticatorData", "signature")


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def n(value: int, width: int) -> bytes:
    return value.to_bytes(width, "big", signed=True)


def text(value: bytes) -> bytes:
    return n(len(value), 4) + value


def identifier(name: str | None) -> bytes:
    return uuid.UUID(name or "0" * 32).bytes


def micros(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp()) * 10**6 + int(time[20:26])


def bytes_of(base64url: str) -> bytes:
    return base64.urlsafe_b64decode(base64url + "=" * (-len(base64url) % 4))


def challenge_of(payer: str, payee: str, minor: int, note: str, key: bytes, **more: str) -> bytes:
    """What a passkey signs of a payment; `key` is the first half of the hash."""
    return h(
        *(b"\x07", identifier(payer), identifier(payee), n(minor, 8), text(b"EGP")),
        *(text(note.encode()), identifier(more.get("reference")), key),
    )


def authorization_hash(authorization: dict[str, str]) -> str:
    if "hash" in authorization:
        return authorization["hash"]
    parts = [text(bytes_of(authorization[name])) for name in SIGNED]
    return h(b"\x06", text(authorization["relyingParty"].encode()), *parts).hex()


def proposal_challenge(approval: dict[str, Any], decision: str, signer: str) -> bytes:
    """What a passkey signs of a proposal, as its receipt tells of it."""
    ids = ("subjectId", "beneficiaryId", "proposedBy")
    return h(
        *(b"\x08", identifier(approval["id"]), text(approval["kind"].encode())),
        *(identifier(approval[name]) for name in ids),
        *(text(approval["change"].encode()), text(decision.encode()), identifier(signer)),
    )


def change_of(claims: dict[str, Any]) -> str:
    if "authorization" in claims:
        return f'{{"authorization":"{authorization_hash(claims["authorization"])}"}}'
    if "approval" not in claims:
        return ""
    approval = claims["approval"]
    hashes = ",".join(f'"{authorization_hash(each)}"' for each in approval["signatures"])
    return (
        f'{{"approval":{{"id":"{approval["id"]}","kind":"{approval["kind"]}",'
        f'"status":"executed","sha256":"{approval["sha256"]}","signatures":[{hashes}]}}}}'
    )


def own_part(prefix: bytes, side: dict[str, Any], *key: bytes) -> bytes:
    if "hash" in side:
        return bytes.fromhex(side["hash"])
    return h(prefix, bytes.fromhex(side["blinding"]), *(n(side[name], 8) for name in STATE), *key)


def leaf_of(claims: dict[str, Any]) -> bytes:
    t, batch, proof, sender = (claims[x] for x in ("transaction", "batch", "proof", "sender"))
    key = [b"\x00"]
    if sender.get("idempotencyKeyHash"):
        key = [b"\x01", *(bytes.fromhex(sender[k]) for k in ("idempotencyKeyHash", "requestHash"))]
        key.append(text((sender["refusedItems"] or "").encode()))
    if "noteHash" in t:
        note = bytes.fromhex(t["noteHash"])
    else:
        note = h(b"\x05", bytes.fromhex(t["noteBlinding"]), text((t["note"] or "").encode()))
    change = change_of(claims)
    ids = ("id", "senderId", "receiverId", "refundOf", "reference", "actorId")
    return h(
        *(b"\x00", *(identifier(t[name]) for name in ids)),
        *(n(t["amountMinor"], 8), text(t["currency"].encode())),
        *(n(micros(t["createdAt"]), 8), n(KINDS[t["kind"]], 2)),
        *(n(batch["chain"], 4), n(batch["seq"], 8), n(proof["index"], 4)),
        *(own_part(b"\x02", sender, *key), own_part(b"\x03", claims["receiver"]), note),
        text(change.encode()),
    )


def root_of(claims: dict[str, Any]) -> str:
    """RFC 9162, section 2.1.3.2."""
    proof = claims["proof"]
    first, last, root = proof["index"], claims["batch"]["transferCount"] - 1, leaf_of(claims)
    for sibling in map(bytes.fromhex, proof["path"]):
        if first % 2 == 1 or first == last:
            root = h(b"\x01", sibling, root)
            while first % 2 == 0 and first > 0:
                first, last = first // 2, last // 2
        else:
            root = h(b"\x01", root, sibling)
        first, last = first // 2, last // 2
    assert last == 0
    return root.hex()


def batch_hash_of(claims: dict[str, Any]) -> str:
    batch, name = claims["batch"], b"instapay batch 2"
    return h(
        *(n(len(name), 4), name, n(batch["chain"], 4), n(batch["seq"], 8)),
        *(bytes.fromhex(batch["prevHash"]), bytes.fromhex(batch["merkleRoot"])),
        *(n(batch["transferCount"], 4), b"\x00", n(micros(batch["committedAt"]), 8)),
    ).hex()


def alone(claims: dict[str, Any]) -> dict[str, Any]:
    """The same in a batch of one whose hashes fit, as a lying platform would make it."""
    claims["proof"] = {"index": 0, "path": []}
    claims["batch"]["transferCount"] = 1
    claims["batch"]["merkleRoot"] = leaf_of(claims).hex()
    claims["batch"]["hash"] = batch_hash_of(claims)
    return claims
