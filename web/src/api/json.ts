import type { Money } from '../money/money';

/** The names under which the API writes money (as JSON numbers with the currency's digits). */
export const kMoneyFields = [
  'amount',
  'balance',
  'balanceAfter',
  'in',
  'out',
  'net',
  'volume',
  'medianAmount',
  'p95Amount',
  'moneyInCirculation',
  'openingBalance',
  'sumOfBalances',
  'refunded',
  'refundable',
  'perTransfer',
  'perDay',
  'usedToday',
  'leftToday',
  'limit',
  'left',
] as const;

export type MoneyField = (typeof kMoneyFields)[number];

// Inside a JSON string a quote is always escaped, so `"name"` followed by a colon can only be a key.
const kMoneyNumber = new RegExp(
  `"(${kMoneyFields.join('|')})"(\\s*:\\s*)(-?\\d+(?:\\.\\d+)?)(?=\\s*[,}\\]])`,
  'g',
);

/** Parses an answer of the API with its money left as decimal strings: JSON.parse would round it. */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(kMoneyNumber, '"$1"$2"$3"'));
}

/** The type an answer has after parseJson: numbers under money names are decimal strings. */
export type Exact<T> = T extends readonly (infer U)[]
  ? Exact<U>[]
  : T extends object
    ? { [K in keyof T]: K extends MoneyField ? MoneyOf<T[K]> : Exact<T[K]> }
    : T;
type MoneyOf<T> = T extends number ? Money : T extends string ? Money : Exact<T>;
