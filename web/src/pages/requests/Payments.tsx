import { listRequestPayments } from '../../api/requests';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { flatten } from '../../lib/feed';
import { usePages } from '../../lib/usePages';
import { EntryRow } from '../../ui/EntryRow';
import { More } from '../../ui/More';
import { Failed, ListSkeleton } from '../../ui/States';
import { kRequestsKey } from './useRequests';

/** Who has paid a request that may be paid many times, newest first. */
export function Payments({ me, id }: { me: User; id: string }) {
  const t = useT();
  const payments = usePages([...kRequestsKey, 'payments', me.id, id], (cursor) =>
    listRequestPayments(id, cursor),
  );
  const items = flatten(payments.data);
  return (
    <section aria-labelledby="request-payments">
      <div className="section-head">
        <h2 id="request-payments">{t('requests.payments')}</h2>
      </div>
      {payments.isPending ? (
        <ListSkeleton rows={2} />
      ) : payments.isError && items.length === 0 ? (
        <Failed error={payments.error} onRetry={() => void payments.refetch()} />
      ) : (
        <ul className="list card card-flush">
          {items.map((entry) => (
            <li key={entry.id}>
              <EntryRow entry={entry} time="short" />
            </li>
          ))}
        </ul>
      )}
      <More of={payments} />
    </section>
  );
}
