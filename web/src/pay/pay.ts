import { useSyncExternalStore } from 'react';
import { createTransfer } from '../api/endpoints';
import { payRequest } from '../api/requests';
import { kMeKey, setMe } from '../app/me';
import { queryClient } from '../app/queries';
import { local } from '../lib/store';
import { kRequestsKey } from '../pages/requests/useRequests';
import { IntentStore, type Intent } from './intent';
import { settle, type Settled } from './settle';

export const intents = new IntentStore(local);

/** What this tab knows of a payment: on its way (and how often it had to be repeated), or its end. */
export type Progress = { state: 'sending'; retries: number } | { state: 'done'; result: Settled };

const progress = new Map<string, Progress>();
const running = new Map<string, Promise<Settled>>();
const listeners = new Set<() => void>();

function set(key: string, value: Progress) {
  progress.set(key, value);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useProgress = (key: string | undefined): Progress | undefined =>
  useSyncExternalStore(subscribe, () => (key === undefined ? undefined : progress.get(key)));

/** A count that changes whenever a payment starts, is repeated or ends. */
let version = 0;
listeners.add(() => {
  version += 1;
});
export const usePayments = () => useSyncExternalStore(subscribe, () => version);

/** Pays, or joins the payment of this key that is already on its way. */
export function payIntent(intent: Intent, senderEmail: string): Promise<Settled> {
  const already = running.get(intent.key);
  if (already) return already;
  set(intent.key, { state: 'sending', retries: 0 });
  const run = settle(intent, {
    store: intents,
    post: (sent) =>
      sent.request === undefined
        ? createTransfer(sent, senderEmail)
        : payRequest(sent, sent.request),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onRetry: (retries) => set(intent.key, { state: 'sending', retries }),
  })
    .then((result) => {
      if (intent.request !== undefined)
        void queryClient.invalidateQueries({ queryKey: kRequestsKey });
      if (result.outcome === 'paid') {
        const { balance } = result.transaction;
        setMe((me) => ({ ...me, balance }));
        void queryClient.invalidateQueries({ queryKey: kMeKey });
        void queryClient.invalidateQueries({ queryKey: ['history'] });
        void queryClient.invalidateQueries({ queryKey: ['people'] });
        void queryClient.invalidateQueries({ queryKey: ['report'] });
      } else if (result.outcome === 'refused') {
        // What the page thought of the balance or the limits was not so.
        void queryClient.invalidateQueries({ queryKey: kMeKey });
        void queryClient.invalidateQueries({ queryKey: ['limits'] });
      }
      set(intent.key, { state: 'done', result });
      return result;
    })
    .finally(() => running.delete(intent.key));
  running.set(intent.key, run);
  return run;
}
