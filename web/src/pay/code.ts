import { readEmv, writeEmv } from './emv';
import { payeeQuery } from './link';

// What somebody has scanned or pasted: a link or a code of ours, or of a scheme that is paid elsewhere.

/** Names our codes among those of other schemes; an installation may have its own. */
export const kGuid = 'app.mini-instapay';
const kPixGuid = 'br.gov.bcb.pix';
const kCode = /^[\w-]{22}$/;

export type ReadCode =
  | { kind: 'request'; code: string }
  /** The wallet's own page for a link that names a person. */
  | { kind: 'pay'; search: string }
  | { kind: 'pix' | 'upi' | 'other_scheme' | 'damaged' | 'unknown' };

export const requestLink = (origin: string, code: string) => `${origin}/r/${code}`;

function readUrl(text: string, origin: string): ReadCode | null {
  if (!/^https?:\/\//i.test(text)) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.origin !== origin) return { kind: 'unknown' };
  const code = /^\/r\/([^/]+)$/.exec(url.pathname)?.[1];
  if (code && kCode.test(code)) return { kind: 'request', code };
  const names = payeeQuery(url.searchParams.get('to') ?? '') !== null;
  return url.pathname === '/pay' && names
    ? { kind: 'pay', search: url.search.slice(1) }
    : { kind: 'unknown' };
}

export function readCode(scanned: string, origin: string, guid = kGuid): ReadCode {
  const text = scanned.trim();
  if (/^upi:\/\//i.test(text)) return { kind: 'upi' };
  const url = readUrl(text, origin);
  if (url) return url;
  const emv = readEmv(text);
  if (!emv.ok) return { kind: emv.error === 'not_emv' ? 'unknown' : 'damaged' };
  const { accounts } = emv.payload;
  const code = accounts.find((account) => account.guid === guid.toLowerCase())?.objects.get('01');
  if (code !== undefined) return kCode.test(code) ? { kind: 'request', code } : { kind: 'damaged' };
  return { kind: accounts.some((account) => account.guid === kPixGuid) ? 'pix' : 'other_scheme' };
}

/** ISO 4217's numbers of currencies whose code begins with its country. */
const kNumbers: Partial<Record<string, string>> = {
  AED: '784',
  BHD: '048',
  EGP: '818',
  GBP: '826',
  INR: '356',
  JOD: '400',
  JPY: '392',
  KWD: '414',
  MAD: '504',
  OMR: '512',
  QAR: '634',
  SAR: '682',
  TND: '788',
  TRY: '949',
  USD: '840',
};

export type EmvRequest = {
  code: string;
  once: boolean;
  currency: string;
  /** As amounts are written on the wire. */
  amount: string | null;
  payee: string;
};

/** The request as an EMVCo code; null in a currency whose number is not known here. */
export function requestEmv(request: EmvRequest, guid = kGuid): string | null {
  const currency = kNumbers[request.currency];
  if (currency === undefined) return null;
  return writeEmv({
    guid,
    account: request.code,
    dynamic: request.once,
    currency,
    amount: request.amount,
    country: request.currency.slice(0, 2),
    merchantName: request.payee,
    merchantCity: 'Online',
  });
}
