import { useQuery } from '@tanstack/react-query';
import { Hourglass } from 'lucide-react';
import { getSchedule } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { Schemas } from '../api/json';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { NotFoundPage } from '../pages/NotFoundPage';
import { AmountHead } from '../ui/AmountHead';
import { BackLink } from '../ui/BackLink';
import { Notice } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { BlockSkeleton, Failed } from '../ui/States';
import { Past, Planned } from './Occurrences';
import { scheduleKey } from './queries';
import { ScheduleActions } from './ScheduleActions';
import { ScheduleFacts } from './ScheduleFacts';
import { ScheduleBadge } from './StateBadge';
import { useReason } from './useReason';
import '../styles/schedules.css';

/** That the payment which was due is still being tried. */
function Waiting({ schedule }: { schedule: Schemas['ScheduleDetails'] }) {
  const t = useT();
  const locale = useLocale();
  const say = useReason(schedule.receiver.displayName);
  const { waiting } = schedule;
  if (!waiting?.reason) return null;
  return (
    <Notice tone="warn" icon={Hourglass}>
      {say(waiting.reason)}{' '}
      {waiting.nextTryAt &&
        t('schedules.triedAgain', { time: dateTime(waiting.nextTryAt, locale) })}
    </Notice>
  );
}

/** One plan: what is to come of it, what has become of it, and what can be done about it. */
export function SchedulePage({ id }: { id: string }) {
  const t = useT();
  const query = useQuery({ queryKey: scheduleKey(id), queryFn: () => getSchedule(id) });
  if (query.isPending) return <BlockSkeleton />;
  if (query.isLoadingError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const schedule = query.data;
  const { receiver, planned, occurrences } = schedule;
  return (
    <div className="stack schedules">
      <div className="row">
        <BackLink from={/^\/schedules$/} fallback="/schedules" />
        <PageTitle>{t('schedules.one')}</PageTitle>
      </div>
      <section className="card stack" aria-label={t('schedules.one')}>
        <AmountHead person={receiver} amount={schedule.amount} currency={schedule.currency}>
          <ScheduleBadge status={schedule.status} />
        </AmountHead>
        <ScheduleFacts schedule={schedule} />
      </section>
      <Waiting schedule={schedule} />
      <ScheduleActions schedule={schedule} />
      {planned.length > 1 && <Planned planned={planned} />}
      {occurrences.length > 0 && <Past occurrences={occurrences} receiver={receiver.displayName} />}
    </div>
  );
}
