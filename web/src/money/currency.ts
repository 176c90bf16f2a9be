import type { Money } from './money';

/** The one currency of the installation, as the server tells it: GET /api/currency. */
export type Currency = { code: string; name: string; digits: number; maximum: Money };

let known: Currency | null = null;

export function setCurrency(currency: Currency) {
  known = currency;
}

export const knownCurrency = (): Currency | null => known;

/** Set before anybody is signed in (session/session.ts), so no page is shown without it. */
export function currency(): Currency {
  if (!known) throw new Error('the currency is not known yet');
  return known;
}

/** A wrong scale would show a hundred times too much or too little: rather nothing than that. */
export function digitsOf(code: string): number {
  const { code: mine, digits } = currency();
  if (code !== mine) throw new RangeError(`${code} is not the currency of this installation`);
  return digits;
}
