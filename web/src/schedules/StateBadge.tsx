import type { Schemas } from '../api/json';
import { useT } from '../i18n';
import type { Schedule } from './rule';

const kSchedule = {
  active: 'badge-ok',
  paused: 'badge-warn',
  cancelled: '',
  completed: '',
} as const;
const kOccurrence = {
  waiting: 'badge-warn',
  paid: 'badge-ok',
  failed: 'badge-danger',
  skipped: '',
} as const;

export function ScheduleBadge({ status }: { status: Schedule['status'] }) {
  const t = useT();
  return <span className={`badge ${kSchedule[status]}`}>{t(`schedules.status_${status}`)}</span>;
}

export function OccurrenceBadge({ status }: { status: Schemas['Occurrence']['status'] }) {
  const t = useT();
  return (
    <span className={`badge ${kOccurrence[status]}`}>{t(`schedules.occurrence_${status}`)}</span>
  );
}
