import { uuid } from './random';
import { readJson, tab, writeJson, type Store } from './store';

type Kept = { payload: string; key: string };
const nameOf = (scope: string) => `instapay.key.${scope}`;

/** The Idempotency-Key of one intent: the same for the same payload until it is forgotten. */
export function stableKey(scope: string, payload: unknown, store: Store = tab): string {
  const text = JSON.stringify(payload);
  const kept = readJson(store, nameOf(scope)) as Kept | null;
  if (kept?.payload === text) return kept.key;
  const key = uuid();
  writeJson(store, nameOf(scope), { payload: text, key } satisfies Kept);
  return key;
}

export function forgetKey(scope: string, store: Store = tab) {
  writeJson(store, nameOf(scope), null);
}
