import type { Draw, Mandate } from '../api/mandates';
import { useT } from '../i18n';

const kMandate = {
  proposed: 'badge-warn',
  active: 'badge-ok',
  declined: '',
  cancelled: '',
  expired: '',
} as const;
const kDraw = {
  announced: 'badge-warn',
  paid: 'badge-ok',
  failed: 'badge-danger',
  cancelled: '',
} as const;

export function MandateBadge({ status }: { status: Mandate['status'] }) {
  const t = useT();
  return <span className={`badge ${kMandate[status]}`}>{t(`mandates.status_${status}`)}</span>;
}

export function DrawBadge({ status }: { status: Draw['status'] }) {
  const t = useT();
  return <span className={`badge ${kDraw[status]}`}>{t(`mandates.draw_${status}`)}</span>;
}
