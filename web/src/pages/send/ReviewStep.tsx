import { useEffect } from 'react';
import { CircleAlert, Hourglass, SendHorizontal } from 'lucide-react';
import { useLocation } from 'wouter';
import { isCode } from '../../api/error';
import type { User } from '../../api/types';
import { kMeKey } from '../../app/me';
import { queryClient } from '../../app/queries';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { digitsOf } from '../../money/currency';
import { formatMoney, toMinor } from '../../money/money';
import type { Intent } from '../../pay/intent';
import { payIntent, useProgress } from '../../pay/pay';
import { Avatar } from '../../ui/Avatar';
import { Button, ButtonLink } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { emptyDraft, type SendDraft } from './draft';
import { PayeeWarnings } from './PayeeWarnings';
import { StepHead } from './StepHead';
import { useFoundUser } from './useFoundUser';

type Props = {
  me: User;
  draft: SendDraft;
  save: (change: Partial<SendDraft>) => void;
  intent: Intent;
};

export function ReviewStep({ me, save, intent }: Props) {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const progress = useProgress(intent.key);
  // As the payee is called now: the payment goes to the same person, whatever the name.
  const payee = useFoundUser(intent.payee.id);
  const sending = progress?.state === 'sending';
  const result = progress?.state === 'done' ? progress.result : null;
  const minor = toMinor(intent.amount, digitsOf(intent.currency));
  const after = me.balance - minor;
  const amount = formatMoney(minor, intent.currency, locale);

  const refusal = result?.outcome === 'refused' ? result.error : null;
  useEffect(() => {
    // What the wallet shows of itself was out of date.
    if (isCode(refusal, 'sender_frozen', 'insufficient_funds'))
      void queryClient.invalidateQueries({ queryKey: kMeKey });
  }, [refusal]);
  const left = refusal?.problem.left;
  const missing = left === undefined ? undefined : minor - left;

  const paid = result?.outcome === 'paid' ? result.transaction : null;
  useEffect(() => {
    if (!paid) return;
    save({ ...emptyDraft(me.id), payee: intent.payee, done: paid });
    navigate('/send/done', { replace: true });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [paid]);

  return (
    <div className="stack-l">
      <StepHead title={t('send.reviewTitle')} step={3} back="/send/amount" />
      <section className="card stack review">
        <div className="review-top">
          <Avatar name={intent.payee.displayName} seed={intent.payee.id} size="l" />
          <p className="review-amount fits">
            <Money fit amount={minor} currency={intent.currency} />
          </p>
        </div>
        <dl className="rows">
          <div>
            <dt>{t('receipt.to')}</dt>
            <dd>
              <bdi>{intent.payee.displayName}</bdi>
              <br />
              <span className="muted small" dir="ltr">
                @{intent.payee.username}
              </span>
            </dd>
          </div>
          {intent.note && (
            <div>
              <dt>{t('receipt.note')}</dt>
              <dd>
                <bdi>{intent.note}</bdi>
              </dd>
            </div>
          )}
          <div>
            <dt>{t('send.fee')}</dt>
            <dd>{t('send.noFee')}</dd>
          </div>
          {after >= 0n && (
            <div>
              <dt>{t('send.after')}</dt>
              <dd>
                <Money amount={after} currency={intent.currency} />
              </dd>
            </div>
          )}
        </dl>
      </section>
      {payee.data && (
        <div role="status" className="stack-s">
          <PayeeWarnings payee={payee.data} chosen={intent.payee} />
        </div>
      )}
      <div role="alert" className="stack">
        {sending && progress.retries > 0 && (
          <div className="notice notice-warn">
            <Hourglass size={18} aria-hidden="true" />
            <p>{t('send.retrying')}</p>
          </div>
        )}
        {result?.outcome === 'unknown' && (
          <div className="notice notice-warn">
            <Hourglass size={18} aria-hidden="true" />
            <p>{t('send.unknown')}</p>
          </div>
        )}
        {refusal && (
          <div className="notice notice-danger">
            <CircleAlert size={18} aria-hidden="true" />
            <p>
              {explain(refusal, {
                t,
                locale,
                payee: intent.payee.displayName,
                missing,
              })}
            </p>
          </div>
        )}
      </div>
      <div className="stack-s send-bar">
        <Button
          look="primary"
          block
          busy={sending}
          onClick={() => void payIntent(intent, me.email)}
          data-testid="pay"
        >
          {!sending && <SendHorizontal size={18} aria-hidden="true" className="flip" />}
          {t(result?.outcome === 'unknown' ? 'send.again' : 'send.pay', { amount })}
        </Button>
        {!sending && (
          <ButtonLink href="/send/amount" look="quiet" block>
            {t('send.change')}
          </ButtonLink>
        )}
      </div>
    </div>
  );
}
