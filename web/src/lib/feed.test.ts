import { describe, expect, test } from 'vitest';
import type { HistoryItem, Page } from '../api/types';
import { flatten, groupByDay, localDay, nextCursor, prepend, type Feed } from './feed';

const item = (id: string, createdAt = '2026-11-22T10:00:00Z'): HistoryItem => ({
  id,
  senderId: 's',
  receiverId: 'r',
  amount: 100n,
  currency: 'EGP',
  kind: 'transfer',
  status: 'completed',
  note: null,
  createdAt,
  refunded: 0n,
  refundable: 100n,
  direction: 'in',
  balanceAfter: 100n,
  counterparty: null,
});
const page = (ids: string[], next: string | null): Page<HistoryItem> => ({
  data: ids.map((id) => item(id)),
  hasMore: next !== null,
  nextCursor: next,
});
const feed = (...pages: Page<HistoryItem>[]): Feed => ({
  pages,
  pageParams: pages.map(() => null),
});
const ids = (list: HistoryItem[]) => list.map(({ id }) => id);

describe('live entries', () => {
  test('go on top, once', () => {
    const before = feed(page(['b', 'a'], null));
    const after = prepend(before, item('c'));
    expect(ids(flatten(after))).toEqual(['c', 'b', 'a']);
    expect(prepend(after, item('c'))).toBe(after);
    expect(ids(flatten(before))).toEqual(['b', 'a']);
  });

  test('one that a later page has already is not repeated', () => {
    const before = feed(page(['c'], '1'), page(['b', 'a'], null));
    expect(prepend(before, item('a'))).toBe(before);
  });

  test('nothing is made up before the first page is read', () => {
    expect(prepend(undefined, item('a'))).toBeUndefined();
  });
});

test('items that shifted between pages appear once', () => {
  expect(ids(flatten(feed(page(['d', 'c'], '1'), page(['c', 'b'], null))))).toEqual([
    'd',
    'c',
    'b',
  ]);
});

describe('cursors', () => {
  test('follow on', () => expect(nextCursor(page(['a'], 'x'), [null])).toBe('x'));
  test('end', () => expect(nextCursor(page(['a'], null), [null])).toBeUndefined());
  test('a repeated cursor does not loop', () =>
    expect(nextCursor(page(['a'], 'x'), [null, 'x'])).toBeUndefined());
});

test('days are the reader’s own, in order', () => {
  const moment = (hours: number) => new Date(2026, 10, 22, hours).toISOString();
  const groups = groupByDay(
    [item('c', moment(23)), item('b', moment(1)), item('a', moment(-1))],
    ({ createdAt }) => createdAt,
  );
  expect(groups.map(({ day, items }) => [day, ids(items)])).toEqual([
    ['2026-11-22', ['c', 'b']],
    ['2026-11-21', ['a']],
  ]);
  expect(localDay(new Date(2026, 0, 5))).toBe('2026-01-05');
});
