import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { BellRing, Users } from 'lucide-react';
import { Link } from 'wouter';
import { isStatus } from '../api/error';
import { remindOfRequest } from '../api/requests';
import { cancelSplit, getSplit, type SplitDetails } from '../api/splits';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { formatMoney } from '../money/money';
import { CancelButton } from '../pages/requests/CancelButton';
import { RequestBadge } from '../pages/requests/RequestBadge';
import { kRequestsKey } from '../pages/requests/useRequests';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Button, ButtonLink } from '../ui/Button';
import { Money } from '../ui/Money';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { Row } from '../ui/Rows';
import { BlockSkeleton, Empty, Failed } from '../ui/States';
import { toast } from '../ui/toast';
import { keyOf, splitChanged } from './queries';

type Person = SplitDetails['people'][number];

function PersonRow({ person, onRemind }: { person: Person; onRemind: (person: Person) => void }) {
  const t = useT();
  const { request, extra } = person;
  const name = request.payer?.displayName ?? '';
  return (
    <div className="item">
      <Avatar name={name} seed={request.payer?.id ?? request.id} />
      <span className="grow">
        <Link href={`/requests/${request.id}`} className="item-title" dir="auto">
          {name}
        </Link>
        {extra && <span className="item-sub">{t('splits.extra')}</span>}
      </span>
      <span className="item-end request-end">
        {request.amount !== null && <Money amount={request.amount} currency={request.currency} />}
        <span className="request-badges">
          <RequestBadge request={request} />
        </span>
        {request.status === 'open' && (
          <Button
            small
            look="quiet"
            aria-label={t('splits.remindOne', { name })}
            onClick={() => onRemind(person)}
          >
            <BellRing size={16} aria-hidden="true" />
            {t('requests.remind')}
          </Button>
        )}
      </span>
    </div>
  );
}

function Facts({ split }: { split: SplitDetails }) {
  const t = useT();
  const locale = useLocale();
  const { currency, own, payments, people } = split;
  const asked = split.amount - (own?.amount ?? 0n);
  // A bar needs no exact money.
  const permille = Number((payments.amount * 1000n) / asked);
  const inWords = t('splits.received', {
    amount: formatMoney(payments.amount, currency, locale),
    total: formatMoney(asked, currency, locale),
  });
  return (
    <section className="card stack" aria-label={t('splits.one')}>
      <p className="center review-amount fits">
        <Money fit amount={split.amount} currency={currency} />
      </p>
      {split.note && (
        <p className="center">
          <bdi>{split.note}</bdi>
        </p>
      )}
      <div className="stack-s">
        <progress className="split-progress" aria-label={inWords} max={1000} value={permille} />
        <p role="status" className="center">
          {inWords}
        </p>
      </div>
      <dl className="rows">
        <Row name={t('splits.whoPaid')}>
          {t('splits.paidOf', { paid: split.counts.paid, people: people.length })}
        </Row>
        {own && (
          <Row name={t('splits.own')}>
            <Money amount={own.amount} currency={currency} />
            {own.extra && <span className="muted small"> {t('splits.extra')}</span>}
          </Row>
        )}
        {payments.refunded > 0n && (
          <Row name={t('refund.given')}>
            <Money amount={payments.refunded} currency={currency} />
          </Row>
        )}
      </dl>
      {split.payment && (
        <ButtonLink href={`/activity/${split.payment}`} look="outline" block>
          {t('send.receipt')}
        </ButtonLink>
      )}
    </section>
  );
}

function Shown({ split }: { split: SplitDetails }) {
  const t = useT();
  const locale = useLocale();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const act = async (payee: string, run: () => Promise<string>) => {
    setProblem(undefined);
    setBusy(true);
    try {
      toast(<span>{await run()}</span>);
    } catch (error) {
      setProblem(explain(error, { t, locale, payee }));
    } finally {
      void queryClient.invalidateQueries({ queryKey: kRequestsKey });
      setBusy(false);
    }
  };
  const remind = ({ request }: Person) =>
    act(request.payer?.displayName ?? '', async () => {
      await remindOfRequest(request.id);
      return t('requests.reminded');
    });
  const cancel = () =>
    act('', async () => {
      splitChanged(await cancelSplit(split.id));
      return t('splits.cancelled');
    });

  return (
    <div className="stack-l requests">
      <div className="row">
        <BackLink from={/^\/(splits|requests)$/} fallback="/splits" />
        <PageTitle>{t('splits.one')}</PageTitle>
      </div>
      <Facts split={split} />
      <ul className="list card card-flush" aria-label={t('splits.people')}>
        {split.people.map((person) => (
          <li key={person.request.id}>
            <PersonRow person={person} onRemind={(each) => void remind(each)} />
          </li>
        ))}
      </ul>
      <Failure>{problem}</Failure>
      {split.counts.open > 0 && (
        <CancelButton
          label={t('splits.cancel')}
          title={t('splits.cancelTitle')}
          body={t('splits.cancelBody')}
          busy={busy}
          onCancel={() => void cancel()}
        />
      )}
    </div>
  );
}

export function SplitPage({ id }: { id: string }) {
  const t = useT();
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(id),
    queryFn: () => getSplit(id),
    staleTime: 0,
  });
  if (data) return <Shown split={data} />;
  if (isStatus(error, 404, 422))
    return (
      <div className="stack">
        <PageTitle>{t('splits.one')}</PageTitle>
        <Empty
          icon={Users}
          title={t('splits.unknown')}
          action={<ButtonLink href="/splits">{t('splits.title')}</ButtonLink>}
        />
      </div>
    );
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <BlockSkeleton />;
}
