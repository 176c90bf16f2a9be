import { HandCoins, Inbox, ScanLine, SearchX, Users } from 'lucide-react';
import { useLocation } from 'wouter';
import type { RequestSide, RequestStatus } from '../../api/requests';
import { useT } from '../../i18n';
import { useRawSearch } from '../../lib/search';
import { ButtonLink } from '../../ui/Button';
import { SelectField } from '../../ui/Field';
import { PageTitle } from '../../ui/Page';
import { PagedList } from '../../ui/PagedList';
import { Segments } from '../../ui/Segments';
import { Empty } from '../../ui/States';
import { RequestRow } from './RequestRow';
import { RequestSettings } from './RequestSettings';
import { useRequests, useWaiting } from './useRequests';

const kStatuses = ['open', 'partly_paid', 'paid', 'declined', 'cancelled', 'expired'] as const;

function List({ side, status }: { side: RequestSide; status: RequestStatus | null }) {
  const t = useT();
  const requests = useRequests(side, status);
  return (
    <PagedList
      label={t(`requests.${side}`)}
      of={requests}
      rows={4}
      empty={
        status ? (
          <Empty icon={SearchX} title={t('requests.noneOf')} />
        ) : (
          <Empty icon={Inbox} title={t(`requests.none_${side}`)}>
            {t(`requests.noneBody_${side}`)}
          </Empty>
        )
      }
    >
      {(request) => <RequestRow request={request} side={side} />}
    </PagedList>
  );
}

export function RequestsPage() {
  const t = useT();
  const [, navigate] = useLocation();
  const waiting = useWaiting().data?.length ?? 0;
  // The list lives in the address, so that Back from a request finds it again.
  const params = new URLSearchParams(useRawSearch());
  const side: RequestSide = params.get('side') === 'sent' ? 'sent' : 'received';
  const status = kStatuses.find((each) => each === params.get('status')) ?? null;
  const show = (nextSide: RequestSide, nextStatus: string | null) => {
    const next = new URLSearchParams();
    if (nextSide === 'sent') next.set('side', nextSide);
    if (nextStatus) next.set('status', nextStatus);
    navigate(next.size > 0 ? `/requests?${next.toString()}` : '/requests', { replace: true });
  };
  return (
    <div className="stack-l requests">
      <PageTitle
        aside={
          <ButtonLink href="/scan" small>
            <ScanLine size={16} aria-hidden="true" />
            {t('scan.open')}
          </ButtonLink>
        }
      >
        {t('requests.title')}
      </PageTitle>
      <ButtonLink href="/requests/new" look="primary" block>
        <HandCoins size={18} aria-hidden="true" />
        {t('requests.ask')}
      </ButtonLink>
      <ButtonLink href="/splits" look="outline" block>
        <Users size={18} aria-hidden="true" />
        {t('requests.splits')}
      </ButtonLink>
      <section className="stack" aria-label={t('requests.title')}>
        <div className="row-wrap between">
          <Segments
            label={t('requests.which')}
            value={side}
            options={[
              {
                value: 'received',
                label:
                  waiting > 0 ? t('requests.receivedWaiting', { waiting }) : t('requests.received'),
              },
              { value: 'sent', label: t('requests.sent') },
            ]}
            onChange={(next) => show(next, status)}
          />
          <SelectField
            label={t('requests.status')}
            labelHidden
            className="request-status"
            value={status ?? ''}
            onChange={(event) => show(side, event.target.value)}
          >
            <option value="">{t('requests.allStatuses')}</option>
            {kStatuses.map((each) => (
              <option key={each} value={each}>
                {t(`requests.status_${each}`)}
              </option>
            ))}
          </SelectField>
        </div>
        <List key={`${side} ${status}`} side={side} status={status} />
      </section>
      <RequestSettings />
    </div>
  );
}
