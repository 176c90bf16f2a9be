import { useState } from 'react';
import { BellRing, Copy } from 'lucide-react';
import { isOpen } from '../../api/open';
import { cancelRequest, remindOfRequest, type RequestDetails } from '../../api/requests';
import type { User } from '../../api/types';
import { queryClient } from '../../app/queries';
import { useLocale, useT } from '../../i18n';
import { dateTime } from '../../lib/dates';
import { explain } from '../../lib/explain';
import { formatMoney, toWire } from '../../money/money';
import { requestEmv, requestLink } from '../../pay/code';
import { Avatar } from '../../ui/Avatar';
import { BackLink } from '../../ui/BackLink';
import { Button, ButtonLink } from '../../ui/Button';
import { copyAndSay } from '../../ui/copied';
import { Money } from '../../ui/Money';
import { Failure } from '../../ui/Notice';
import { PageTitle } from '../../ui/Page';
import { Qr } from '../../ui/Qr';
import { QrActions } from '../../ui/QrActions';
import { Row } from '../../ui/Rows';
import { toast } from '../../ui/toast';
import '../../styles/receive.css';
import '../../styles/send.css';
import { CancelButton } from './CancelButton';
import { Payments } from './Payments';
import { RequestBadge } from './RequestBadge';
import { useGuid } from './useGuid';
import { kLeadsHere, kRequestsKey, requestChanged } from './useRequests';

const kRemindAgainMs = 24 * 3_600_000;

/** The link and its code, to be scanned, shared, or hung on a wall. */
function Code({ request, code }: { request: RequestDetails; code: string }) {
  const t = useT();
  const locale = useLocale();
  const guid = useGuid();
  const link = requestLink(window.location.origin, code);
  const emv =
    guid &&
    requestEmv(
      {
        code,
        once: request.uses === 'once',
        currency: request.currency,
        amount: request.amount === null ? null : toWire(request.amount),
        payee: request.payee.displayName,
      },
      guid,
    );
  const text =
    request.amount === null
      ? t('receive.shareText')
      : t('receive.shareAmount', { amount: formatMoney(request.amount, request.currency, locale) });
  return (
    <section className="card stack center qr-card" aria-label={t('requests.code')}>
      <Qr text={link} label={t('requests.qr')} />
      <p className="pay-link" dir="ltr">
        {link.replace(/^https?:\/\//, '')}
      </p>
      <QrActions
        link={link}
        text={text}
        card={`/requests/${request.id}/card`}
        file="payment-request"
      />
      {emv && (
        <Button small look="quiet" onClick={() => void copyAndSay(emv)}>
          <Copy size={16} aria-hidden="true" />
          {t('requests.copyEmv')}
        </Button>
      )}
    </section>
  );
}

function Facts({ request }: { request: RequestDetails }) {
  const t = useT();
  const locale = useLocale();
  const { payments, currency, closedAt } = request;
  const times: [string, string | null | undefined][] = [
    [t('requests.asked'), request.createdAt],
    [t('requests.until'), request.expiresAt],
    [t('requests.remindedAt'), isOpen(request) ? request.remindedAt : null],
    [t('requests.closedAt'), closedAt],
  ];
  return (
    <dl className="rows">
      {request.note && (
        <Row name={t('receipt.note')}>
          <bdi>{request.note}</bdi>
        </Row>
      )}
      {times.map(
        ([name, time]) =>
          time && (
            <Row key={name} name={name}>
              {dateTime(time, locale)}
            </Row>
          ),
      )}
      {request.declineReason && (
        <Row name={t('requests.reason')}>
          <bdi>{request.declineReason}</bdi>
        </Row>
      )}
      {payments && payments.count > 0 && (
        <Row name={t('requests.gotten', { count: payments.count })}>
          <Money amount={payments.amount} currency={currency} />
        </Row>
      )}
      {payments && payments.refunded > 0n && (
        <Row name={t('refund.given')}>
          <Money amount={payments.refunded} currency={currency} />
        </Row>
      )}
    </dl>
  );
}

/** Reminding, once in 24 hours; before that, when it can be done again. */
function Remind({
  request,
  busy,
  onRemind,
}: {
  request: RequestDetails;
  busy: boolean;
  onRemind: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const again = request.remindedAt ? Date.parse(request.remindedAt) + kRemindAgainMs : 0;
  // Read once: the page is shown anew when the request is.
  const [now] = useState(() => Date.now());
  if (again > now)
    return (
      <p className="muted center">
        {t('requests.remindAgain', { time: dateTime(new Date(again).toISOString(), locale) })}
      </p>
    );
  return (
    <Button block busy={busy} onClick={onRemind}>
      <BellRing size={18} aria-hidden="true" />
      {t('requests.remind')}
    </Button>
  );
}

/** A request as who asks sees it. */
export function OwnRequest({ me, request }: { me: User; request: RequestDetails }) {
  const t = useT();
  const locale = useLocale();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState<'cancel' | 'remind'>();
  const open = isOpen(request);
  const name = request.payer?.displayName ?? '';

  const act = async (what: 'cancel' | 'remind') => {
    setProblem(undefined);
    setBusy(what);
    try {
      requestChanged(await (what === 'cancel' ? cancelRequest : remindOfRequest)(request.id));
      toast(<span>{t(what === 'cancel' ? 'requests.cancelled' : 'requests.reminded')}</span>);
    } catch (error) {
      setProblem(explain(error, { t, locale, payee: name }));
      void queryClient.invalidateQueries({ queryKey: kRequestsKey });
    } finally {
      setBusy(undefined);
    }
  };

  return (
    <div className="stack-l requests">
      <div className="row">
        <BackLink from={kLeadsHere} fallback="/requests?side=sent" />
        <PageTitle>{t('requests.mine')}</PageTitle>
      </div>
      <section className="card stack review">
        <div className="review-top">
          {request.payer && (
            <Avatar name={request.payer.displayName} seed={request.payer.id} size="l" />
          )}
          <p className="muted">
            {request.payer ? t('requests.youAskFrom', { name }) : t('requests.youAskAnyone')}
          </p>
          <p className="review-amount fits">
            {request.amount === null ? (
              t('requests.anyAmount')
            ) : (
              <Money fit amount={request.amount} currency={request.currency} />
            )}
          </p>
          <p className="row-wrap request-badges" role="status">
            <RequestBadge request={request} />
          </p>
          <p className="center">{t(`requests.own_${request.status}`, { name })}</p>
        </div>
        <Facts request={request} />
        {request.splitId && (
          <ButtonLink href={`/splits/${request.splitId}`} look="outline" block>
            {t('requests.inSplit')}
          </ButtonLink>
        )}
        {request.transactionId && (
          <ButtonLink href={`/activity/${request.transactionId}`} look="outline" block>
            {t('send.receipt')}
          </ButtonLink>
        )}
      </section>
      {open && request.code && <Code request={request} code={request.code} />}
      {request.uses === 'many' && (request.payments?.count ?? 0) > 0 && (
        <Payments me={me} id={request.id} />
      )}
      {open && (
        <div className="stack-s no-print">
          {request.payer && (
            <Remind
              request={request}
              busy={busy === 'remind'}
              onRemind={() => void act('remind')}
            />
          )}
          <CancelButton
            label={t('requests.cancel')}
            title={t('requests.cancelTitle')}
            body={t('requests.cancelBody')}
            busy={busy === 'cancel'}
            onCancel={() => void act('cancel')}
          />
        </div>
      )}
      <Failure>{problem}</Failure>
      {!open && (
        <ButtonLink href="/requests/new" look="quiet" block>
          {t('requests.askAgain')}
        </ButtonLink>
      )}
    </div>
  );
}
