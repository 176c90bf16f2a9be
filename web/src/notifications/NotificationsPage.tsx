import { useEffect, useSyncExternalStore } from 'react';
import { BellOff, Settings } from 'lucide-react';
import { Link } from 'wouter';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dayName } from '../lib/dates';
import { flatten, groupByDay } from '../lib/feed';
import { More } from '../ui/More';
import { PageTitle } from '../ui/Page';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { NotificationRow } from './NotificationRow';
import { markRead, useNotifications } from './queries';
import '../styles/activity.css';
import '../styles/notifications.css';

const onVisibility = (tell: () => void) => {
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
};
const isVisible = () => document.visibilityState === 'visible';

/** What is on the screen counts as read, not what came to a tab in the background. */
function useMarkRead(userId: string, list: ReturnType<typeof useNotifications>) {
  const visible = useSyncExternalStore(onVisibility, isVisible);
  const newest = list.data?.pages[0];
  const upTo = visible && newest && newest.unread > 0 ? newest.upTo : null;
  useEffect(() => {
    // Where it fails, the next reading of the list tries again.
    if (upTo !== null) markRead(userId, upTo).catch(() => undefined);
  }, [userId, upTo, list.dataUpdatedAt]);
}

export default function NotificationsPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const list = useNotifications();
  const { hasNextPage, isFetching, isError, fetchNextPage } = list;
  const items = flatten(list.data);
  // A page may be empty while there is more behind it.
  const goesOn = items.length === 0 && hasNextPage && !isError;
  useMarkRead(me.id, list);
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, fetchNextPage]);

  return (
    <div className="stack">
      <PageTitle
        aside={
          <Link
            href="/settings"
            className="btn btn-icon"
            aria-label={t('notifications.settings')}
            title={t('notifications.settings')}
          >
            <Settings size={20} aria-hidden="true" />
          </Link>
        }
      >
        {t('nav.notifications')}
      </PageTitle>
      {list.isPending || goesOn ? (
        <div className="card card-flush">
          <ListSkeleton rows={6} />
        </div>
      ) : isError && items.length === 0 ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <Empty icon={BellOff} title={t('notifications.none')}>
          {t('notifications.noneBody')}
        </Empty>
      ) : (
        groupByDay(items, (item) => item.happenedAt).map(({ day, items: ofDay }) => (
          <section key={day} aria-label={dayName(day, locale)} className="day">
            <h2 className="day-head">{dayName(day, locale)}</h2>
            <ul className="list card card-flush">
              {ofDay.map((item) => (
                <li key={item.id}>
                  <NotificationRow notification={item} />
                </li>
              ))}
            </ul>
          </section>
        ))
      )}
      {items.length > 0 && <More of={list} block />}
      {list.isFetchNextPageError && items.length > 0 && (
        <Failed error={list.error} onRetry={() => void fetchNextPage()} />
      )}
    </div>
  );
}
