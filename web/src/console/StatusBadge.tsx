import type { UserStatus } from '../api/types';
import { useT } from '../i18n';

const kTone = { active: 'badge-ok', frozen: 'badge-warn', closed: 'badge-danger' } as const;

export function StatusBadge({ status }: { status: UserStatus }) {
  const t = useT();
  return <span className={`badge ${kTone[status]}`}>{t(`status.${status}`)}</span>;
}
