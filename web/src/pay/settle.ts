import { ApiError, isTransient } from '../api/error';
import type { CompletedTransfer } from '../api/types';
import type { Intent, IntentStore } from './intent';

export type Settled =
  | { outcome: 'paid'; transaction: CompletedTransfer }
  | { outcome: 'refused'; error: ApiError }
  | { outcome: 'unknown' };

type SettleOptions = {
  store: IntentStore;
  post: (intent: Intent) => Promise<CompletedTransfer>;
  wait: (ms: number) => Promise<void>;
  onRetry?: (attempt: number) => void;
  attempts?: number;
};

/**
 * Only a refusal says that nothing was paid: a fault of the server, or an answer that cannot be read,
 * says nothing. A session that ended leaves the intent pending: it is resumed after the sign-in.
 */
const isDefinitive = (error: ApiError) =>
  error.status >= 400 && error.status < 500 && !isTransient(error) && error.status !== 401;

/** Sends an intent and repeats it with its own key until there is a definite answer. */
export async function settle(
  draft: Intent,
  { store, post, wait, onRetry, attempts = 12 }: SettleOptions,
): Promise<Settled> {
  const intent = store.markSent(draft);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const transaction = await post(intent);
      store.settle(intent);
      return { outcome: 'paid', transaction };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isDefinitive(error)) {
        store.settle(intent);
        return { outcome: 'refused', error };
      }
      if (!isTransient(error) || attempt >= attempts) return { outcome: 'unknown' };
      onRetry?.(attempt);
      await wait(error.retryAfterMs ?? Math.min(500 * 2 ** (attempt - 1), 8_000));
    }
  }
}
