import { local } from '../lib/store';

/** Whose notices this browser shows, in which session and by which subscription (notifications/push.ts). */
export const kPushMark = 'instapay.push';

let leaving = Promise.resolve();

async function unsubscribe() {
  if (local.read(kPushMark) === null || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
  } catch {
    // A browser that refuses leaves nothing else to do here; the server's side ends with the session.
  }
}

/**
 * Nothing reaches this browser any more, whatever the server has heard of it. The mark stays: the
 * same person goes on after the next sign-in.
 */
export const leavePush = () => (leaving = leaving.then(unsubscribe));
/** Once no leaving is under way. */
export const hasLeftPush = () => leaving;
