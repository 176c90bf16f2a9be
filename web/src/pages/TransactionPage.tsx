import { Suspense, lazy, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, Copy, Repeat, RotateCcw, Users } from 'lucide-react';
import { Link } from 'wouter';
import { getTransaction } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { TransactionDetail, User } from '../api/types';
import { useT } from '../i18n';
import { toWire } from '../money/money';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Button, ButtonLink } from '../ui/Button';
import { Money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { BlockSkeleton, Failed } from '../ui/States';
import { copyAndSay } from '../ui/copied';
import { PersonFact } from '../ui/Person';
import { Row } from '../ui/Rows';
import { NotFoundPage } from './NotFoundPage';
import { ReceiptActions } from './ReceiptActions';
import { ReceiptRows } from './ReceiptRows';
import '../styles/receipt.css';

const RefundDialog = lazy(() => import('./RefundDialog'));

/** What leads to an entry and is come back to. */
const kLists = /^\/($|activity$|console(\/|$)|(requests|schedules|mandates|holds)\/)/;

function Side({ person }: { person: TransactionDetail['sender'] }) {
  const t = useT();
  return person ? <PersonFact person={person} /> : <>{t('kind.system')}</>;
}

export default function TransactionPage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const [refunding, setRefunding] = useState(false);
  const query = useQuery({ queryKey: ['transaction', id], queryFn: () => getTransaction(id) });

  if (query.isPending) return <BlockSkeleton />;
  if (query.isLoadingError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const transaction = query.data;
  const incoming = transaction.receiverId === me.id;
  const outgoing = transaction.senderId === me.id;
  const other = incoming ? transaction.sender : transaction.receiver;
  const asOperator = (me.role === 'operator' || me.role === 'treasury') && !incoming && !outgoing;
  const refundable = transaction.refundable > 0n && (incoming || asOperator);

  return (
    <div className="stack receipt">
      <div className="row no-print">
        <BackLink
          from={kLists}
          fallback={me.role === 'user' ? '/activity' : '/console/transactions'}
        />
        <PageTitle>{t('receipt.title')}</PageTitle>
      </div>
      <article className="card stack receipt-card">
        <header className="receipt-head">
          {other ? <Avatar name={other.displayName} seed={other.id} size="l" /> : null}
          <p className="receipt-amount fits">
            <Money
              fit
              amount={outgoing ? -transaction.amount : transaction.amount}
              currency={transaction.currency}
              sign={incoming || outgoing ? 'always' : 'auto'}
              className={incoming ? 'money-in' : ''}
            />
          </p>
          <p className="row-wrap receipt-badges">
            <span className="badge badge-ok">{t('receipt.completed')}</span>
            <span className="badge">{t(`kind.${transaction.kind}`)}</span>
            {transaction.refunded > 0n && (
              <span className="badge badge-warn">
                {t(transaction.refundable > 0n ? 'refund.partly' : 'refund.whole')}
              </span>
            )}
          </p>
        </header>
        <ReceiptRows
          transaction={transaction}
          from={<Side person={transaction.sender} />}
          to={<Side person={transaction.receiver} />}
        >
          {transaction.refunded > 0n && (
            <Row name={t('refund.given')}>
              <Money amount={transaction.refunded} currency={transaction.currency} />
            </Row>
          )}
          {transaction.requestId && (incoming || outgoing) && (
            <Row name={t('requests.one')}>
              <Link href={`/requests/${transaction.requestId}`}>{t('requests.show')}</Link>
            </Row>
          )}
          {transaction.holdId && (incoming || outgoing) && (
            <Row name={t('holds.one')}>
              <Link href={`/holds/${transaction.holdId}`}>{t('holds.show')}</Link>
            </Row>
          )}
          {transaction.drawId && (incoming || outgoing) && (
            <Row name={t('nav.mandate')}>
              <Link href={`/mandates/draws/${transaction.drawId}`}>{t('nav.showMandate')}</Link>
            </Row>
          )}
          {transaction.refundOf && (
            <Row name={t('receipt.refundOf')}>
              <Link href={`/activity/${transaction.refundOf}`}>{t('receipt.original')}</Link>
            </Row>
          )}
        </ReceiptRows>
        <ReceiptActions
          transaction={transaction}
          sender={transaction.sender}
          receiver={transaction.receiver}
        />
      </article>
      <div className="row-wrap no-print">
        {outgoing && other && transaction.kind === 'transfer' && (
          <ButtonLink
            look="outline"
            href={`/send?to=${other.id}&amount=${toWire(transaction.amount)}`}
          >
            <Repeat size={18} aria-hidden="true" />
            {t('receipt.again')}
          </ButtonLink>
        )}
        {outgoing && (transaction.kind === 'transfer' || transaction.kind === 'capture') && (
          <ButtonLink
            look="outline"
            href={`/splits/new?payment=${transaction.id}&amount=${toWire(transaction.amount)}`}
          >
            <Users size={18} aria-hidden="true" />
            {t('requests.splitThis')}
          </ButtonLink>
        )}
        {refundable && (
          <Button look="outline" onClick={() => setRefunding(true)}>
            <RotateCcw size={18} aria-hidden="true" />
            {t('refund.open')}
          </Button>
        )}
        <Button look="quiet" onClick={() => void copyAndSay(transaction.id)}>
          <Copy size={18} aria-hidden="true" />
          {t('receipt.copyReference')}
        </Button>
      </div>
      {!incoming && !outgoing && <Notice icon={CircleAlert}>{t('receipt.asOperator')}</Notice>}
      {refunding && (
        <Suspense fallback={null}>
          <RefundDialog
            transaction={transaction}
            asOperator={asOperator}
            onClose={() => setRefunding(false)}
          />
        </Suspense>
      )}
    </div>
  );
}
