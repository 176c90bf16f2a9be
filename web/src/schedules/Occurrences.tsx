import { Link } from 'wouter';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import type { Occurrence } from './rule';
import { OccurrenceBadge } from './StateBadge';
import { useReason } from './useReason';

/** The days to come. */
export function Planned({ planned }: { planned: { number: number; dueAt: string }[] }) {
  const t = useT();
  const locale = useLocale();
  return (
    <section aria-labelledby="planned">
      <div className="section-head">
        <h2 id="planned">{t('schedules.planned')}</h2>
      </div>
      <ol className="card card-flush list">
        {planned.map(({ number, dueAt }) => (
          <li key={number} className="item">
            {dateTime(dueAt, locale)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function PastRow({ occurrence, receiver }: { occurrence: Occurrence; receiver: string }) {
  const t = useT();
  const locale = useLocale();
  const say = useReason(receiver);
  const { transactionId } = occurrence;
  const body = (
    <>
      <span className="grow">
        <span className="item-title">{dateTime(occurrence.dueAt, locale)}</span>
        {(occurrence.reason ?? occurrence.late) && (
          <span className="item-sub">
            {occurrence.reason ? say(occurrence.reason) : t('schedules.late')}
          </span>
        )}
      </span>
      <OccurrenceBadge status={occurrence.status} />
    </>
  );
  return transactionId ? (
    <Link href={`/activity/${transactionId}`} className="item">
      {body}
    </Link>
  ) : (
    <div className="item">{body}</div>
  );
}

/** What has become of the days that were. */
export function Past({ occurrences, receiver }: { occurrences: Occurrence[]; receiver: string }) {
  const t = useT();
  return (
    <section aria-labelledby="past">
      <div className="section-head">
        <h2 id="past">{t('schedules.past')}</h2>
      </div>
      <ul className="card card-flush list">
        {occurrences.map((occurrence) => (
          <li key={occurrence.number}>
            <PastRow occurrence={occurrence} receiver={receiver} />
          </li>
        ))}
      </ul>
    </section>
  );
}
