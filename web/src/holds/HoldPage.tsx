import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import type { User } from '../api/types';
import { isStatus } from '../api/error';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { formatMoney } from '../money/money';
import { NotFoundPage } from '../pages/NotFoundPage';
import { AmountHead } from '../ui/AmountHead';
import { BackLink } from '../ui/BackLink';
import { Money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { PersonFact } from '../ui/Person';
import { Row } from '../ui/Rows';
import { BlockSkeleton, Failed } from '../ui/States';
import { getHold, type Hold } from './api';
import { HoldActions } from './HoldActions';
import { HoldBadge } from './HoldBadge';
import { kHoldsKey } from './queries';

function Facts({ hold, mine }: { hold: Hold; mine: boolean }) {
  const t = useT();
  const locale = useLocale();
  const money = (amount: bigint) => <Money amount={amount} currency={hold.currency} />;
  return (
    <dl className="rows">
      <Row name={t(mine ? 'holds.for' : 'holds.from')}>
        <PersonFact person={mine ? hold.payee : hold.payer} />
      </Row>
      {hold.captured > 0n && <Row name={t('holds.taken')}>{money(hold.captured)}</Row>}
      {hold.status === 'open' && hold.captured > 0n && (
        <Row name={t('holds.left')}>{money(hold.remaining)}</Row>
      )}
      <Row name={t(hold.endedAt === null ? 'holds.ends' : 'holds.ended')}>
        {dateTime(hold.endedAt ?? hold.expiresAt, locale)}
      </Row>
      {hold.note && (
        <Row name={t('receipt.note')}>
          <bdi>{hold.note}</bdi>
        </Row>
      )}
    </dl>
  );
}

/** One hold: how much of it is taken and left, until when, and what its payee can do. */
export function HoldPage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const locale = useLocale();
  const query = useQuery({ queryKey: [...kHoldsKey, 'one', id], queryFn: () => getHold(id) });
  if (query.isPending) return <BlockSkeleton />;
  if (query.isLoadingError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const hold = query.data;
  const mine = hold.payer.id === me.id;
  const other = mine ? hold.payee : hold.payer;
  return (
    <div className="stack holds">
      <div className="row">
        <BackLink from={/^\/(holds|activity\/[\da-f-]+)$/} fallback="/holds" />
        <PageTitle>{t('holds.one')}</PageTitle>
      </div>
      <section className="card stack" aria-label={t('holds.one')}>
        <AmountHead person={other} amount={hold.amount} currency={hold.currency}>
          <HoldBadge status={hold.status} />
        </AmountHead>
        <Facts hold={hold} mine={mine} />
      </section>
      {hold.status === 'open' && (
        <Notice icon={Lock}>
          {t(mine ? 'holds.payerBody' : 'holds.payeeBody', {
            name: hold.payee.displayName,
            left: formatMoney(hold.remaining, hold.currency, locale),
            time: dateTime(hold.expiresAt, locale),
          })}
        </Notice>
      )}
      {hold.status === 'open' && hold.payee.id === me.id && <HoldActions hold={hold} />}
    </div>
  );
}
