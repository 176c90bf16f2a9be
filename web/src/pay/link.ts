import { parseAmount } from '../money/amount';
import type { Currency } from '../money/currency';
import { toWire, type Money } from '../money/money';
import { kNoteMax, plainText } from '../lib/text';

type PayRequest = { to: string; amount: Money | null; note: string };
/** A link may name an amount that is none: then it asks for nothing that could be paid. */
export type PayLink = PayRequest & { amountIsWrong: boolean };

// A link is not written by hand, but as the API writes amounts.
const kLinkLocale = 'en';
const kUsername = /^[a-z0-9][a-z0-9_.-]{2,31}$/;
const kEmail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const kId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export type PayeeQuery = { by: 'id' | 'email' | 'username'; value: string };

/**
 * Who is meant: an e-mail, or a username with or without @ before it, as people type them; or the id
 * that links carry, since a username may be another's by the time the link is opened.
 */
export function payeeQuery(text: string): PayeeQuery | null {
  const value = plainText(text).toLowerCase();
  if (value.length > 254) return null;
  if (kId.test(value)) return { by: 'id', value };
  if (kEmail.test(value)) return { by: 'email', value };
  const username = value.replace(/^@/, '');
  return kUsername.test(username) ? { by: 'username', value: username } : null;
}

/** Reads /pay?to=…&amount=…&note=…; an amount that is not valid is said, never guessed. */
export function readPayLink(params: URLSearchParams, currency: Currency): PayLink | null {
  const query = payeeQuery(params.get('to') ?? '');
  if (!query) return null;
  const amount = parseAmount(params.get('amount') ?? '', currency, kLinkLocale);
  return {
    to: query.value,
    amount: amount.ok ? amount.minor : null,
    amountIsWrong: !amount.ok && amount.error !== 'required',
    note: (params.get('note') ?? '').slice(0, kNoteMax),
  };
}

/** The link that a path of the wallet is, as `next` of the sign-in names it. */
export function payLinkOf(path: string, currency: Currency): PayLink | null {
  const [where, query] = path.split('?', 2);
  if (where !== '/pay' && where !== '/send') return null;
  return readPayLink(new URLSearchParams(query ?? ''), currency);
}

export function payLink(origin: string, request: PayRequest): string {
  const params = new URLSearchParams({ to: request.to });
  if (request.amount !== null) params.set('amount', toWire(request.amount));
  if (request.note !== '') params.set('note', request.note);
  return `${origin}/pay?${params.toString()}`;
}
