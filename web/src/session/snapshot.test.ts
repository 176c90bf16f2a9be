import { beforeAll, expect, test, vi } from 'vitest';
import type { User } from '../api/types';
import { memoryStorage } from '../lib/store.fixture';

beforeAll(() => {
  const storage = memoryStorage();
  vi.stubGlobal('window', { localStorage: storage, sessionStorage: memoryStorage() });
});

test('the last balance is kept with its time and its currency, and goes with the session', async () => {
  const { setCurrency } = await import('../money/currency');
  const { forgetSnapshot, readSnapshot, takeSnapshot } = await import('./snapshot');
  const user = { id: 'u', username: 'mona', displayName: 'Mona', balance: 100050n } as User;
  takeSnapshot(user);
  expect(readSnapshot()).toBeNull();
  setCurrency({ code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000n });
  takeSnapshot(user, new Date('2026-11-26T08:00:00Z'));
  expect(readSnapshot()).toMatchObject({
    balance: 100050n,
    at: '2026-11-26T08:00:00.000Z',
    currency: { code: 'EGP', maximum: 9_000n },
  });
  expect(readSnapshot()).not.toHaveProperty('email');
  forgetSnapshot();
  expect(readSnapshot()).toBeNull();
});
