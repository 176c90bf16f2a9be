import { describe, expect, test } from 'vitest';
import { readJson, surviving, writeJson } from './store';
import { memoryStorage } from './store.fixture';

const refused = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};
const full = (): Storage => {
  const storage = memoryStorage({ old: 'before' });
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  return storage;
};

describe.each([
  ['refused', refused],
  ['full', full],
])('a storage that is %s', (_, open) => {
  test('keeps what was written until the page is left', () => {
    const store = surviving(open);
    store.write('a', '1');
    store.write('old', '2');
    expect(store.read('a')).toBe('1');
    expect(store.read('old')).toBe('2');
    expect(store.names().sort()).toEqual(['a', 'old']);
    store.write('a', null);
    expect(store.read('a')).toBeNull();
    expect(store.names()).not.toContain('a');
  });
});

test('one that works is what is written to, and says that it lasts', () => {
  const storage = memoryStorage();
  const store = surviving(() => storage);
  store.write('a', '1');
  expect(storage.getItem('a')).toBe('1');
  storage.setItem('a', '2');
  expect(store.read('a')).toBe('2');
  expect([store.lasts(), surviving(refused).lasts()]).toEqual([true, false]);
});

test('amounts survive being kept, and broken text reads as nothing', () => {
  const store = surviving(() => memoryStorage());
  const storage = memoryStorage();
  const kept = surviving(() => storage);
  writeJson(kept, 'a', { done: { amount: 123n, note: null }, list: [1n] });
  expect(readJson(kept, 'a')).toEqual({ done: { amount: 123n, note: null }, list: [1n] });
  writeJson(kept, 'a', null);
  expect(storage.length).toBe(0);
  store.write('b', '{');
  expect(readJson(store, 'b')).toBeNull();
});
