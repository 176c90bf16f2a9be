import { describe, expect, test } from 'vitest';
import { setCurrency } from '../money/currency';
import { payeeQuery, payLink, payLinkOf, readPayLink } from './link';

const egp = { code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000_000_000_000_000n };
setCurrency(egp);

const read = (query: string) => readPayLink(new URLSearchParams(query), egp);

describe('who is meant', () => {
  test.each([
    ['Nour@Example.COM', { by: 'email', value: 'nour@example.com' }],
    [' a+b@x.io ', { by: 'email', value: 'a+b@x.io' }],
    ['@Nour', { by: 'username', value: 'nour' }],
    ['nour.h-2_x', { by: 'username', value: 'nour.h-2_x' }],
  ])('%j', (text, query) => expect(payeeQuery(text)).toEqual(query));
  test.each(['', 'ab', '@', 'two words', 'a@b', '../me', '-nour', 'x'.repeat(33)])(
    '%j names nobody',
    (text) => expect(payeeQuery(text)).toBeNull(),
  );
});

describe('payment links', () => {
  test('come back as they were made', () => {
    const request = { to: 'a+b@x.io', amount: 1250n, note: 'قهوة & cake #1, 100% + ?' };
    const link = new URL(payLink('https://pay.example', request));
    expect(link.pathname).toBe('/pay');
    expect(readPayLink(link.searchParams, egp)).toEqual({ ...request, amountIsWrong: false });
    expect(payLinkOf(link.pathname + link.search, egp)).toEqual({
      ...request,
      amountIsWrong: false,
    });
    expect(payLinkOf(`/activity${link.search}`, egp)).toBeNull();
  });
  test('an amount that is none is said, and never a free amount', () => {
    for (const amount of ['1e9', '0', '12.345', '0,500', '12 50', 'abc', '-5'])
      expect(read(`to=nour&amount=${amount}`)).toMatchObject({ amount: null, amountIsWrong: true });
    for (const query of ['to=nour', 'to=nour&amount='])
      expect(read(query)).toEqual({ to: 'nour', amount: null, note: '', amountIsWrong: false });
  });
  test('what is not valid is left out', () => {
    expect(read(`to=nour&note=${'x'.repeat(200)}`)?.note).toHaveLength(140);
    expect(read('to=%3Cscript%3E')).toBeNull();
    expect(read('')).toBeNull();
  });
});
