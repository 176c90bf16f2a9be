import type { Money } from '../money/money';

/** What somebody takes of a sum, by weight. */
export type Portion = { id: string; own: boolean; shares: number };
export type Share = { amount: Money; extra: boolean };

/**
 * What each takes, as the server divides it (src/transaction/split_amounts.h): everybody's exact
 * share rounded down, and each unit that is left to one of those with the largest remainders; among
 * equal ones who splits is first, then the smaller id.
 */
export function amountsOf(total: Money, portions: readonly Portion[]): Share[] {
  const all = portions.reduce((sum, { shares }) => sum + BigInt(shares), 0n);
  if (all === 0n) return [];
  const exact = portions.map(({ shares }) => total * BigInt(shares));
  const amounts = exact.map((part) => part / all);
  const left = total - amounts.reduce((sum, amount) => sum + amount, 0n);
  const order = portions
    .map(({ id, own }, index) => ({ id, own, index, remainder: (exact[index] ?? 0n) % all }))
    .sort((a, b) => {
      if (a.remainder !== b.remainder) return a.remainder > b.remainder ? -1 : 1;
      if (a.own !== b.own) return a.own ? -1 : 1;
      return a.id < b.id ? -1 : 1;
    });
  const extra = new Set(order.slice(0, Number(left)).map(({ index }) => index));
  return amounts.map((amount, index) => ({
    amount: extra.has(index) ? amount + 1n : amount,
    extra: extra.has(index),
  }));
}
