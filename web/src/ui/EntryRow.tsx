import { memo } from 'react';
import { ArrowDownLeft, ArrowUpRight, Landmark, RotateCcw } from 'lucide-react';
import { Link } from 'wouter';
import type { HistoryItem } from '../api/types';
import { dateTime, shortTime, timeOfDay } from '../lib/dates';
import { useLocale, useT } from '../i18n';
import { fresh } from '../live/useLiveEntries';
import { Avatar } from './Avatar';
import { Money } from './Money';

const kTimes = { time: timeOfDay, short: shortTime, full: dateTime };

export const EntryRow = memo(function EntryRow({
  entry,
  time = 'time',
}: {
  entry: HistoryItem;
  /** `time` under a heading of the day, `short` in a mixed list, `full` in a record. */
  time?: keyof typeof kTimes;
}) {
  const t = useT();
  const locale = useLocale();
  const incoming = entry.direction === 'in';
  const who = entry.counterparty;
  const kind = entry.kind === 'transfer' ? null : t(`kind.${entry.kind}`);
  const Icon = entry.kind === 'refund' ? RotateCcw : incoming ? ArrowDownLeft : ArrowUpRight;
  return (
    <Link
      href={`/activity/${entry.id}`}
      className={`item entry${fresh.has(entry.id) ? ' item-fresh' : ''}`}
    >
      {who ? (
        <Avatar name={who.displayName} seed={who.id} />
      ) : (
        <span className="avatar" aria-hidden="true">
          <Landmark size={20} />
        </span>
      )}
      <span className="grow">
        <span className="item-title entry-name" dir="auto">
          {who?.displayName ?? t('kind.system')}
        </span>
        <span className="item-sub entry-sub">
          <Icon size={14} aria-hidden="true" className="flip" />
          <span className="sr-only">{t(incoming ? 'direction.in' : 'direction.out')}</span>
          <span className="part when">{kTimes[time](entry.createdAt, locale)}</span>
          {kind && <span className="part">{kind}</span>}
          {entry.refunded > 0n && (
            <span className="part">
              {t(entry.refundable > 0n ? 'refund.partly' : 'refund.whole')}
            </span>
          )}
          {entry.note && (
            <span className="part truncate" dir="auto">
              {entry.note}
            </span>
          )}
        </span>
      </span>
      <span className="item-end">
        <Money
          amount={incoming ? entry.amount : -entry.amount}
          currency={entry.currency}
          sign="always"
          bare
          className={incoming ? 'money-in entry-amount' : 'entry-amount'}
        />
      </span>
    </Link>
  );
});
