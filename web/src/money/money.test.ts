import { describe, expect, test } from 'vitest';
import { setCurrency } from './currency';
import { between, formatMoney, fromMinor, moneyParts, toMinor, toWire } from './money';

setCurrency({ code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000_000_000_000_000n });

const plain = (text: string) => text.replace(/[\u00a0\u200e\u200f\u061c]/g, ' ').trim();

describe('minor units', () => {
  test.each([
    ['1000.00', 2, 100000n],
    ['-3.5', 2, -350n],
    ['0.01', 2, 1n],
    ['7', 0, 7n],
    ['1.5', 3, 1500n],
    ['92233720368547758.07', 2, 9223372036854775807n],
  ])('%s with %i digits', (text, digits, minor) => {
    expect(toMinor(text, digits)).toBe(minor);
    expect(toMinor(fromMinor(minor, digits), digits)).toBe(minor);
  });

  test.each(['', 'abc', '1e3', '1.234', '1,5', ' 1', 'NaN', '--1', '.5', '1.'])(
    'refuses %j',
    (text) => expect(() => toMinor(text, 2)).toThrow(RangeError),
  );

  test('writes exactly the digits of the currency', () => {
    expect(fromMinor(5n, 2)).toBe('0.05');
    expect(fromMinor(-5n, 2)).toBe('-0.05');
    expect(fromMinor(120n, 0)).toBe('120');
    expect(fromMinor(1n, 3)).toBe('0.001');
  });

  test('0.1 + 0.2 is 0.3', () => {
    expect(fromMinor(toMinor('0.10', 2) + toMinor('0.20', 2), 2)).toBe('0.30');
  });
});

describe('for reading', () => {
  test('is exact beyond what a float can hold', () => {
    expect(plain(formatMoney(9007199254740993123n, 'EGP', 'en-GB'))).toBe(
      'EGP 90,071,992,547,409,931.23',
    );
  });

  test('Arabic has its own digits and separators', () => {
    expect(formatMoney(123450n, 'EGP', 'ar-EG')).toContain('١٬٢٣٤٫٥٠');
  });

  test('signs', () => {
    expect(plain(formatMoney(500n, 'EGP', 'en-GB', { sign: 'always' }))).toContain('+');
    expect(plain(formatMoney(-500n, 'EGP', 'en-GB'))).toContain('-');
    expect(toWire(-500n)).toBe('-5.00');
  });

  test('parts put together are the whole', () => {
    const parts = moneyParts(-123450n, 'EGP', 'en-GB');
    expect(parts.find(({ kind }) => kind === 'whole')?.text).toBe('1,234');
    expect(parts.find(({ kind }) => kind === 'fraction')?.text).toBe('.50');
    expect(parts.find(({ kind }) => kind === 'currency')?.text).toBe('EGP');
  });
});

test('what is in another currency is not shown at all', () => {
  expect(() => formatMoney(500n, 'USD', 'en-GB')).toThrow(RangeError);
});

test('a count-up starts and ends exactly', () => {
  expect(between(0n, 100n, 0)).toBe(0n);
  expect(between(7n, 9007199254740993n, 1000)).toBe(9007199254740993n);
  expect(between(100n, 50n, 500)).toBe(75n);
});
