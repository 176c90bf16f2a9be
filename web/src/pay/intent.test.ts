import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '../api/error';
import type { CompletedTransfer } from '../api/types';
import { IntentStore, kResumeWithinMs, mayResume, newIntent, revise, type Intent } from './intent';
import { surviving, type Store } from '../lib/store';
import { memoryStorage } from '../lib/store.fixture';
import { settle } from './settle';

const memory = (): Store => {
  const storage = memoryStorage();
  return surviving(() => storage);
};

const fields = {
  userId: 'me',
  payee: { id: 'p', username: 'omar', displayName: 'Omar' },
  amount: '5.00',
  currency: 'EGP',
  note: '',
};
const answer = { id: 't', amount: 500n, balance: 99500n } as CompletedTransfer;
const lost = new ApiError('network', 0);
const busy = new ApiError('overloaded', 503, {}, 2_000);
const refused = new ApiError('insufficient_funds', 422);

describe('one key an intent', () => {
  test('an unchanged payment keeps it, a changed one gets another', () => {
    const first = newIntent(fields);
    expect(revise(first, fields).key).toBe(first.key);
    expect(revise({ ...first, sentAt: 1000 }, fields).key).toBe(first.key);
    expect(revise(first, { ...fields, amount: '5.01' }).key).not.toBe(first.key);
    expect(revise(first, { ...fields, note: 'x' }).key).not.toBe(first.key);
    expect(revise(first, { ...fields, payee: { ...fields.payee, id: 'q' } }).key).not.toBe(
      first.key,
    );
    expect(revise(null, fields).key).toMatch(/^[\da-f-]{36}$/);
  });

  test('what was sent outlives a reload until it is settled', () => {
    const storage = memory();
    const sent = new IntentStore(storage).markSent(newIntent(fields), 1000);
    const reloaded = new IntentStore(storage);
    expect(reloaded.pending('me')).toEqual([sent]);
    expect(reloaded.pending('someone else')).toEqual([]);
    // Sent again: the first time counts.
    expect(reloaded.markSent(sent, 9000).sentAt).toBe(1000);
    expect(reloaded.pending('me')).toHaveLength(1);
    reloaded.settle(sent);
    expect(reloaded.pending('me')).toEqual([]);
    expect(storage.names()).toEqual([]);
  });

  test('an old one is not repeated without asking', () => {
    const intent: Intent = { ...newIntent(fields), sentAt: 1000 };
    expect(mayResume(intent, 1000 + kResumeWithinMs - 1)).toBe(true);
    expect(mayResume(intent, 1000 + kResumeWithinMs)).toBe(false);
    expect(mayResume({ ...intent, sentAt: null })).toBe(false);
  });
});

describe('until there is a definite answer', () => {
  const run = (
    post: (intent: Intent, store: IntentStore) => Promise<CompletedTransfer>,
    attempts?: number,
  ) => {
    const store = new IntentStore(memory());
    const wait = vi.fn(() => Promise.resolve());
    const intent = newIntent(fields);
    return {
      store,
      wait,
      intent,
      result: settle(intent, {
        store,
        post: (sent) => post(sent, store),
        wait,
        ...(attempts ? { attempts } : {}),
      }),
    };
  };

  test('lost answers repeat the same key', async () => {
    const keys: string[] = [];
    const { result, store, intent } = run((sent, kept) => {
      keys.push(sent.key);
      expect(kept.pending('me')).toHaveLength(1);
      return keys.length < 3 ? Promise.reject(lost) : Promise.resolve(answer);
    });
    expect(await result).toEqual({ outcome: 'paid', transaction: answer });
    expect(keys).toEqual([intent.key, intent.key, intent.key]);
    expect(store.pending('me')).toEqual([]);
  });

  test('waits as long as the server asks', async () => {
    let tries = 0;
    const { result, wait } = run(() =>
      (tries += 1) < 2 ? Promise.reject(busy) : Promise.resolve(answer),
    );
    await result;
    expect(wait).toHaveBeenCalledWith(2_000);
  });

  test('a refusal is final and leaves nothing pending', async () => {
    const { result, store } = run(() => Promise.reject(refused));
    expect(await result).toEqual({ outcome: 'refused', error: refused });
    expect(store.pending('me')).toEqual([]);
  });

  test('a fault of the server, and an answer that cannot be read, say nothing of the money', async () => {
    for (const error of [new ApiError('internal_error', 500), new ApiError('unreadable', 201)]) {
      const { result, store } = run(() => Promise.reject(error));
      expect(await result).toEqual({ outcome: 'unknown' });
      expect(store.pending('me')).toHaveLength(1);
    }
  });

  test('no answer at all stays pending, with its key', async () => {
    const { result, store, intent } = run(() => Promise.reject(lost), 3);
    expect(await result).toEqual({ outcome: 'unknown' });
    expect(store.pending('me').map(({ key }) => key)).toEqual([intent.key]);
  });

  test('a session that ended meanwhile leaves it pending for after the sign-in', async () => {
    const { result, store } = run(() => Promise.reject(new ApiError('token_revoked', 401)));
    expect(await result).toEqual({ outcome: 'unknown' });
    expect(store.pending('me')).toHaveLength(1);
  });
});
