import { useEffect } from 'react';
import { CalendarClock, SendHorizontal } from 'lucide-react';
import { useLocation } from 'wouter';
import type { User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { digitsOf } from '../../money/currency';
import { formatMoney, toMinor } from '../../money/money';
import type { Intent } from '../../pay/intent';
import { payIntent, useProgress } from '../../pay/pay';
import { Button, ButtonLink } from '../../ui/Button';
import { Row } from '../../ui/Rows';
import { emptyDraft, type SendDraft } from './draft';
import { PayeeWarnings } from './PayeeWarnings';
import { PaymentTrouble } from './PaymentTrouble';
import { ReviewCard } from './ReviewCard';
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
      <ReviewCard
        payee={intent.payee}
        amount={minor}
        currency={intent.currency}
        note={intent.note}
        after={after}
      >
        <Row name={t('send.fee')}>{t('send.noFee')}</Row>
      </ReviewCard>
      {payee.data && (
        <div role="status" className="stack-s">
          <PayeeWarnings payee={payee.data} chosen={intent.payee} />
        </div>
      )}
      <div role="alert" className="stack">
        <PaymentTrouble progress={progress} payee={intent.payee.displayName} amount={minor} />
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
          <div className="row-wrap review-more">
            <ButtonLink href="/send/amount" look="quiet">
              {t('send.change')}
            </ButtonLink>
            {/* What may have been paid already is not planned as well. */}
            {result?.outcome !== 'unknown' && (
              <ButtonLink href="/send/later" look="quiet">
                <CalendarClock size={18} aria-hidden="true" />
                {t('schedules.later')}
              </ButtonLink>
            )}
          </div>
        )}
      </div>
    </div>
  );
}
