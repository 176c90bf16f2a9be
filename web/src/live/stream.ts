import { accessToken, refreshAfter } from '../session/session';
import { onTabMessage, tellTabs, withLock } from '../session/tabs';
import { onConnectivity, connectivity } from '../app/connectivity';
import { decode } from '../api/json';
import { currency } from '../money/currency';
import type { RequestEvent } from '../api/requests';
import type { HistoryItem } from '../api/types';
import { EventParser } from './sse';

type LiveListener = {
  entry: (entry: HistoryItem) => void;
  request: (event: RequestEvent) => void;
  /** Something happened to a hold: what, only reading it tells. */
  hold: () => void;
  /** Something else happened, or was read in another tab. */
  notice: () => void;
  reload: () => void;
};

// Longer than two of the server's heartbeats: a connection that died without a word is noticed.
const kSilenceMs = 40_000;
const kMaxBackoffMs = 15_000;

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    // Coming back online ends the wait at once.
    const stop = onConnectivity(() => connectivity() === 'ok' && done());
    signal.addEventListener('abort', done);
  });

async function readOnce(
  lastEventId: string | null,
  signal: AbortSignal,
  onEvent: (event: string, id: string | null, data: string) => void,
): Promise<boolean> {
  const token = await accessToken();
  if (!token) return false;
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal.addEventListener('abort', abort);
  let watchdog = setTimeout(abort, kSilenceMs);
  try {
    const response = await fetch('/api/transactions/stream', {
      headers: {
        Accept: 'text/event-stream',
        Authorization: `Bearer ${token}`,
        ...(lastEventId === null ? {} : { 'Last-Event-ID': lastEventId }),
      },
      cache: 'no-store',
      signal: connection.signal,
    });
    if (response.status === 401) {
      await refreshAfter(token);
      return false;
    }
    if (!response.ok || !response.body) return false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    onEvent('open', null, '');
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, kSilenceMs);
      for (const event of parser.push(value)) onEvent(event.event, event.id, event.data);
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Follows the user's own entries and requests until stopped. One tab of the browser holds the connection
 * (HTTP/1.1 allows six a host) and passes on what it hears to the others.
 */
export function followEntries(userId: string, listener: LiveListener): () => void {
  const stopped = new AbortController();
  const stopTabs = onTabMessage((message) => {
    if (message.type === 'entry' && message.userId === userId) listener.entry(message.entry);
    if (message.type === 'request' && message.userId === userId) listener.request(message.event);
    if (message.type === 'hold' && message.userId === userId) listener.hold();
    if (message.type === 'notice' && message.userId === userId) listener.notice();
    if (message.type === 'reload' && message.userId === userId) listener.reload();
  });

  const lead = async () => {
    let lastEventId: string | null = null;
    let failures = 0;
    let connectedBefore = false;
    const over = () => stopped.signal.aborted;
    while (!over()) {
      try {
        await readOnce(lastEventId, stopped.signal, (event, id, data) => {
          if (id !== null) lastEventId = id;
          if (event === 'open') {
            failures = 0;
            // Without an id there is nothing to resume from: read again what may have been missed.
            if (connectedBefore && lastEventId === null) reload();
            connectedBefore = true;
          } else if (event === 'entry') {
            const entry = decode(data, 'HistoryItem', currency().digits);
            listener.entry(entry);
            tellTabs({ type: 'entry', userId, entry });
          } else if (event === 'request') {
            const told = decode(data, 'RequestEvent', currency().digits);
            listener.request(told);
            tellTabs({ type: 'request', userId, event: told });
          } else if (event === 'hold') {
            listener.hold();
            tellTabs({ type: 'hold', userId });
          } else if (event === 'notice') {
            listener.notice();
            tellTabs({ type: 'notice', userId });
          } else if (event === 'reset') {
            reload();
          }
        });
      } catch {
        // The connection broke; below it is made again.
      }
      if (over()) return;
      failures += 1;
      const wait = Math.min(250 * 2 ** failures, kMaxBackoffMs);
      await sleep(wait / 2 + (Math.random() * wait) / 2, stopped.signal);
    }
  };
  const reload = () => {
    listener.reload();
    tellTabs({ type: 'reload', userId });
  };

  withLock(`instapay.stream.${userId}`, lead, stopped.signal).catch(() => undefined);
  return () => {
    stopped.abort();
    stopTabs();
  };
}
