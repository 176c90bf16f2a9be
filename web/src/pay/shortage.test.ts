import { expect, test } from 'vitest';
import { shortageOf } from './shortage';

const limits = {
  perTransfer: 500n,
  perDay: 400n,
  unverifiedPerDay: null,
  leftToday: 300n,
  resetsAt: '2026-11-27T00:00:00Z',
};
const none = {
  perTransfer: null,
  perDay: null,
  unverifiedPerDay: null,
  leftToday: null,
  resetsAt: limits.resetsAt,
};

test('says what stands against an amount before it is sent, as the ledger would', () => {
  expect(shortageOf(300n, 300n, limits)).toBeNull();
  expect(shortageOf(501n, 100n, limits)).toEqual({ kind: 'transfer', limit: 500n });
  expect(shortageOf(301n, 100n, limits)).toEqual({
    kind: 'day',
    left: 300n,
    resetsAt: limits.resetsAt,
  });
  expect(shortageOf(250n, 200n, limits)).toEqual({ kind: 'balance', missing: 50n });
  expect(shortageOf(250n, 250n, none)).toBeNull();
  expect(shortageOf(251n, 250n, undefined)).toEqual({ kind: 'balance', missing: 1n });
  expect(shortageOf(1n, 100n, { ...none, leftToday: 0n })).toMatchObject({ kind: 'day' });
});
