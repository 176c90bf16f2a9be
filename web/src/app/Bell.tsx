import { Bell as BellIcon } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { useLocale, useT } from '../i18n';
import { badgeOf, bellName } from '../notifications/badge';
import { useUnread } from '../notifications/queries';

/** Leads to the notifications and says how many are unread; its number moves nothing when it comes. */
export function Bell({ named = false }: { named?: boolean }) {
  const t = useT();
  const locale = useLocale();
  const [path] = useLocation();
  const unread = useUnread();
  const badge = badgeOf(unread, locale);
  return (
    <Link
      href="/notifications"
      className={named ? '' : 'me-button bell'}
      aria-label={bellName(unread, t)}
      aria-current={path === '/notifications' ? 'page' : undefined}
    >
      <BellIcon size={named ? 22 : 24} aria-hidden="true" />
      {named && <span>{t('nav.notifications')}</span>}
      {badge && (
        <span className="bell-count" dir="ltr" aria-hidden="true">
          {badge}
        </span>
      )}
    </Link>
  );
}
