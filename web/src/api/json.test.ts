import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { decode, decodeCurrency } from './json';
import { shapes } from './shapes.gen';

test('money is whole minor units, other numbers are numbers', () => {
  expect(
    decode(
      '{"id":"x","amount": 1000.00, "balance":-0.10, "count": 3, "share": 2.50, "note": null}',
      'CompletedTransfer',
      2,
    ),
  ).toEqual({ id: 'x', amount: 100000n, balance: -10n, count: 3, share: 2.5, note: null });
});

test('is exact where a float is not', () => {
  const read = (balance: string) => decode(`{"balance":${balance}}`, 'User', 2).balance;
  expect(Number('89999999999999.98')).toBe(Number('89999999999999.99'));
  expect(read('89999999999999.98')).toBe(8_999_999_999_999_998n);
  expect(read('89999999999999.99')).toBe(8_999_999_999_999_999n);
  expect(read('90071992547409931.23')).toBe(9_007_199_254_740_993_123n);
});

test('what is money the schema says, not the name of the field', () => {
  // `in` and `out` are counts with amounts here, and amounts in the periods of the same answer.
  expect(
    decode(
      '{"in":{"count":2,"amount":5.00},"net":-1.00,"series":[{"in":1.00,"out":2.00,"count":2}]}',
      'UserReport',
      2,
    ),
  ).toEqual({
    in: { count: 2, amount: 500n },
    net: -100n,
    series: [{ in: 100n, out: 200n, count: 2 }],
  });
  expect(decode('{"amount": 5.00}', 'Health', 2)).toEqual({ amount: 5 });
});

test('what a refusal ran into is money too, once the currency is known', () => {
  const text = '{"code":"daily_limit_exceeded","status":422,"limit":80.00,"left":35.00}';
  expect(decode(text, 'Problem', 2)).toMatchObject({ status: 422, limit: 8000n, left: 3500n });
  expect(decode(text, 'Problem', null)).toEqual({ code: 'daily_limit_exceeded', status: 422 });
});

test('limits that do not exist stay null, text that looks like money stays text', () => {
  expect(decode('{"perTransfer":null,"perDay":2.00}', 'SendingLimits', 2)).toEqual({
    perTransfer: null,
    perDay: 200n,
  });
  const note = '"amount": 5.00, \\"amount\\": 6.00}';
  expect(decode(JSON.stringify({ note }), 'Transaction', 2)).toEqual({ note });
});

test('an amount that is not one is not taken for one', () => {
  for (const balance of ['"5.00"', '5.001', '5e2', 'true', '{}', '[]'])
    expect(() => decode(`{"balance":${balance}}`, 'User', 2), balance).toThrow();
});

test('the currency tells the digits of its own largest amount', () => {
  expect(
    decodeCurrency('{"code":"KWD","name":"Kuwaiti Dinar","digits":3,"maximum":9000000000000.000}'),
  ).toEqual({ code: 'KWD', name: 'Kuwaiti Dinar', digits: 3, maximum: 9_000_000_000_000_000n });
});

describe('every amount in the API document is known as one', () => {
  type Schema = {
    $ref?: string;
    format?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    allOf?: Schema[];
    oneOf?: Schema[];
  };
  const source = readFileSync(new URL('../../../api/openapi.yaml', import.meta.url), 'utf8');
  const { schemas } = (parse(source) as { components: { schemas: Record<string, Schema> } })
    .components;
  const isMoney = (schema: Schema): boolean =>
    schema.$ref !== undefined
      ? isMoney(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
      : schema.format === 'decimal' ||
        [...(schema.allOf ?? []), ...(schema.oneOf ?? [])].some(isMoney);
  const answers = Object.keys(schemas).filter((name) => !/Request$|^BatchItem$/.test(name));

  test.each(answers)('%s', (name) => {
    for (const [field, schema] of Object.entries(schemas[name]?.properties ?? {}))
      expect(
        (shapes[name] as Record<string, unknown> | undefined)?.[field] === 'money',
        field,
      ).toBe(isMoney(schema));
  });
});
