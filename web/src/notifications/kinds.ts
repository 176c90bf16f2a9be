import type { Notification } from '../api/notifications';
import type { Schemas } from '../api/json';
import { describeAgent } from '../lib/userAgent';
import { formatMoney } from '../money/money';
import type { Translate } from '../i18n';

type Kind = Schemas['NotificationKind'];

/** What each kind leads to; null where the reader may open nothing. */
const kPlaces: Record<Kind, 'thing' | '/settings' | '/settings/security' | null> = {
  money_received: 'thing',
  refund_received: 'thing',
  money_added: 'thing',
  money_removed: 'thing',
  request_received: 'thing',
  request_reminded: 'thing',
  request_declined: 'thing',
  request_cancelled: 'thing',
  request_expired: 'thing',
  hold_received: 'thing',
  hold_captured: 'thing',
  hold_released: 'thing',
  hold_expired: 'thing',
  schedule_paid: 'thing',
  schedule_waits: 'thing',
  schedule_failed: 'thing',
  // The schedule is the payer's.
  schedule_not_received: null,
  mandate_proposed: 'thing',
  mandate_accepted: 'thing',
  mandate_declined: 'thing',
  mandate_cancelled: 'thing',
  draw_announced: 'thing',
  draw_paid: 'thing',
  draw_waits: 'thing',
  draw_delayed: 'thing',
  draw_failed: 'thing',
  draw_not_received: 'thing',
  draw_refused: 'thing',
  draw_withdrawn: 'thing',
  new_device: '/settings',
  password_changed: '/settings',
  email_changed: '/settings',
  app_added: '/settings/security',
  passkey_added: '/settings/security',
  passkey_removed: '/settings/security',
  factors_removed: '/settings/security',
  pin_set: '/settings/security',
  pin_locked: '/settings/security',
  wallet_frozen: '/settings/security',
  wallet_unfrozen: '/settings/security',
};
const isKnown = (kind: string) => Object.hasOwn(kPlaces, kind);

/** Where a notification leads, by its kind; one of an unknown kind by what it names. */
export function placeOf({
  kind,
  transactionId,
  requestId,
  holdId,
  scheduleId,
  mandateId,
}: Notification): string | null {
  const place = isKnown(kind) ? kPlaces[kind] : 'thing';
  if (place !== 'thing') return place;
  if (transactionId) return `/activity/${transactionId}`;
  if (requestId) return `/requests/${requestId}`;
  if (holdId) return `/holds/${holdId}`;
  if (mandateId) return `/mandates/${mandateId}`;
  return scheduleId ? `/schedules/${scheduleId}` : null;
}

/** Whether it is about the sign-in or the account itself. */
export const isOfSafety = ({ kind }: Notification) =>
  isKnown(kind) && (kPlaces[kind]?.startsWith('/settings') ?? false);

/** What happened, as a sentence. Kinds may be added: of those it is said that something happened. */
export function sentenceOf(
  { kind, amount, currency, person }: Notification,
  t: Translate,
  locale: string,
): string {
  if (!isKnown(kind)) return t('notifications.other');
  const name = person?.displayName ?? t('notifications.somebody');
  if (amount !== null)
    return t(`notifications.${kind}` as 'notifications.money_received', {
      name,
      amount: formatMoney(amount, currency, locale),
    });
  // The payer of a request says how much, where it does not.
  return kind.startsWith('request_')
    ? t(`notifications.${kind}_open` as 'notifications.request_received_open', { name })
    : t(`notifications.${kind}` as 'notifications.password_changed');
}

/** What is told beside it: a note, the reason of a refusal, a device, a passkey. */
export function beside({ kind, note, details }: Notification): string | null {
  if (['new_device', 'pin_set', 'pin_locked'].includes(kind) && details)
    return describeAgent(details).name ?? details;
  return details ?? note;
}
