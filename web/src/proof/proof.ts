import * as v from 'valibot';
import { fromBase64url, toBase64url } from '../lib/base64url';
import { Authorization, checkApproval, type Approval } from './approval';
import { Proposal, checkProposal, type SignedBy } from './proposal';

// Receipts and printed statements are compact JWS by a key that the platform publishes. Whether one
// is genuine is decided here, without the platform, by WebCrypto.

const Text = v.pipe(v.string(), v.maxLength(1_000));
const Id = v.pipe(v.string(), v.uuid());
const Claims = { iss: v.literal('instapay'), iat: v.number() };

const StatementClaims = v.object({
  ...Claims,
  version: v.literal(1),
  holder: Text,
  start: Text,
  end: Text,
  tz: Text,
  currency: Text,
  opening: Text,
  closing: Text,
  entries: v.number(),
  sha256: Text,
});
const ReceiptClaims = v.object({
  ...Claims,
  version: v.literal(2),
  transaction: v.object({
    id: Text,
    senderId: Id,
    receiverId: Id,
    amount: Text,
    amountMinor: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    currency: Text,
    kind: Text,
    note: v.optional(v.nullable(Text)),
    reference: v.optional(v.nullable(Id)),
    actorId: v.optional(v.nullable(Id)),
    createdAt: Text,
  }),
  /** Only its hash, once the note or the payer was erased. */
  authorization: v.optional(v.union([Authorization, v.object({ hash: Text })])),
  /** Only the hashes for who was paid by a closing, and once the reason was erased. */
  approval: v.optional(
    v.union([Proposal, v.object({ signatures: v.array(v.object({ hash: Text })) })]),
  ),
});
/** What the QR code of a printed receipt carries. */
const PaymentClaims = v.object({
  ...Claims,
  version: v.literal(1),
  id: Text,
  amount: Text,
  currency: Text,
  kind: Text,
  payer: Text,
  payee: Text,
  createdAt: Text,
});
export type PaymentFacts = v.InferOutput<typeof PaymentClaims>;
export type StatementFacts = v.InferOutput<typeof StatementClaims>;
export type ReceiptFacts = v.InferOutput<typeof ReceiptClaims>['transaction'] & {
  /** Whether the payer's passkey has signed it; absent: nothing says so. */
  approval?: Approval;
  /** Who of staff has signed it; absent: nothing says so. */
  signedBy?: SignedBy[];
};

const Header = v.object({ alg: v.literal('ES256'), typ: Text, kid: Text });
const Jwks = v.object({
  keys: v.array(v.looseObject({ kty: v.string(), kid: v.string(), crv: v.optional(v.string()) })),
});
export type PublicKeys = v.InferOutput<typeof Jwks>['keys'];

export type Verdict =
  | {
      verdict: 'genuine';
      statement: StatementFacts;
      /** Whether the lines in the file are those that were signed; null: it has none. */
      lines: boolean | null;
    }
  | { verdict: 'genuine'; receipt: ReceiptFacts }
  | { verdict: 'genuine'; payment: PaymentFacts }
  | { verdict: 'forged' | 'unknownKey' | 'nothing' };

/** What the file, picture or link was found to hold. */
export type Shown = { token: string | null; csv: Uint8Array<ArrayBuffer> | null };

// In a PDF the word that ends a stream may follow without a blank.
const kToken = /(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}(?=endstream|[^\w-]|$)/;
// As this platform writes it into a PDF (src/documents/attach_files.cpp): not compressed.
const kCsvInPdf = /\/Subtype \/text#2fcsv \/Type \/EmbeddedFile \/Length (\d+) >>\nstream\n/;

/** Bytes as text in which every character is one of them. */
function latin1(bytes: Uint8Array): string {
  const kPiece = 8_192;
  let text = '';
  for (let at = 0; at < bytes.length; at += kPiece)
    text += String.fromCharCode(...bytes.subarray(at, at + kPiece));
  return text;
}

export function findIn(bytes: Uint8Array<ArrayBuffer>): Shown {
  const text = latin1(bytes);
  const token = kToken.exec(text)?.[0] ?? null;
  const csv = text.startsWith('%PDF-') ? kCsvInPdf.exec(text) : null;
  if (!csv) return { token, csv: null };
  const begins = csv.index + csv[0].length;
  return { token, csv: bytes.slice(begins, begins + Number(csv[1])) };
}

export const findInText = (text: string): Shown => ({
  token: kToken.exec(text)?.[0] ?? null,
  csv: null,
});

export const parseKeys = (json: unknown): PublicKeys => v.parse(Jwks, json).keys;

const readPart = (part: string): unknown =>
  JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64url(part)));

async function isSigned(token: string, key: PublicKeys[number]): Promise<boolean> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { kty, crv, x, y } = key as JsonWebKey;
  const imported = await crypto.subtle.importKey(
    'jwk',
    { kty, crv, x, y } as JsonWebKey,
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  );
  return crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    imported,
    fromBase64url(signature),
    new TextEncoder().encode(`${header}.${payload}`),
  );
}

async function readReceipt(claims: unknown): Promise<Verdict> {
  const { transaction, authorization, approval: proposal } = v.parse(ReceiptClaims, claims);
  if (proposal !== undefined && 'change' in proposal) {
    const signedBy = await checkProposal(proposal, transaction);
    return signedBy === null || authorization !== undefined
      ? { verdict: 'forged' }
      : { verdict: 'genuine', receipt: { ...transaction, signedBy } };
  }
  const { amountMinor } = transaction;
  if (authorization === undefined || 'hash' in authorization || amountMinor === undefined)
    return { verdict: 'genuine', receipt: transaction };
  // Both say the same: one is shown, the other was signed.
  if (transaction.amount.replace('.', '').replace(/^0+(?=.)/, '') !== String(amountMinor))
    return { verdict: 'forged' };
  const approval = await checkApproval({ ...transaction, amountMinor }, authorization);
  if (approval.state === 'forged') return { verdict: 'forged' };
  return { verdict: 'genuine', receipt: { ...transaction, approval } };
}

export async function verify({ token, csv }: Shown, keys: PublicKeys): Promise<Verdict> {
  if (token === null) return { verdict: 'nothing' };
  const [first = '', second = ''] = token.split('.');
  try {
    const header = v.parse(Header, readPart(first));
    const key = keys.find(({ kid }) => kid === header.kid);
    if (!key) return { verdict: 'unknownKey' };
    if (!(await isSigned(token, key))) return { verdict: 'forged' };
    // The type is signed as well: a receipt never passes for a statement.
    if (header.typ === 'receipt+jwt') return await readReceipt(readPart(second));
    if (header.typ === 'payment+jwt')
      return { verdict: 'genuine', payment: v.parse(PaymentClaims, readPart(second)) };
    if (header.typ !== 'statement+jwt') return { verdict: 'nothing' };
    const statement = v.parse(StatementClaims, readPart(second));
    if (csv === null) return { verdict: 'genuine', statement, lines: null };
    const hash = toBase64url(await crypto.subtle.digest('SHA-256', csv));
    return { verdict: 'genuine', statement, lines: hash === statement.sha256 };
  } catch {
    return { verdict: 'forged' };
  }
}
