import { listSessions } from '../api/endpoints';
import { listPushDevices, registerPushDevice, removePushDevice } from '../api/notifications';
import { fromBase64url, toBase64url } from '../lib/base64url';
import { local, readJson, writeJson } from '../lib/store';
import { hasLeftPush, kPushMark } from '../session/leavePush';

// This browser's push subscription: made when somebody turns it on, and kept registered with the
// session that there is.

type Mark = { userId: string; sessionId: string | undefined; endpoint: string };

export const canPush = () =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
/** iPhones and iPads show notices of what was added to the home screen only. */
export const needsInstall = () =>
  !canPush() &&
  (/\b(?:iPhone|iPad|iPod)\b/.test(navigator.userAgent) ||
    (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1));

/** Subscribing needs a worker that is active; `ready` alone would wait for ever where there is none. */
const worker = async () => {
  if (!(await navigator.serviceWorker.getRegistration()))
    await navigator.serviceWorker.register('/sw.js');
  return navigator.serviceWorker.ready;
};

/** The subscription of this browser with the key of now; one that was made with another is replaced. */
async function subscribe(publicKey: string): Promise<PushSubscription> {
  await hasLeftPush();
  const { pushManager } = await worker();
  const there = await pushManager.getSubscription();
  const key = there?.options.applicationServerKey;
  if (there && key && toBase64url(key) === publicKey) return there;
  await there?.unsubscribe();
  return pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: fromBase64url(publicKey),
  });
}

const currentSession = async (userId: string) =>
  (await listSessions(userId)).data.find((each) => each.current)?.id;

async function register(
  userId: string,
  applicationServerKey: string,
  subscription: PushSubscription,
) {
  await registerPushDevice({ ...subscription.toJSON(), applicationServerKey });
  const mark: Mark = {
    userId,
    sessionId: await currentSession(userId),
    endpoint: subscription.endpoint,
  };
  writeJson(local, kPushMark, mark);
}

/** Asks for the permission, which browsers give only when somebody has just tapped. */
export async function turnOn(userId: string, publicKey: string): Promise<NotificationPermission> {
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return permission;
  await register(userId, publicKey, await subscribe(publicKey));
  return permission;
}

async function forget() {
  local.write(kPushMark, null);
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** The server first: a browser that cannot be reached any more is no reason to go on sending. */
export async function turnOff(deviceId: string): Promise<void> {
  await removePushDevice(deviceId);
  await forget();
}

/**
 * Goes on where this browser was turned on by the same person: after a new sign-in, when the browser
 * has made another subscription, or the server has another key. What was turned off elsewhere stays
 * off, and what is of another person ends.
 */
export async function resume(userId: string): Promise<void> {
  const mark = readJson(local, kPushMark) as Mark | null;
  if (mark === null || !canPush()) return;
  if (mark.userId !== userId) return forget();
  if (Notification.permission !== 'granted') return;
  const { publicKey, data } = await listPushDevices();
  if (publicKey === null) return;
  const subscription = await subscribe(publicKey);
  if (subscription.endpoint === mark.endpoint) {
    if (data.some((device) => device.current)) return;
    if ((await currentSession(userId)) === mark.sessionId) return forget();
  }
  await register(userId, publicKey, subscription);
}
