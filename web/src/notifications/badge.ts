import type { Translate } from '../i18n';

const kMostShown = 99;

/** The number on the bell; null for none. */
export function badgeOf(unread: number | undefined, locale: string): string | null {
  if (!unread) return null;
  const number = new Intl.NumberFormat(locale).format(Math.min(unread, kMostShown));
  return unread > kMostShown ? `${number}+` : number;
}

/** What the bell is called, which says how much is unread. */
export function bellName(unread: number | undefined, t: Translate): string {
  if (!unread) return t('nav.notifications');
  return unread > kMostShown
    ? t('nav.unreadMost', { most: kMostShown })
    : t('nav.unread', { count: unread });
}
