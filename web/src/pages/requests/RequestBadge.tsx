import type { RequestDetails, RequestStatus } from '../../api/requests';
import { useT } from '../../i18n';

const kTone: Record<RequestStatus, string> = {
  open: 'badge-warn',
  paid: 'badge-ok',
  partly_paid: 'badge-ok',
  declined: 'badge-danger',
  cancelled: '',
  expired: '',
};

/** What has become of a request; that its money was given back is said beside it. */
export function RequestBadge({ request }: { request: RequestDetails }) {
  const t = useT();
  const refunded = request.refunded ?? 0n;
  return (
    <>
      <span className={`badge ${kTone[request.status]}`}>
        {t(`requests.status_${request.status}`)}
      </span>
      {refunded > 0n && (
        <span className="badge badge-warn">
          {t(refunded === request.amount ? 'requests.refunded' : 'requests.partlyRefunded')}
        </span>
      )}
    </>
  );
}
