import { useEffect } from 'react';
import { Link } from 'wouter';
import type { HistoryItem, User } from '../api/types';
import { kMeKey, setMe } from '../app/me';
import { queryClient } from '../app/queries';
import { formatMoney } from '../money/money';
import type { RequestEvent } from '../api/requests';
import { prepend, type Feed } from '../lib/feed';
import { t, useLocale } from '../i18n';
import { toast } from '../ui/toast';
import { kRequestsKey, requestChanged } from '../pages/requests/useRequests';
import { kHoldsKey } from '../holds/queries';
import { kMandatesKey, mandatesChanged } from '../mandates/queries';
import { kNotificationsKey, notificationsChanged } from '../notifications/queries';
import { kSchedulesKey } from '../schedules/queries';
import { followEntries } from './stream';

/** Query keys whose data an entry changes in a way only the server can tell. */
const kDerived = [
  ['report'],
  ['people'],
  ['limits'],
  kSchedulesKey,
  kMandatesKey,
  ['history-filtered'],
  kNotificationsKey,
];
const kSettleMs = 400;

export const fresh = new Set<string>();

/** Says whether it showed the entry. */
type Listener = (entry: HistoryItem) => boolean;
const hearing = new Set<Listener>();

/** Hears of each entry as it comes, while the wallet follows them. */
export function onLiveEntry(listener: Listener): () => void {
  hearing.add(listener);
  return () => hearing.delete(listener);
}

function announce(entry: HistoryItem, locale: string) {
  if (entry.direction !== 'in') return;
  const amount = formatMoney(entry.amount, entry.currency, locale);
  const name = entry.counterparty?.displayName;
  toast(
    <span>
      {name ? t('live.received', { name, amount }) : t('live.receivedSystem', { amount })}
    </span>,
  );
}

/** What somebody else did that waits for the reader, or ends their waiting; a payment is an entry. */
function announceRequest({ change, request }: RequestEvent, userId: string, locale: string) {
  const asked = request.payer?.id === userId;
  const amount =
    request.amount === null ? null : formatMoney(request.amount, request.currency, locale);
  const name = (asked ? request.payee : request.payer)?.displayName ?? '';
  const text = asked
    ? change === 'created' || change === 'reminded'
      ? amount === null
        ? t('live.asked', { name })
        : t(`live.${change}`, { name, amount })
      : null
    : change === 'declined'
      ? t('live.declined', { name })
      : null;
  if (text) toast(<Link href={`/requests/${request.id}`}>{text}</Link>);
}

/** Keeps balance, activity and requests true to the second while the wallet is open. */
export function useLiveEntries(me: User) {
  const locale = useLocale();
  const userId = me.id;
  useEffect(() => {
    let settle: ReturnType<typeof setTimeout> | undefined;
    let ofRequests = false;
    const refetchSoon = () => {
      clearTimeout(settle);
      settle = setTimeout(() => {
        void queryClient.invalidateQueries({ queryKey: kMeKey });
        for (const queryKey of kDerived) void queryClient.invalidateQueries({ queryKey });
        if (ofRequests) void queryClient.invalidateQueries({ queryKey: kRequestsKey });
        ofRequests = false;
      }, kSettleMs);
    };
    const stop = followEntries(userId, {
      entry(entry) {
        fresh.add(entry.id);
        // An answer on its way may be older than this entry: it must not overwrite the balance.
        void queryClient.cancelQueries({ queryKey: kMeKey });
        setMe(({ held, ...current }) => ({
          ...current,
          balance: entry.balanceAfter,
          ...(held === undefined ? {} : { held, available: entry.balanceAfter - held }),
        }));
        queryClient.setQueriesData<Feed>({ queryKey: ['history', userId] }, (feed) =>
          prepend(feed, entry),
        );
        if (entry.refundOf) {
          // The payment that was given back tells how much of it was.
          void queryClient.invalidateQueries({ queryKey: ['history', userId] });
          void queryClient.invalidateQueries({ queryKey: ['transaction', entry.refundOf] });
        }
        // What is given back may be the payment of a request, which tells it too.
        if (entry.requestId ?? entry.refundOf) ofRequests = true;
        // Who waits for this very money shows it larger than a note at the edge would.
        const shown = [...hearing].filter((listener) => listener(entry));
        if (shown.length === 0) announce(entry, locale);
        refetchSoon();
      },
      request(event) {
        requestChanged(event.request);
        announceRequest(event, userId, locale);
        void notificationsChanged();
      },
      hold() {
        void queryClient.invalidateQueries({ queryKey: kHoldsKey });
        refetchSoon();
      },
      notice() {
        void notificationsChanged();
        void mandatesChanged();
      },
      reload() {
        void queryClient.invalidateQueries();
      },
    });
    return () => {
      clearTimeout(settle);
      stop();
    };
  }, [userId, locale]);
}
