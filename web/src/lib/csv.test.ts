import { expect, test } from 'vitest';
import type { HistoryItem } from '../api/types';
import { setCurrency } from '../money/currency';
import { historyToCsv } from './csv';

setCurrency({ code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000_000_000_000_000n });

const item = (change: Partial<HistoryItem>) =>
  ({
    id: 'id-1',
    createdAt: '2026-11-24T10:00:00.000000Z',
    direction: 'in',
    kind: 'transfer',
    status: 'completed',
    counterparty: { id: 'p', username: 'nour', displayName: 'Nour' },
    note: 'Lunch',
    amount: 8800n,
    currency: 'EGP',
    balanceAfter: 108800n,
    refunded: 0n,
    refundable: 8800n,
    ...change,
  }) as HistoryItem;

test('a row for each entry, amounts as the server wrote them', () => {
  expect(historyToCsv([item({})])).toBe(
    'createdAt,direction,kind,status,counterparty,username,note,amount,currency,balanceAfter,id,refunded,refundOf\r\n' +
      '2026-11-24T10:00:00.000000Z,in,transfer,completed,Nour,nour,Lunch,88.00,EGP,1088.00,id-1,0.00,\r\n',
  );
  expect(historyToCsv([item({ kind: 'refund', refundOf: 'id-0' })])).toMatch(/,0\.00,id-0\r\n$/);
});

test('quotes what would break a row, and disarms what a spreadsheet would run', () => {
  const noted = (note: string) => historyToCsv([item({ note })]).split(',nour,')[1] ?? '';
  expect(noted('a, "b"\nc')).toMatch(/^"a, ""b""\nc",88/);
  for (const first of ['=', '+', '-', '@', '\t'])
    expect(noted(`${first}1+1`)).toMatch(`'${first}1+1,88.00`);
  for (const before of [
    '',
    ' ',
    '\u00a0',
    '\u3000',
    '\u200b',
    '\ufeff',
    '\u3164',
    '\u2800',
    '\u00ad\u2003',
  ])
    for (const first of ['=', '@', '＝', '＋', '－', '＠'])
      expect(noted(`${before}${first}1`)).toMatch(`'${before}${first}1,88.00`);
  expect(noted(' a=1')).toMatch(/^ a=1,/);
  expect(noted('قهوة')).toMatch(/^قهوة,/);
});

test('an entry of the system has no counterparty', () => {
  expect(historyToCsv([item({ counterparty: null, note: null, kind: 'opening' })])).toContain(
    ',opening,completed,,,,88.00,',
  );
});
