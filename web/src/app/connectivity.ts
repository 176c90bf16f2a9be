import { useSyncExternalStore } from 'react';

// Whether the server can be reached: told by the browser and by the outcome of real requests.
type Connectivity = 'ok' | 'offline' | 'unreachable';

const kProbeMs = 2_000;
const kProbeTimeoutMs = 5_000;
// Served to browsers wherever the wallet is, without a token or the database. /health is not: in
// production it is for those inside only.
const kProbe = '/api/currency';
let state: Connectivity = navigator.onLine ? 'ok' : 'offline';
let probe: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(next: Connectivity) {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

async function tryAgain() {
  probe = undefined;
  try {
    const response = await fetch(kProbe, {
      cache: 'no-store',
      signal: AbortSignal.timeout(kProbeTimeoutMs),
    });
    // JSON, so that it is our server: a hotel's sign-in page says 200 to everything.
    if (response.ok && response.headers.get('Content-Type')?.startsWith('application/json'))
      return set('ok');
  } catch {
    // Still away.
  }
  set(navigator.onLine ? 'unreachable' : 'offline');
  schedule();
}

function schedule() {
  probe ??= setTimeout(() => void tryAgain(), kProbeMs);
}

export function reportReachable() {
  clearTimeout(probe);
  probe = undefined;
  set('ok');
}

export function reportUnreachable() {
  set(navigator.onLine ? 'unreachable' : 'offline');
  schedule();
}

window.addEventListener('offline', () => set('offline'));
window.addEventListener('online', () => {
  clearTimeout(probe);
  void tryAgain();
});

export const connectivity = () => state;

export function onConnectivity(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnectivity = () => useSyncExternalStore(onConnectivity, connectivity);
