import { Link2 } from 'lucide-react';
import { Link } from 'wouter';
import type { RequestDetails, RequestSide } from '../../api/requests';
import { useLocale, useT } from '../../i18n';
import { shortTime } from '../../lib/dates';
import { Avatar } from '../../ui/Avatar';
import { Money } from '../../ui/Money';
import { RequestBadge } from './RequestBadge';
import '../../styles/requests.css';

/** A request in a list: of it the other side, what for, how much, and what has become of it. */
export function RequestRow({ request, side }: { request: RequestDetails; side: RequestSide }) {
  const t = useT();
  const locale = useLocale();
  const who = side === 'received' ? request.payee : request.payer;
  return (
    <Link href={`/requests/${request.id}`} className="item request">
      {who ? (
        <Avatar name={who.displayName} seed={who.id} />
      ) : (
        <span className="avatar" aria-hidden="true">
          <Link2 size={20} />
        </span>
      )}
      <span className="grow">
        <span className="item-title entry-name" dir="auto">
          {who?.displayName ?? t('requests.anyone')}
        </span>
        <span className="item-sub entry-sub">
          <span className="part when">{shortTime(request.createdAt, locale)}</span>
          {request.note && (
            <span className="part truncate" dir="auto">
              {request.note}
            </span>
          )}
        </span>
      </span>
      <span className="item-end request-end">
        {request.amount === null ? (
          <span>{t('requests.anyAmount')}</span>
        ) : (
          <Money amount={request.amount} currency={request.currency} />
        )}
        <span className="request-badges">
          <RequestBadge request={request} />
        </span>
      </span>
    </Link>
  );
}
