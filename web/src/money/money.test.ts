import { describe, expect, test } from 'vitest';
import {
  between,
  formatMoney,
  fromMinor,
  moneyParts,
  negate,
  parseAmount,
  pressKey,
  toMinor,
} from './money';

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

describe('what people type', () => {
  test.each([
    ['12', 1200n],
    ['12.5', 1250n],
    ['12.', 1200n],
    ['.5', 50n],
    ['1,000.50', 100050n],
    ['1,000', 100000n],
    ['12,5', 1250n],
    [' 1 000 ', 100000n],
    ['١٢٫٥٠', 1250n],
    ['۱۲٫۵', 1250n],
    ['١٬٠٠٠٫٢٥', 100025n],
    ['007', 700n],
  ])('%j', (text, minor) => expect(parseAmount(text, 2)).toEqual({ ok: true, minor }));

  test.each([
    ['', 'required'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['1.234', 'digits'],
    ['-5', 'format'],
    ['1e3', 'format'],
    ['1.2.3', 'format'],
    ['NaN', 'format'],
    ['12 EGP', 'format'],
    ['1234567890123456', 'large'],
  ])('%j is %s', (text, error) => expect(parseAmount(text, 2)).toEqual({ ok: false, error }));

  test('a currency without digits takes none', () => {
    expect(parseAmount('12.5', 0)).toEqual({ ok: false, error: 'digits' });
    expect(parseAmount('12', 0)).toEqual({ ok: true, minor: 12n });
  });
});

test('the keypad never makes an amount that is not one', () => {
  const type = (keys: string) => Array.from(keys).reduce((text, key) => pressKey(text, key, 2), '');
  expect(type('12.345')).toBe('12.34');
  expect(type('.5')).toBe('0.5');
  expect(type('007')).toBe('7');
  expect(type('1..2')).toBe('1.2');
  expect(pressKey('12.3', 'back', 2)).toBe('12.');
  expect(pressKey('', 'back', 2)).toBe('');
  expect(pressKey('5', '.', 0)).toBe('5');
});

describe('for reading', () => {
  test('is exact beyond what a float can hold', () => {
    expect(plain(formatMoney('90071992547409931.23', 'EGP', 'en-GB'))).toBe(
      'EGP 90,071,992,547,409,931.23',
    );
  });

  test('Arabic has its own digits and separators', () => {
    expect(formatMoney('1234.50', 'EGP', 'ar-EG')).toContain('١٬٢٣٤٫٥٠');
  });

  test('signs', () => {
    expect(plain(formatMoney('5.00', 'EGP', 'en-GB', { sign: 'always' }))).toContain('+');
    expect(negate('5.00')).toBe('-5.00');
    expect(negate('-5.00')).toBe('5.00');
    expect(negate('0.00')).toBe('0.00');
  });

  test('parts put together are the whole', () => {
    const parts = moneyParts('-1234.50', 'EGP', 'en-GB');
    expect(parts.find(({ kind }) => kind === 'whole')?.text).toBe('1,234');
    expect(parts.find(({ kind }) => kind === 'fraction')?.text).toBe('.50');
    expect(parts.find(({ kind }) => kind === 'currency')?.text).toBe('EGP');
  });
});

test('a count-up starts and ends exactly', () => {
  expect(between(0n, 100n, 0)).toBe(0n);
  expect(between(7n, 9007199254740993n, 1000)).toBe(9007199254740993n);
  expect(between(100n, 50n, 500)).toBe(75n);
});
