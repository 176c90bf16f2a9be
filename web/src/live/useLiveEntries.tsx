import { useEffect } from 'react';
import type { HistoryItem, User } from '../api/types';
import { kMeKey, setMe } from '../app/me';
import { queryClient } from '../app/queries';
import { formatMoney } from '../money/money';
import { prepend, type Feed } from '../lib/feed';
import { t, useLocale } from '../i18n';
import { toast } from '../ui/toast';
import { followEntries } from './stream';

/** Query keys whose data an entry changes in a way only the server can tell. */
const kDerived = [['report'], ['people'], ['limits'], ['history-filtered']];
const kSettleMs = 400;

export const fresh = new Set<string>();

const hearing = new Set<(entry: HistoryItem) => void>();

/** Hears of each entry as it comes, while the wallet follows them. */
export function onLiveEntry(listener: (entry: HistoryItem) => void): () => void {
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

/** Keeps balance and activity true to the second while the wallet is open. */
export function useLiveEntries(me: User) {
  const locale = useLocale();
  const userId = me.id;
  useEffect(() => {
    let settle: ReturnType<typeof setTimeout> | undefined;
    const refetchSoon = () => {
      clearTimeout(settle);
      settle = setTimeout(() => {
        void queryClient.invalidateQueries({ queryKey: kMeKey });
        for (const queryKey of kDerived) void queryClient.invalidateQueries({ queryKey });
      }, kSettleMs);
    };
    const stop = followEntries(userId, {
      entry(entry) {
        fresh.add(entry.id);
        // An answer on its way may be older than this entry: it must not overwrite the balance.
        void queryClient.cancelQueries({ queryKey: kMeKey });
        setMe((current) => ({ ...current, balance: entry.balanceAfter }));
        queryClient.setQueriesData<Feed>({ queryKey: ['history', userId] }, (feed) =>
          prepend(feed, entry),
        );
        if (entry.refundOf) {
          // The payment that was given back tells how much of it was.
          void queryClient.invalidateQueries({ queryKey: ['history', userId] });
          void queryClient.invalidateQueries({ queryKey: ['transaction', entry.refundOf] });
        }
        // Who waits for this very money shows it larger than a note at the edge would.
        if (hearing.size === 0) announce(entry, locale);
        for (const listener of hearing) listener(entry);
        refetchSoon();
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
