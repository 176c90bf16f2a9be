import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../lib/base64url';
import { checkApproval, type SignedPayment } from './approval';
import { answerTo, hash, id, number, ofHex, text, type Changes } from './authenticator.fixture';

const kPayment: SignedPayment = {
  senderId: '0193a001-0000-7000-8000-00000000000b',
  receiverId: '0193a001-0000-7000-8000-00000000000c',
  amountMinor: 1230,
  currency: 'EGP',
  note: 'غداء',
  reference: null,
};
const kKeyHash = '00112233445566778899aabbccddeeff';

async function signed(payment: SignedPayment, changes: Changes = {}) {
  const challenge = await hash(
    Uint8Array.from([
      7,
      ...id(payment.senderId),
      ...id(payment.receiverId),
      ...ofHex(number(payment.amountMinor, 8)),
      ...text(payment.currency),
      ...text(payment.note ?? ''),
      ...id(payment.reference ?? null),
      ...ofHex(kKeyHash),
    ]),
  );
  return { ...(await answerTo(challenge, changes)), idempotencyKeyHash: kKeyHash };
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
