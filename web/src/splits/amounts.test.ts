import { describe, expect, test } from 'vitest';
import { amountsOf, type Portion } from './amounts';

const of = (id: string, shares = 1, own = false): Portion => ({ id, own, shares });
const sums = (total: bigint, portions: Portion[]) =>
  amountsOf(total, portions).map(({ amount }) => amount);

describe('how a sum is divided', () => {
  test('what is left goes to the smallest ids', () => {
    expect(sums(10_000n, [of('c'), of('a'), of('b')])).toEqual([3333n, 3334n, 3333n]);
    expect(sums(9_999n, [of('c'), of('a'), of('b')])).toEqual([3333n, 3333n, 3333n]);
  });

  test('who splits is first among equals', () => {
    expect(amountsOf(100n, [of('a'), of('z', 1, true), of('b')])).toEqual([
      { amount: 33n, extra: false },
      { amount: 34n, extra: true },
      { amount: 33n, extra: false },
    ]);
  });

  test('the largest remainder is first, whatever the ids', () => {
    expect(sums(100n, [of('c', 1), of('a', 2), of('b', 3)])).toEqual([17n, 33n, 50n]);
  });

  test('the largest sum stays exact', () => {
    const portions = Array.from({ length: 51 }, (_, index) => of(String(index), 10_000));
    const amounts = sums(9_000_000_000_000_000n, portions);
    expect(amounts.reduce((sum, amount) => sum + amount, 0n)).toBe(9_000_000_000_000_000n);
  });

  test('among nobody there is nothing to divide', () => {
    expect(amountsOf(100n, [])).toEqual([]);
  });
});
