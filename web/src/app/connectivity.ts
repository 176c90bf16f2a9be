import { useSyncExternalStore } from 'react';

// Whether the server can be reached: told by the browser and by the outcome of real requests.
export type Connectivity = 'ok' | 'offline' | 'unreachable';

const kProbeMs = 2_000;
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
    const response = await fetch('/health', { cache: 'no-store' });
    if (response.ok) return set('ok');
  } catch {
    // Still away.
  }
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
window.addEventListener('online', () => void tryAgain());

export const connectivity = () => state;

export function onConnectivity(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnectivity = () => useSyncExternalStore(onConnectivity, connectivity);
