import { Lock } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { PagedList } from '../ui/PagedList';
import { Segments } from '../ui/Segments';
import { Empty } from '../ui/States';
import { listHolds, type Hold, type HoldSide } from './api';
import { HoldBadge } from './HoldBadge';
import { kHoldsKey } from './queries';

function Row({ hold, side }: { hold: Hold; side: HoldSide }) {
  const t = useT();
  const locale = useLocale();
  const other = side === 'sent' ? hold.payee : hold.payer;
  return (
    <Link href={`/holds/${hold.id}`} className="item">
      <Avatar name={other.displayName} seed={other.id} />
      <span className="grow">
        <span className="item-title entry-name" dir="auto">
          {other.displayName}
        </span>
        <span className="item-sub hold-until">
          {hold.status === 'open' && t('holds.until', { time: dateTime(hold.expiresAt, locale) })}
        </span>
      </span>
      <span className="item-end hold-end">
        <Money
          amount={hold.status === 'open' ? hold.remaining : hold.amount}
          currency={hold.currency}
        />
        <HoldBadge status={hold.status} />
      </span>
    </Link>
  );
}

/** What the person has set aside for others, and what is held for them. */
export function HoldsPage() {
  const t = useT();
  const [, navigate] = useLocation();
  // The side lives in the address, so that Back from a hold finds it again.
  const side: HoldSide =
    new URLSearchParams(useRawSearch()).get('side') === 'received' ? 'received' : 'sent';
  const holds = usePages([...kHoldsKey, side], (cursor) => listHolds(side, cursor));
  return (
    <div className="stack holds">
      <div className="row">
        <BackLink from={/^\/(send|receive|activity|settings)?$/} fallback="/" />
        <PageTitle>{t('nav.holds')}</PageTitle>
      </div>
      <Segments
        label={t('nav.holds')}
        value={side}
        options={[
          { value: 'sent', label: t('holds.sent') },
          { value: 'received', label: t('holds.received') },
        ]}
        onChange={(next) =>
          navigate(next === 'received' ? '/holds?side=received' : '/holds', { replace: true })
        }
      />
      <PagedList
        label={t(`holds.${side}`)}
        of={holds}
        empty={
          <Empty icon={Lock} title={t(side === 'sent' ? 'holds.noneSent' : 'holds.noneReceived')}>
            {t(side === 'sent' ? 'holds.noneSentBody' : 'holds.noneReceivedBody')}
          </Empty>
        }
      >
        {(hold) => <Row hold={hold} side={side} />}
      </PagedList>
    </div>
  );
}
