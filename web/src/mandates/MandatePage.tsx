import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { isStatus } from '../api/error';
import { getDraw, getMandate, type MandateDetails } from '../api/mandates';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { date, timeZone } from '../lib/dates';
import { NotFoundPage } from '../pages/NotFoundPage';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { PersonFact } from '../ui/Person';
import { Row } from '../ui/Rows';
import { BlockSkeleton, Failed } from '../ui/States';
import { Actions } from './Actions';
import { MandateBadge } from './Badges';
import { Coming, Past } from './Draws';
import { drawKey, mandateKey } from './queries';
import { useSay } from './useSay';
import '../styles/receipt.css';

function Facts({ mandate }: { mandate: MandateDetails }) {
  const t = useT();
  const locale = useLocale();
  const { currency, leftThisMonth, expiresAt, endReason } = mandate;
  return (
    <dl className="rows">
      <Row name={t('receipt.from')}>
        <PersonFact person={mandate.payer} />
      </Row>
      <Row name={t('receipt.to')}>
        <PersonFact person={mandate.payee} />
      </Row>
      <Row name={t('mandates.each')}>
        <Money amount={mandate.perDraw} currency={currency} />
      </Row>
      <Row name={t('mandates.month')}>
        <Money amount={mandate.perMonth} currency={currency} />
      </Row>
      {leftThisMonth !== null && (
        <Row name={t('mandates.left')}>
          <Money amount={leftThisMonth} currency={currency} />
        </Row>
      )}
      {mandate.timeZone && mandate.timeZone !== timeZone() && (
        <Row name={t('mandates.zone')} dir="ltr">
          {mandate.timeZone}
        </Row>
      )}
      {expiresAt && <Row name={t('mandates.until')}>{date(expiresAt, locale)}</Row>}
      {mandate.note && (
        <Row name={t('receipt.note')}>
          <bdi>{mandate.note}</bdi>
        </Row>
      )}
      {endReason && mandate.status === 'cancelled' && (
        <Row name={t('receipt.status')}>{t(`mandates.end_${endReason}`)}</Row>
      )}
    </dl>
  );
}

/** One mandate: what it allows, what is to come, what was drawn, and what can be done about it. */
export function MandatePage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const say = useSay();
  const query = useQuery({ queryKey: mandateKey(id), queryFn: () => getMandate(id) });
  if (query.isPending) return <BlockSkeleton />;
  if (query.isLoadingError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const mandate = query.data;
  const draws = mandate.payee.id === me.id;
  const other = draws ? mandate.payer : mandate.payee;
  const past = mandate.draws.filter(({ status }) => status !== 'announced');
  return (
    <div className="stack schedules">
      <div className="row">
        <BackLink
          from={/^\/(mandates|notifications)$/}
          fallback={draws ? '/mandates?side=payee' : '/mandates'}
        />
        <PageTitle>{t('mandates.one')}</PageTitle>
      </div>
      <section className="card stack" aria-label={t('mandates.one')}>
        <header className="amount-head">
          <Avatar name={other.displayName} seed={other.id} size="l" />
          <p className="center">{say.limits(mandate, draws)}</p>
          <MandateBadge status={mandate.status} />
        </header>
        <Facts mandate={mandate} />
      </section>
      <Actions mandate={mandate} me={me} />
      {mandate.coming.length > 0 && <Coming mandate={mandate} me={me} />}
      {past.length > 0 && <Past draws={past} payee={mandate.payee.displayName} />}
    </div>
  );
}

/** From what a payment names to the mandate that it is of. */
export function DrawPage({ id }: { id: string }) {
  const query = useQuery({ queryKey: drawKey(id), queryFn: () => getDraw(id) });
  if (query.isPending) return <BlockSkeleton />;
  if (query.isLoadingError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Redirect to={`/mandates/${query.data.mandateId}`} replace />;
}
