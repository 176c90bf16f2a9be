import type { Schemas } from '../api/json';
import { useLocale, useT } from '../i18n';
import { date, dateTime, timeZone } from '../lib/dates';
import { PersonFact } from '../ui/Person';
import { Row } from '../ui/Rows';
import { sayRule } from './rule';

/** Who is paid, when, and until when. */
export function ScheduleFacts({ schedule }: { schedule: Schemas['ScheduleDetails'] }) {
  const t = useT();
  const locale = useLocale();
  const { next, count, endsOn } = schedule;
  return (
    <dl className="rows">
      <Row name={t('receipt.to')}>
        <PersonFact person={schedule.receiver} />
      </Row>
      <Row name={t('schedules.when')}>{sayRule(schedule, t, locale)}</Row>
      {next && schedule.status === 'active' && (
        <Row name={t('schedules.next')}>{dateTime(next.dueAt, locale)}</Row>
      )}
      {(count !== null || endsOn !== null) && (
        <Row name={t('schedules.ends')}>
          {endsOn !== null
            ? date(`${endsOn}T12:00:00`, locale)
            : t('schedules.times', { count: count ?? 0 })}
        </Row>
      )}
      {schedule.timeZone !== timeZone() && (
        <Row name={t('schedules.zone')} dir="ltr">
          {schedule.timeZone}
        </Row>
      )}
      {schedule.note && (
        <Row name={t('receipt.note')}>
          <bdi>{schedule.note}</bdi>
        </Row>
      )}
      {schedule.endReason && schedule.endReason !== 'payer' && (
        <Row name={t('receipt.status')}>{t(`schedules.end_${schedule.endReason}`)}</Row>
      )}
    </dl>
  );
}
