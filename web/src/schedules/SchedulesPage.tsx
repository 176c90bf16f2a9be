import { CalendarClock, SendHorizontal } from 'lucide-react';
import { Link } from 'wouter';
import { listSchedules } from '../api/endpoints';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { usePages } from '../lib/usePages';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { ButtonLink } from '../ui/Button';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { PagedList } from '../ui/PagedList';
import { Empty } from '../ui/States';
import { sayRule, type Schedule } from './rule';
import { ScheduleBadge } from './StateBadge';
import { kSchedulesKey } from './queries';
import '../styles/schedules.css';

function Row({ schedule }: { schedule: Schedule }) {
  const t = useT();
  const locale = useLocale();
  const { receiver, next, waiting } = schedule;
  return (
    <Link href={`/schedules/${schedule.id}`} className="item schedule-item">
      <Avatar name={receiver.displayName} seed={receiver.id} />
      <span className="grow">
        <span className="item-title entry-name" dir="auto">
          {receiver.displayName}
        </span>
        <span className="item-sub">{sayRule(schedule, t, locale)}</span>
        <span className="item-sub">
          {waiting?.reason
            ? t('schedules.waits')
            : next && schedule.status === 'active'
              ? t('schedules.nextAt', { time: dateTime(next.dueAt, locale) })
              : null}
        </span>
      </span>
      <span className="item-end">
        <Money amount={schedule.amount} currency={schedule.currency} />
        {waiting?.reason ? (
          <span className="badge badge-warn">{t('schedules.occurrence_waiting')}</span>
        ) : (
          <ScheduleBadge status={schedule.status} />
        )}
      </span>
    </Link>
  );
}

/** What the person has planned to pay. */
export function SchedulesPage() {
  const t = useT();
  const schedules = usePages(kSchedulesKey, listSchedules);
  return (
    <div className="stack schedules">
      <div className="row">
        <BackLink from={/^\/(send|activity|settings)$/} fallback="/" />
        <PageTitle>{t('schedules.title')}</PageTitle>
      </div>
      <PagedList
        label={t('schedules.title')}
        of={schedules}
        empty={
          <Empty
            icon={CalendarClock}
            title={t('schedules.none')}
            action={
              <ButtonLink href="/send" look="primary">
                <SendHorizontal size={18} aria-hidden="true" className="flip" />
                {t('nav.send')}
              </ButtonLink>
            }
          >
            {t('schedules.noneBody')}
          </Empty>
        }
      >
        {(schedule) => <Row schedule={schedule} />}
      </PagedList>
    </div>
  );
}
