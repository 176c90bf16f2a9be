import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, SendHorizontal, Snowflake, UserRoundPlus } from 'lucide-react';
import { listHistory } from '../../api/endpoints';
import { endOf, isOpen } from '../../api/open';
import { type RequestDetails } from '../../api/requests';
import type { User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { dateTime } from '../../lib/dates';
import { readJson, tab, writeJson } from '../../lib/store';
import { digitsOf } from '../../money/currency';
import { formatMoney, toMinor, toWire } from '../../money/money';
import { revise, type Intent } from '../../pay/intent';
import { payIntent, useProgress } from '../../pay/pay';
import { AmountField } from '../../ui/AmountField';
import { BackLink } from '../../ui/BackLink';
import { Button, ButtonLink } from '../../ui/Button';
import { ContactSupport } from '../../ui/ContactSupport';
import { Notice } from '../../ui/Notice';
import { PageTitle } from '../../ui/Page';
import { Row } from '../../ui/Rows';
import { useAmounts } from '../../ui/useAmounts';
import { DoneStep } from '../send/DoneStep';
import { PayeeWarnings } from '../send/PayeeWarnings';
import { PaymentTrouble } from '../send/PaymentTrouble';
import { ReviewCard } from '../send/ReviewCard';
import { useFoundUser } from '../send/useFoundUser';
import { useSendable } from '../send/useSendable';
import { StepShown } from '../send/useStepStart';
import '../../styles/send.css';
import { Decline } from './Decline';
import { RequestBadge } from './RequestBadge';
import { kLeadsHere } from './useRequests';

/** The payment of a request, kept in this tab: a reload pays it with the same key. */
function useIntent(me: User, request: RequestDetails) {
  const name = `instapay.draft.request.${request.id}`;
  const [intent, setIntent] = useState(() => {
    const saved = readJson(tab, name) as Intent | null;
    return saved?.userId === me.id ? saved : null;
  });
  const keep = (next: Intent | null) => {
    writeJson(tab, name, next);
    if (next) setIntent(next);
  };
  return [intent, keep] as const;
}

/** Whether the reader has never paid this person; undefined until it is known. */
function useFirstTime(me: User, payee: string): boolean | undefined {
  const filter = { counterparty: payee, direction: 'out' } as const;
  return useQuery({
    queryKey: ['history-filtered', me.id, 'any-to', payee],
    queryFn: async ({ signal }) =>
      (await listHistory(me.id, filter, null, 1, signal)).data.length === 0,
  }).data;
}

const Head = ({ title }: { title: string }) => (
  <div className="row">
    <BackLink from={kLeadsHere} fallback="/requests" />
    <PageTitle>{title}</PageTitle>
  </div>
);

/** One that is over: what has become of it, in plain words. */
function EndedRequest({ request, trouble }: { request: RequestDetails; trouble: ReactNode }) {
  const t = useT();
  const ended = endOf(request);
  return (
    <div className="stack-l requests">
      <Head title={t('requests.one')} />
      <ReviewCard
        payee={request.payee}
        amount={request.amount}
        currency={request.currency}
        note={request.note ?? ''}
        after={null}
        lead={<p className="muted">{t('requests.theyAsked')}</p>}
        below={
          <p className="row-wrap request-badges" role="status">
            <RequestBadge request={request} />
          </p>
        }
      />
      {ended && <p className="center">{t(`requests.ended_${ended}`)}</p>}
      <div role="alert" className="stack">
        {trouble}
      </div>
      {request.transactionId && (
        <ButtonLink href={`/activity/${request.transactionId}`} look="outline" block>
          {t('send.receipt')}
        </ButtonLink>
      )}
    </div>
  );
}

function OpenRequest({
  me,
  request,
  intent,
  keep,
  trouble,
  sending,
  unsure,
}: {
  me: User;
  request: RequestDetails;
  intent: Intent | null;
  keep: (intent: Intent) => void;
  trouble: ReactNode;
  sending: boolean;
  /** It was sent and not answered: then only the same can be sent again. */
  unsure: boolean;
}) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const [amountText, setAmountText] = useState('');
  const [problem, setProblem] = useState<string>();
  const sendable = useSendable(me);
  const payee = useFoundUser(request.payee.id);
  const firstTime = useFirstTime(me, request.payee.id);
  const fixed = request.amount !== null;
  const sent = (sending || unsure) && intent;
  const typed = amounts.read(amountText);
  const chosen = sent
    ? toMinor(sent.amount, digitsOf(sent.currency))
    : typed.ok
      ? typed.minor
      : null;
  const amount = request.amount ?? chosen;
  const frozen = me.status === 'frozen';
  const short = amount === null || sent ? null : sendable.problem(amount);

  const pay = () => {
    if (amount === null) return setProblem(amounts.problem(typed));
    if (short) return setProblem(short);
    setProblem(undefined);
    const next = revise(intent, {
      userId: me.id,
      payee: request.payee,
      amount: toWire(amount),
      currency: me.currency,
      note: request.note ?? '',
      request: request.id,
    });
    keep(next);
    void payIntent(next, me.email);
  };

  return (
    <div className="stack-l requests">
      <Head title={t('requests.payTitle')} />
      <ReviewCard
        payee={request.payee}
        amount={amount}
        currency={request.currency}
        note={request.note ?? ''}
        after={amount === null ? null : me.balance - amount}
        lead={<p className="you-pay">{t('requests.youPay')}</p>}
        below={
          <p className="muted small center">
            {fixed
              ? t('requests.fixed', { name: request.payee.displayName })
              : amount === null && t('requests.youChoose')}
          </p>
        }
      >
        {request.expiresAt && (
          <Row name={t('requests.until')}>{dateTime(request.expiresAt, locale)}</Row>
        )}
        <Row name={t('send.fee')}>{t('send.noFee')}</Row>
      </ReviewCard>
      {!fixed && !sent && !frozen && (
        <AmountField
          label={(currency) => t('send.amountLabel', { currency })}
          value={amountText}
          error={problem ?? short ?? undefined}
          onText={(text) => {
            setAmountText(text);
            setProblem(undefined);
          }}
        />
      )}
      <div role="status" className="stack-s request-notes">
        {payee.data && <PayeeWarnings payee={payee.data} chosen={request.payee} />}
        {firstTime && (
          <Notice icon={UserRoundPlus}>
            {t('requests.firstTime', { name: request.payee.displayName })}
          </Notice>
        )}
      </div>
      <div className="request-bar">
        {frozen && (
          <div className="notice notice-warn">
            <Snowflake size={18} aria-hidden="true" />
            <div className="stack-s">
              <p>{t('error.sender_frozen')}</p>
              <ContactSupport />
            </div>
          </div>
        )}
        <div role="alert" className="stack-s">
          {fixed && short && !frozen && (
            <Notice tone="danger" icon={CircleAlert}>
              {short}
            </Notice>
          )}
          {trouble}
        </div>
        {!frozen && (
          <Button
            look="primary"
            block
            busy={sending}
            disabled={fixed && short !== null}
            onClick={pay}
            data-testid="pay"
          >
            {!sending && <SendHorizontal size={18} aria-hidden="true" className="flip" />}
            {unsure
              ? t('send.again')
              : amount === null
                ? t('requests.pay')
                : t('requests.payAmount', {
                    amount: formatMoney(amount, me.currency, locale),
                  })}
          </Button>
        )}
      </div>
      {request.payer?.id === me.id && !sent && <Decline request={request} />}
    </div>
  );
}

/** A request as who is asked sees it: who is paid how much, and then a tap. */
export function PayRequest({ me, request }: { me: User; request: RequestDetails }) {
  const [intent, keep] = useIntent(me, request);
  const progress = useProgress(intent?.key);
  const result = progress?.state === 'done' ? progress.result : null;
  const shown = useRef(true);
  const paid = result?.outcome === 'paid' ? result.transaction : null;
  useEffect(() => {
    // What may be paid many times begins anew when it is opened again.
    if (paid) keep(null);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [paid]);
  if (paid)
    return (
      <StepShown value={shown}>
        <div className="send">
          <DoneStep me={me} payee={request.payee} paid={paid} />
        </div>
      </StepShown>
    );
  const trouble = (
    <PaymentTrouble progress={progress} payee={request.payee.displayName} amount={request.amount} />
  );
  const sending = progress?.state === 'sending';
  if (!isOpen(request) && !sending) return <EndedRequest request={request} trouble={trouble} />;
  return (
    <OpenRequest
      me={me}
      request={request}
      intent={intent}
      keep={keep}
      trouble={trouble}
      sending={sending}
      unsure={result?.outcome === 'unknown'}
    />
  );
}
