import { useState } from 'react';
import { FileSignature } from 'lucide-react';
import { Link } from 'wouter';
import { listMandates, type Mandate, type Role } from '../api/mandates';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { formatMoney } from '../money/money';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { ButtonLink } from '../ui/Button';
import { PageTitle } from '../ui/Page';
import { PagedList } from '../ui/PagedList';
import { Segments } from '../ui/Segments';
import { Empty } from '../ui/States';
import { MandateBadge } from './Badges';
import { kMandatesKey } from './queries';
import { useSay } from './useSay';

function MandateRow({ mandate, role }: { mandate: Mandate; role: Role }) {
  const t = useT();
  const locale = useLocale();
  const say = useSay();
  const other = role === 'payer' ? mandate.payee : mandate.payer;
  const { next } = mandate;
  return (
    <Link href={`/mandates/${mandate.id}`} className="item schedule-item">
      <Avatar name={other.displayName} seed={other.id} />
      <span className="grow">
        <span className="item-title entry-name" dir="auto">
          {other.displayName}
        </span>
        <span className="item-sub">{say.limits(mandate, role === 'payee')}</span>
        {next && (
          <span className="item-sub">
            {t('mandates.nextAt', {
              amount: formatMoney(next.amount, mandate.currency, locale),
              time: dateTime(next.dueAt, locale),
            })}
          </span>
        )}
      </span>
      <span className="item-end">
        <MandateBadge status={mandate.status} />
      </span>
    </Link>
  );
}

/** Who may draw from the person, and from whom the person may. */
export function MandatesPage() {
  const t = useT();
  const opened = new URLSearchParams(useRawSearch()).get('side');
  const [role, setRole] = useState<Role>(opened === 'payee' ? 'payee' : 'payer');
  const mandates = usePages([...kMandatesKey, 'list', role], (cursor) =>
    listMandates(role, cursor),
  );
  return (
    <div className="stack schedules">
      <div className="row">
        <BackLink from={/^\/(send|receive|activity|notifications)$/} fallback="/" />
        <PageTitle>{t('nav.mandates')}</PageTitle>
      </div>
      <Segments
        label={t('mandates.side')}
        value={role}
        options={[
          { value: 'payer', label: t('mandates.side_payer') },
          { value: 'payee', label: t('mandates.side_payee') },
        ]}
        onChange={setRole}
      />
      {role === 'payee' && (
        <ButtonLink href="/mandates/new" look="primary" block>
          <FileSignature size={18} aria-hidden="true" />
          {t('mandates.propose')}
        </ButtonLink>
      )}
      <PagedList
        label={t('nav.mandates')}
        of={mandates}
        rows={3}
        empty={
          <Empty icon={FileSignature} title={t(`mandates.none_${role}`)}>
            {t(`mandates.noneBody_${role}`)}
          </Empty>
        }
      >
        {(mandate) => <MandateRow mandate={mandate} role={role} />}
      </PagedList>
    </div>
  );
}
