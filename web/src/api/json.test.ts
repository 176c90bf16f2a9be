import { expect, test } from 'vitest';
import { parseJson } from './json';

test('money keeps every digit, other numbers stay numbers', () => {
  expect(
    parseJson(
      '{"amount": 1000.00, "balance":-0.10, "count": 3, "amounts": 2.50, "hasMore": false}',
    ),
  ).toEqual({ amount: '1000.00', balance: '-0.10', count: 3, amounts: 2.5, hasMore: false });
});

test('is exact where a float is not', () => {
  expect(parseJson('[{"balanceAfter":90071992547409931.23}]')).toEqual([
    { balanceAfter: '90071992547409931.23' },
  ]);
});

test('what a refusal ran into is money too', () => {
  expect(parseJson('{"code":"daily_limit_exceeded","limit":80.00,"left":35.00}')).toEqual({
    code: 'daily_limit_exceeded',
    limit: '80.00',
    left: '35.00',
  });
});

test('an object under a money name is walked into', () => {
  expect(parseJson('{"in":{"count":2,"amount":5.00},"net":null}')).toEqual({
    in: { count: 2, amount: '5.00' },
    net: null,
  });
});

test('text that looks like money is left alone', () => {
  const note = '"amount": 5.00, \\"amount\\": 6.00}';
  expect(parseJson(JSON.stringify({ note, amount: 'kept' }))).toEqual({ note, amount: 'kept' });
});
