import { uuid } from './random';
import { readJson, writeJson } from './store';

type Kept = { payload: string; key: string };
const nameOf = (scope: string) => `instapay.key.${scope}`;

/** The Idempotency-Key of one intent: the same for the same payload until it is forgotten. */
export function stableKey(
  scope: string,
  payload: unknown,
  storage: Storage = sessionStorage,
): string {
  const text = JSON.stringify(payload);
  const kept = readJson(storage, nameOf(scope)) as Kept | null;
  if (kept?.payload === text) return kept.key;
  const key = uuid();
  writeJson(storage, nameOf(scope), { payload: text, key } satisfies Kept);
  return key;
}

export function forgetKey(scope: string, storage: Storage = sessionStorage) {
  writeJson(storage, nameOf(scope), null);
}
