import { Bell, CalendarClock, Landmark, ShieldCheck } from 'lucide-react';
import { Link } from 'wouter';
import type { Notification } from '../api/notifications';
import { useLocale, useT } from '../i18n';
import { timeOfDay } from '../lib/dates';
import { Avatar } from '../ui/Avatar';
import { beside, isOfSafety, placeOf, sentenceOf } from './kinds';

function Picture({ notification }: { notification: Notification }) {
  const { person, scheduleId, transactionId } = notification;
  if (person) return <Avatar name={person.displayName} seed={person.id} />;
  const Icon = isOfSafety(notification)
    ? ShieldCheck
    : scheduleId
      ? CalendarClock
      : transactionId
        ? Landmark
        : Bell;
  return (
    <span className="avatar" aria-hidden="true">
      <Icon size={20} />
    </span>
  );
}

export function NotificationRow({ notification }: { notification: Notification }) {
  const t = useT();
  const locale = useLocale();
  const place = placeOf(notification);
  const more = beside(notification);
  const content = (
    <>
      <Picture notification={notification} />
      <span className="grow">
        <span className="item-title">{sentenceOf(notification, t, locale)}</span>
        <span className="item-sub entry-sub">
          <span className="part when">{timeOfDay(notification.happenedAt, locale)}</span>
          {more && (
            <span className="part truncate" dir="auto">
              {more}
            </span>
          )}
        </span>
      </span>
      {notification.unread && (
        <span className="unread-dot">
          <span className="sr-only">{t('notifications.unread')}</span>
        </span>
      )}
    </>
  );
  return place === null ? (
    <div className="item notification">{content}</div>
  ) : (
    <Link href={place} className="item notification">
      {content}
    </Link>
  );
}
