// What the tabs of one browser tell each other. Nothing here is written to storage.
import type { RequestEvent } from '../api/requests';
import type { HistoryItem, User } from '../api/types';

type TabMessage =
  | { type: 'token'; token: string; expiresAt: number; user: User }
  | { type: 'signed-out' }
  | { type: 'entry'; userId: string; entry: HistoryItem }
  | { type: 'request'; userId: string; event: RequestEvent }
  | { type: 'hold'; userId: string }
  | { type: 'notice'; userId: string }
  | { type: 'reload'; userId: string };

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('instapay') : null;

export function tellTabs(message: TabMessage) {
  channel?.postMessage(message);
}

export function onTabMessage(listener: (message: TabMessage) => void): () => void {
  const handler = (event: MessageEvent<TabMessage>) => listener(event.data);
  channel?.addEventListener('message', handler);
  return () => channel?.removeEventListener('message', handler);
}

/** Runs alone among the tabs where the browser can do that (secure contexts), else just runs. */
export function withLock<T>(name: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  // Absent on plain http outside localhost; the server's grace for a lost answer covers the race.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return run();
  let began = false;
  const once = () => {
    began = true;
    return run();
  };
  return (locks.request(name, signal ? { signal } : {}, once) as Promise<T>).catch(
    (error: unknown) => {
      // Refused together with storage: then no other tab holds the lock either.
      if (!began && error instanceof DOMException && error.name === 'SecurityError') return run();
      throw error;
    },
  );
}
