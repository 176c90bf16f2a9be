import { expect, test } from 'vitest';
import { toBase64url } from '../lib/base64url';
import { findIn, findInText, parseKeys, verify, type PublicKeys } from './proof';

const bytes = (text: string) => new TextEncoder().encode(text);
const part = (json: unknown) => toBase64url(bytes(JSON.stringify(json)).buffer);

const kStatement = {
  iss: 'instapay',
  iat: 1_796_106_600,
  version: 1,
  holder: 'أ*** ح***',
  start: '2026-11-01',
  end: '2026-11-30',
  tz: 'Africa/Cairo',
  currency: 'EGP',
  opening: '1000.00',
  closing: '987.75',
  entries: 2,
  sha256: '',
};
const kReceipt = {
  iss: 'instapay',
  iat: 1_796_106_600,
  version: 2,
  transaction: {
    id: '0193a001-0000-7000-8000-00000000000a',
    senderId: '0193a001-0000-7000-8000-00000000000b',
    receiverId: '0193a001-0000-7000-8000-00000000000c',
    amount: '12.30',
    currency: 'EGP',
    kind: 'transfer',
    note: 'غداء',
    createdAt: '2026-11-05T22:30:00.000001Z',
  },
};

async function signer(kid = 'key-1') {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const keys: PublicKeys = parseKeys({
    keys: [{ ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid, use: 'sig' }],
  });
  const sign = async (claims: unknown, typ = 'statement+jwt', alg = 'ES256') => {
    const text = `${part({ alg, typ, kid })}.${part(claims)}`;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    return `${text}.${toBase64url(await crypto.subtle.sign(algorithm, pair.privateKey, bytes(text)))}`;
  };
  return { keys, sign };
}

test('what was signed is genuine, by its type', async () => {
  const { keys, sign } = await signer();
  expect(await verify(findInText(await sign(kStatement)), keys)).toEqual({
    verdict: 'genuine',
    statement: kStatement,
    lines: null,
  });
  const receipt = await sign(kReceipt, 'receipt+jwt');
  expect(await verify(findInText(`https://pay.example/verify#${receipt}`), keys)).toMatchObject({
    verdict: 'genuine',
    receipt: kReceipt.transaction,
  });
  const { transaction } = kReceipt;
  const payment = { ...kReceipt, version: 1, payer: 'M*** A***', payee: 'ك***' };
  const qr = await sign({ ...payment, ...transaction }, 'payment+jwt');
  expect(await verify(findInText(qr), keys)).toMatchObject({
    verdict: 'genuine',
    payment: { id: transaction.id, amount: '12.30', payer: 'M*** A***' },
  });
  // Under another type the same claims are something else.
  expect(await verify(findInText(await sign(kReceipt)), keys)).toEqual({ verdict: 'forged' });
  expect(await verify(findInText(await sign(kReceipt, 'at+jwt')), keys)).toEqual({
    verdict: 'nothing',
  });
});

test('what was changed is not', async () => {
  const { keys, sign } = await signer();
  const [header = '', , signature = ''] = (await sign(kStatement)).split('.');
  const richer = `${header}.${part({ ...kStatement, closing: '9987.75' })}.${signature}`;
  expect(await verify(findInText(richer), keys)).toEqual({ verdict: 'forged' });
  const other = await signer();
  expect(await verify(findInText(await other.sign(kStatement)), keys)).toEqual({
    verdict: 'forged',
  });
  const unknown = await signer('key-2');
  expect(await verify(findInText(await unknown.sign(kStatement)), keys)).toEqual({
    verdict: 'unknownKey',
  });
  expect(await verify(findInText(await sign(kStatement, 'statement+jwt', 'none')), keys)).toEqual({
    verdict: 'forged',
  });
  expect(await verify(findInText('a receipt'), keys)).toEqual({ verdict: 'nothing' });
});

test('a file proves its lines', async () => {
  const { keys, sign } = await signer();
  const csv = 'type,bookedAt\r\nopening,كريم\r\n';
  const sha256 = toBase64url(await crypto.subtle.digest('SHA-256', bytes(csv)));
  const token = await sign({ ...kStatement, sha256 });
  const pdf = (lines: string) =>
    bytes(
      `%PDF-1.5\n6 0 obj\n<< /Subtype /text#2fcsv /Type /EmbeddedFile /Length ${bytes(lines).length} >>\n` +
        `stream\n${lines}endstream\n7 0 obj\nstream\n${token}endstream\n`,
    );
  expect(await verify(findIn(pdf(csv)), keys)).toMatchObject({ verdict: 'genuine', lines: true });
  expect(await verify(findIn(pdf(csv.replace('opening', 'closing'))), keys)).toMatchObject({
    verdict: 'genuine',
    lines: false,
  });
});
