import { findPayee } from '../api/endpoints';
import { ApiError, isStatus } from '../api/error';
import type { PublicUser } from '../api/types';
import type { PayeeQuery } from '../pay/link';

// The names of a file are looked up a few at a time, and no faster than the server wants to be asked.

const kAtOnce = 4;
const kWaitMs = 1_000;
const kAttempts = 8;

export const nameOf = ({ by, value }: PayeeQuery) => `${by}:${value}`;

/** Who is meant by each; null for nobody. Fails when the server cannot be asked. */
export async function resolve(
  queries: PayeeQuery[],
  onProgress: (done: number, of: number) => void,
  signal: AbortSignal,
  find: (query: PayeeQuery) => Promise<PublicUser> = findPayee,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((wake) => setTimeout(wake, ms)),
): Promise<Map<string, PublicUser | null>> {
  const waiting = new Map(queries.map((query) => [nameOf(query), query]));
  const left = [...waiting];
  const found = new Map<string, PublicUser | null>();
  const one = async (query: PayeeQuery): Promise<PublicUser | null> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await find(query);
      } catch (error) {
        if (isStatus(error, 404, 422)) return null;
        const again = error instanceof ApiError && error.status === 429 && attempt < kAttempts;
        if (!again) throw error;
        await wait(error.retryAfterMs ?? kWaitMs);
      }
    }
  };
  const work = async () => {
    for (let next = left.shift(); next && !signal.aborted; next = left.shift()) {
      found.set(next[0], await one(next[1]));
      onProgress(found.size, waiting.size);
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  return found;
}
