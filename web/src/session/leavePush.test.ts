import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memoryStorage } from '../lib/store.fixture';

const unsubscribe = vi.fn(() => Promise.resolve(true));
const getRegistration = vi.fn(() =>
  Promise.resolve({ pushManager: { getSubscription: () => Promise.resolve({ unsubscribe }) } }),
);

beforeEach(() => {
  vi.stubGlobal('window', { localStorage: memoryStorage(), sessionStorage: memoryStorage() });
  vi.stubGlobal('navigator', { serviceWorker: { getRegistration } });
});

afterEach(() => {
  vi.clearAllMocks();
});

test('who leaves takes the subscription along without asking the server', async () => {
  const { local } = await import('../lib/store');
  const { hasLeftPush, kPushMark, leavePush } = await import('./leavePush');
  await leavePush();
  expect(getRegistration).not.toHaveBeenCalled();
  local.write(kPushMark, '{"userId":"u"}');
  void leavePush();
  await hasLeftPush();
  expect(unsubscribe).toHaveBeenCalledTimes(1);
  expect(local.read(kPushMark)).not.toBeNull();
});

test('a browser that refuses does no harm', async () => {
  const { local } = await import('../lib/store');
  const { kPushMark, leavePush } = await import('./leavePush');
  local.write(kPushMark, '{"userId":"u"}');
  getRegistration.mockRejectedValueOnce(new Error('no'));
  await leavePush();
  await leavePush();
  expect(unsubscribe).toHaveBeenCalledTimes(1);
});
