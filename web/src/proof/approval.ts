import * as v from 'valibot';
import { fromBase64url, toBase64url } from '../lib/base64url';

// What the payer's passkey has signed of a payment, as receipts carry it (docs/ledger.md, Receipts):
// whether that is this payment is decided here by WebCrypto.

const Text = v.pipe(v.string(), v.maxLength(10_000));
const Hash128 = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
/** What a passkey has signed, and what is needed to check that. */
export const Assertion = v.object({
  relyingParty: Text,
  credentialId: Text,
  publicKey: Text,
  clientDataJSON: Text,
  authenticatorData: Text,
  signature: Text,
});
export const Authorization = v.object({ ...Assertion.entries, idempotencyKeyHash: Hash128 });

export type SignedPayment = {
  senderId: string;
  receiverId: string;
  amountMinor: number;
  currency: string;
  note?: string | null | undefined;
  reference?: string | null | undefined;
};

/** `unchecked`: a key that WebCrypto does not take as it is; `instapay verify-receipt` does. */
export type Approval = { state: 'signed'; origin: string } | { state: 'unchecked' | 'forged' };

const kPresentAndVerified = 0b101;
// {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR: a key of P-256, as authenticators write it.
const kEs256 = ['a5010203262001215820', '225820'];

const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const ofHex = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
export const idBytes = (id: string | null | undefined) =>
  (id ?? '0'.repeat(32)).replaceAll('-', '');
const number = (value: number | bigint, width: number) =>
  BigInt(value)
    .toString(16)
    .padStart(2 * width, '0');
/** With its length before it, as what is hashed has it. */
export const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return number(bytes.length, 4) + hexOf(bytes);
};
export const sha256Hex = async (value: string) =>
  hexOf(await sha256(new TextEncoder().encode(value)));
/** What was signed, of its parts in hexadecimal. */
export const challengeOfParts = (...parts: string[]) => sha256(ofHex(parts.join('')));
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

const challengeOf = (payment: SignedPayment, keyHash: string) =>
  challengeOfParts(
    '07',
    idBytes(payment.senderId),
    idBytes(payment.receiverId),
    number(payment.amountMinor, 8),
    text(payment.currency),
    text(payment.note ?? ''),
    idBytes(payment.reference),
    keyHash,
  );

/** x ‖ y of a COSE_Key; null where it is another kind. */
function pointOf(coseKey: Uint8Array): string | null {
  const hex = hexOf(coseKey);
  const [before = '', between = ''] = kEs256;
  const x = hex.slice(before.length, before.length + 64);
  const y = hex.slice(before.length + 64 + between.length);
  return hex === before + x + between + y && y.length === 64 ? x + y : null;
}

/** The two numbers of a DER signature, 32 bytes each, as WebCrypto wants them. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const numberAt = (at: number) => hexOf(der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0)));
  const fit = (hex: string) => hex.replace(/^(00)+/, '').padStart(64, '0');
  const first = numberAt(2);
  return ofHex(fit(first) + fit(numberAt(4 + first.length / 2)));
}

/** Browsers show a passkey on pages of its domain and of those below it. */
function isPageOf(domain: string, origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

export const checkApproval = async (
  payment: SignedPayment,
  proof: v.InferOutput<typeof Authorization>,
): Promise<Approval> => checkAssertion(await challengeOf(payment, proof.idempotencyKeyHash), proof);

/** Whether the key has signed this challenge, its holder verified, on a page of the domain's own. */
export async function checkAssertion(
  challenge: Uint8Array<ArrayBuffer>,
  proof: v.InferOutput<typeof Assertion>,
): Promise<Approval> {
  const clientData = fromBase64url(proof.clientDataJSON);
  const client = JSON.parse(new TextDecoder().decode(clientData)) as Record<string, unknown>;
  const data = fromBase64url(proof.authenticatorData);
  const domain = hexOf(await sha256(new TextEncoder().encode(proof.relyingParty)));
  const fits =
    client.type === 'webauthn.get' &&
    client.challenge === toBase64url(challenge.buffer) &&
    hexOf(data.subarray(0, 32)) === domain &&
    ((data[32] ?? 0) & kPresentAndVerified) === kPresentAndVerified;
  const { origin } = client;
  const framed = client.crossOrigin === true || 'topOrigin' in client;
  if (!fits || framed || typeof origin !== 'string' || !isPageOf(proof.relyingParty, origin))
    return { state: 'forged' };
  const point = pointOf(fromBase64url(proof.publicKey));
  if (point === null) return { state: 'unchecked' };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('raw', ofHex(`04${point}`), algorithm, false, [
    'verify',
  ]);
  const signed = ofHex(hexOf(data) + hexOf(await sha256(clientData)));
  const signature = rawSignature(fromBase64url(proof.signature));
  const good = await crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    signature,
    signed,
  );
  return good ? { state: 'signed', origin } : { state: 'forged' };
}
