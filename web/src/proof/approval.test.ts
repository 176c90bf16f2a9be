import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../lib/base64url';
import { checkApproval, type SignedPayment } from './approval';

const bytes = (text: string) => new TextEncoder().encode(text);
const hash = async (data: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', data));
const ofHex = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

const kPayment: SignedPayment = {
  senderId: '0193a001-0000-7000-8000-00000000000b',
  receiverId: '0193a001-0000-7000-8000-00000000000c',
  amountMinor: 1230,
  currency: 'EGP',
  note: 'غداء',
  reference: null,
};
const kKeyHash = '00112233445566778899aabbccddeeff';

/** Two numbers as DER has them: no leading zeros, and none that looks negative. */
function derOf(raw: Uint8Array) {
  const part = (number: Uint8Array) => {
    let from = 0;
    while (from < 31 && number[from] === 0) from += 1;
    const sign = (number[from] ?? 0) > 127 ? [0] : [];
    const body = [...sign, ...number.subarray(from)];
    return [2, body.length, ...body];
  };
  const both = [...part(raw.subarray(0, 32)), ...part(raw.subarray(32))];
  return Uint8Array.from([0x30, both.length, ...both]);
}

type Changes = { type?: string; flags?: number; client?: Record<string, unknown> };
async function signed(payment: SignedPayment, changes: Changes = {}) {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const cose = [
    ...ofHex('a5010203262001215820'),
    ...point.subarray(1, 33),
    ...ofHex('225820'),
    ...point.subarray(33),
  ];
  // By the words of docs/ledger.md.
  const number = (value: number, width: number) => value.toString(16).padStart(2 * width, '0');
  const text = (value: string) => [...ofHex(number(bytes(value).length, 4)), ...bytes(value)];
  const id = (value: string) => [...ofHex(value.replaceAll('-', ''))];
  const challenge = await hash(
    Uint8Array.from([
      7,
      ...id(payment.senderId),
      ...id(payment.receiverId),
      ...ofHex(number(payment.amountMinor, 8)),
      ...text(payment.currency),
      ...text(payment.note ?? ''),
      ...id(payment.reference ?? '0'.repeat(32)),
      ...ofHex(kKeyHash),
    ]),
  );
  const client = bytes(
    JSON.stringify({
      type: changes.type ?? 'webauthn.get',
      challenge: toBase64url(challenge.buffer),
      origin: 'https://pay.example.com',
      ...changes.client,
    }),
  );
  const domain = await hash(bytes('pay.example.com'));
  const data = Uint8Array.from([...domain, changes.flags ?? 0x1d, 0, 0, 0, 1]);
  const message = Uint8Array.from([...data, ...(await hash(client))]);
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const raw = new Uint8Array(await crypto.subtle.sign(algorithm, pair.privateKey, message));
  return {
    relyingParty: 'pay.example.com',
    credentialId: 'AAAA',
    publicKey: toBase64url(Uint8Array.from(cose).buffer),
    clientDataJSON: toBase64url(client.buffer),
    authenticatorData: toBase64url(data.buffer),
    signature: toBase64url(derOf(raw).buffer),
    idempotencyKeyHash: kKeyHash,
  };
}

test('what a passkey signed is this payment', async () => {
  // Signatures differ in length: with one of many, a number of 31 bytes or fewer comes up.
  for (let round = 0; round < 64; round += 1)
    expect(await checkApproval(kPayment, await signed(kPayment))).toEqual({
      state: 'signed',
      origin: 'https://pay.example.com',
    });
});

test('another payment, or another signature, is not', async () => {
  const proof = await signed(kPayment);
  const others: Partial<SignedPayment>[] = [
    { amountMinor: 1231 },
    { senderId: kPayment.receiverId },
    { receiverId: kPayment.senderId },
    { currency: 'USD' },
    { note: null },
    { reference: kPayment.senderId },
  ];
  for (const other of others)
    expect(await checkApproval({ ...kPayment, ...other }, proof)).toEqual({ state: 'forged' });
  const forged = { state: 'forged' };
  expect(await checkApproval(kPayment, { ...proof, relyingParty: 'evil.example' })).toEqual(forged);
  expect(await checkApproval(kPayment, { ...proof, idempotencyKeyHash: '0'.repeat(32) })).toEqual(
    forged,
  );
  const someoneElse = await signed(kPayment);
  expect(await checkApproval(kPayment, { ...proof, publicKey: someoneElse.publicKey })).toEqual(
    forged,
  );
  expect(
    await checkApproval(kPayment, await signed(kPayment, { type: 'webauthn.create' })),
  ).toEqual(forged);
  for (const client of [
    { origin: 'https://evil.example' },
    { origin: 'https://notpay.example.com' },
    { crossOrigin: true },
    { topOrigin: 'https://evil.example' },
  ])
    expect(await checkApproval(kPayment, await signed(kPayment, { client }))).toEqual(forged);
  // Nobody has shown who they are.
  expect(await checkApproval(kPayment, await signed(kPayment, { flags: 0x01 }))).toEqual(forged);
});

test('a key of another kind is not judged', async () => {
  const proof = await signed(kPayment);
  const key = fromBase64url(proof.publicKey);
  const okp = toBase64url(Uint8Array.from([0xa4, ...key.subarray(1)]).buffer);
  expect(await checkApproval(kPayment, { ...proof, publicKey: okp })).toEqual({
    state: 'unchecked',
  });
});
