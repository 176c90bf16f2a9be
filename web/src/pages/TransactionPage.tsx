import { useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, CircleAlert, Copy, Repeat, RotateCcw } from 'lucide-react';
import { Link } from 'wouter';
import { getTransaction, refundTransfer } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { TransactionDetail, User } from '../api/types';
import { queryClient } from '../app/queries';
import { kMeKey } from '../app/me';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { explain } from '../lib/explain';
import { useDraft } from '../lib/useDraft';
import { forgetKey, stableKey } from '../lib/stableKey';
import { formatMoney, toWire } from '../money/money';
import { Avatar } from '../ui/Avatar';
import { Button, ButtonLink } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { BlockSkeleton, Failed } from '../ui/States';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { activityPath } from '../lib/activityPath';
import { NotFoundPage } from './NotFoundPage';
import { ReceiptActions } from './ReceiptActions';
import '../styles/receipt.css';

function RefundDialog({
  transaction,
  onClose,
}: {
  transaction: TransactionDetail;
  onClose: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const most = transaction.amount;
  const [text, setText, forgetText] = useDraft<string>(
    `refund.${transaction.id}`,
    amounts.text(most),
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = amounts.read(text);
    if (!parsed.ok) return setProblem(amounts.problem(parsed) ?? null);
    if (parsed.minor > most) return setProblem(t('refund.tooMuch'));
    const amount = parsed.minor;
    const scope = `refund.${transaction.id}`;
    setBusy(true);
    setProblem(null);
    try {
      await refundTransfer(transaction.id, amount, stableKey(scope, toWire(amount)));
      forgetKey(scope);
      forgetText();
      toast(
        <span>
          {t('refund.done', { amount: formatMoney(amount, transaction.currency, locale) })}
        </span>,
      );
      void queryClient.invalidateQueries({ queryKey: ['transaction', transaction.id] });
      void queryClient.invalidateQueries({ queryKey: ['history'] });
      void queryClient.invalidateQueries({ queryKey: kMeKey });
      onClose();
    } catch (error) {
      setProblem(explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t('refund.title')}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('refund.body', { name: transaction.sender?.displayName ?? '' })}</p>
        <TextField
          label={t('refund.amount', { currency: transaction.currency })}
          value={text}
          inputMode="decimal"
          dir="ltr"
          autoComplete="off"
          error={problem ?? undefined}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(null);
          }}
        />
        <div className="dialog-actions">
          <Button type="submit" look="primary" busy={busy}>
            {t('refund.submit')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Side({ person }: { person: TransactionDetail['sender'] }) {
  const t = useT();
  if (!person) return <>{t('kind.system')}</>;
  return (
    <>
      <bdi>{person.displayName}</bdi>
      <br />
      <span className="muted small" dir="ltr">
        @{person.username}
      </span>
    </>
  );
}

export default function TransactionPage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const locale = useLocale();
  const [refunding, setRefunding] = useState(false);
  const query = useQuery({ queryKey: ['transaction', id], queryFn: () => getTransaction(id) });

  if (query.isPending) return <BlockSkeleton />;
  if (query.isError) {
    if (isStatus(query.error, 404, 422)) return <NotFoundPage />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const transaction = query.data;
  const incoming = transaction.receiverId === me.id;
  const outgoing = transaction.senderId === me.id;
  const other = incoming ? transaction.sender : transaction.receiver;
  // What has been refunded already the API does not say; a refund of too much is refused with it.
  const refundable = incoming && transaction.kind === 'transfer';

  return (
    <div className="stack receipt">
      <div className="row no-print">
        <Link href={activityPath()} className="btn btn-icon" aria-label={t('action.back')}>
          <ArrowLeft size={20} aria-hidden="true" className="flip" />
        </Link>
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
          </p>
        </header>
        <dl className="rows">
          <div>
            <dt>{t('receipt.from')}</dt>
            <dd>
              <Side person={transaction.sender} />
            </dd>
          </div>
          <div>
            <dt>{t('receipt.to')}</dt>
            <dd>
              <Side person={transaction.receiver} />
            </dd>
          </div>
          <div>
            <dt>{t('receipt.date')}</dt>
            <dd>{dateTime(transaction.createdAt, locale)}</dd>
          </div>
          {transaction.note && (
            <div>
              <dt>{t('receipt.note')}</dt>
              <dd>
                <bdi>{transaction.note}</bdi>
              </dd>
            </div>
          )}
          {transaction.refundOf && (
            <div>
              <dt>{t('receipt.refundOf')}</dt>
              <dd>
                <Link href={`/activity/${transaction.refundOf}`}>{t('receipt.original')}</Link>
              </dd>
            </div>
          )}
          <div>
            <dt>{t('receipt.reference')}</dt>
            <dd className="mono" dir="ltr">
              {transaction.id}
            </dd>
          </div>
        </dl>
        <ReceiptActions transaction={transaction} payee={transaction.receiver?.displayName ?? ''} />
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
        {refundable && (
          <Button look="outline" onClick={() => setRefunding(true)}>
            <RotateCcw size={18} aria-hidden="true" />
            {t('refund.open')}
          </Button>
        )}
        <Button
          look="quiet"
          onClick={() => {
            void navigator.clipboard.writeText(transaction.id);
            toast(<span>{t('action.copied')}</span>);
          }}
        >
          <Copy size={18} aria-hidden="true" />
          {t('receipt.copyReference')}
        </Button>
      </div>
      {!incoming && !outgoing && (
        <p className="notice">
          <CircleAlert size={18} aria-hidden="true" />
          {t('receipt.asOperator')}
        </p>
      )}
      {refunding && <RefundDialog transaction={transaction} onClose={() => setRefunding(false)} />}
    </div>
  );
}
