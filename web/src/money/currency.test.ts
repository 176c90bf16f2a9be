import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decode, decodeCurrency } from '../api/json';
import { payLink, readPayLink } from '../pay/link';
import { amountText, parseAmount, pressKey } from './amount';
import { currency, setCurrency } from './currency';
import { formatMoney, fromMinor, moneyParts, toWire } from './money';

// The server's own table of ISO 4217, as text: what a browser thinks of a currency is not asked.
const table = readFileSync(new URL('../../../src/core/currencies.def', import.meta.url), 'utf8');
const kMax = 9_000_000_000_000_000n;
const all = Array.from(
  table.matchAll(/^\{"([A-Z]{3})", (\d), "([^"]+)"\},$/gm),
  ([, code = '', digits, name = '']) => ({ code, digits: Number(digits), name }),
);

/** As GET /api/currency answers. */
const answer = ({ code, digits, name }: (typeof all)[number]) =>
  `{"code":"${code}","name":"${name}","digits":${digits},"maximum":${fromMinor(kMax, digits)}}`;

test('the table is read whole, with every number of digits there is', () => {
  expect(all.length).toBe(table.split('\n').filter((line) => line.startsWith('{')).length);
  expect(all.length).toBeGreaterThan(150);
  expect(new Set(all.map(({ digits }) => digits))).toEqual(new Set([0, 2, 3, 4]));
  expect(all.find(({ code }) => code === 'IQD')?.digits).toBe(3);
});

describe.each(all)('$code, $digits digits', (info) => {
  test.each(['en-GB', 'ar-EG'])('through the wallet in %s', (locale) => {
    const told = decodeCurrency(answer(info));
    setCurrency(told);
    expect(told).toEqual({ ...info, maximum: kMax });
    for (const minor of [1n, 5n, 1250n, 100_000n, kMax]) {
      const wire = toWire(minor);
      expect(wire.split('.')[1]?.length ?? 0).toBe(info.digits);
      // What comes is kept exactly, and what goes is what came.
      const user = decode(`{"balance":${wire},"count":3}`, 'User', info.digits);
      expect(user).toEqual({ balance: minor, count: 3 });
      // The amount step: filled in, typed again, and keyed in.
      const text = amountText(minor, told, locale);
      expect(parseAmount(text, told, locale)).toEqual({ ok: true, minor });
      const keyed = Array.from(fromMinor(minor, info.digits)).reduce(
        (typed, key) => pressKey(typed, key, told, locale),
        '',
      );
      expect(parseAmount(keyed, told, locale)).toEqual({ ok: true, minor });
      // Shown: every digit of the currency, no more and no fewer.
      const parts = moneyParts(minor, info.code, locale);
      const fraction = parts.find(({ kind }) => kind === 'fraction')?.text ?? '';
      expect(Math.max(0, fraction.length - 1)).toBe(info.digits);
      expect(formatMoney(-minor, info.code, locale)).not.toBe(
        formatMoney(minor, info.code, locale),
      );
      const link = new URL(payLink('https://pay.example', { to: 'nour', amount: minor, note: '' }));
      expect(readPayLink(link.searchParams, currency())?.amount).toBe(minor);
    }
    expect(parseAmount(`${fromMinor(kMax, info.digits)}0`, told, locale).ok).toBe(false);
  });
});
