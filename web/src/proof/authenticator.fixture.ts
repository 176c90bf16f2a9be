import { toBase64url } from '../lib/base64url';

// For tests: an authenticator's key of P-256, and how to make it say more.

export const bytes = (text: string) => new TextEncoder().encode(text);
export const hash = async (data: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', data));
export const ofHex = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
// By the words of docs/ledger.md.
export const number = (value: number, width: number) => value.toString(16).padStart(2 * width, '0');
export const text = (value: string) => [...ofHex(number(bytes(value).length, 4)), ...bytes(value)];
export const id = (value: string | null) => [
  ...ofHex((value ?? '0'.repeat(32)).replaceAll('-', '')),
];

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

export type Changes = { type?: string; flags?: number; client?: Record<string, unknown> };

/** What a new key has signed of this challenge. */
export async function answerTo(challenge: Uint8Array<ArrayBuffer>, changes: Changes = {}) {
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
  };
}
