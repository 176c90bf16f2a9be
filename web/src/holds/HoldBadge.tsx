import { useT } from '../i18n';
import type { Hold } from './api';

const kLook = { open: 'badge-warn', captured: 'badge-ok', released: '', expired: '' } as const;

export function HoldBadge({ status }: { status: Hold['status'] }) {
  const t = useT();
  return <span className={`badge ${kLook[status]}`}>{t(`holds.status_${status}`)}</span>;
}
