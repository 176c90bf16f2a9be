import { useState } from 'react';
import { CalendarClock } from 'lucide-react';
import { useLocation } from 'wouter';
import { createSchedule } from '../../api/endpoints';
import type { User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { dateTime, daysAgo, timeZone } from '../../lib/dates';
import { explain } from '../../lib/explain';
import { forgetKey, stableKey } from '../../lib/stableKey';
import { digitsOf } from '../../money/currency';
import { toMinor } from '../../money/money';
import type { Intent } from '../../pay/intent';
import { RuleFields } from '../../schedules/RuleFields';
import { schedulesChanged } from '../../schedules/queries';
import { emptyRule, readRule, type RuleProblem } from '../../schedules/rule';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { Money } from '../../ui/Money';
import { Failure, Notice } from '../../ui/Notice';
import { toast } from '../../ui/toast';
import { emptyDraft, type SendDraft } from './draft';
import { PayeeWarnings } from './PayeeWarnings';
import { StepHead } from './StepHead';
import { useFoundUser } from './useFoundUser';
import '../../styles/schedules.css';

type Props = {
  me: User;
  draft: SendDraft;
  save: (change: Partial<SendDraft>) => void;
  intent: Intent;
};

/** The reviewed payment, on a day to come, or again and again. */
export default function LaterStep({ me, draft, save, intent }: Props) {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const scope = `schedule.${intent.payee.id}`;
  const rule = draft.later ?? emptyRule(daysAgo(-1));
  const [problem, setProblem] = useState<RuleProblem | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const payee = useFoundUser(intent.payee.id);

  const plan = async () => {
    const read = readRule(rule);
    if ('field' in read) return setProblem(read);
    const fields = {
      receiverId: intent.payee.id,
      amount: intent.amount,
      ...(intent.note ? { note: intent.note } : {}),
      timeZone: timeZone(),
      ...read,
    };
    setBusy(true);
    setFailure(null);
    try {
      // An answer that was lost is asked for again: the same plan is made once.
      const made = await createSchedule(fields, stableKey(scope, [JSON.stringify(fields)]));
      forgetKey(scope);
      save(emptyDraft(me.id));
      void schedulesChanged();
      toast(
        <span>
          {made.next
            ? t('schedules.made', { time: dateTime(made.next.dueAt, locale) })
            : t('schedules.saved')}
        </span>,
      );
      navigate(`/schedules/${made.id}`, { replace: true });
    } catch (error) {
      setFailure(explain(error, { t, locale, payee: intent.payee.displayName }));
      setBusy(false);
    }
  };

  return (
    <form
      className="stack-l"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void plan();
      }}
    >
      <StepHead title={t('schedules.laterTitle')} step={3} back="/send/review" />
      <section className="card stack review">
        <div className="review-top">
          <Avatar name={intent.payee.displayName} seed={intent.payee.id} size="l" />
          <p className="review-amount fits">
            <Money
              fit
              amount={toMinor(intent.amount, digitsOf(intent.currency))}
              currency={intent.currency}
            />
          </p>
          <p className="muted">
            <bdi>{intent.payee.displayName}</bdi> <bdi dir="ltr">@{intent.payee.username}</bdi>
          </p>
        </div>
        <RuleFields
          rule={rule}
          problem={problem}
          earliest={daysAgo(0)}
          onChange={(change) => {
            save({ later: { ...rule, ...change } });
            setProblem(null);
          }}
        />
      </section>
      {payee.data && (
        <div role="status" className="stack-s">
          <PayeeWarnings payee={payee.data} chosen={intent.payee} />
        </div>
      )}
      <Notice icon={CalendarClock}>{t('schedules.policy')}</Notice>
      <Failure>{failure}</Failure>
      <div className="stack-s send-bar">
        <Button type="submit" look="primary" block busy={busy}>
          {!busy && <CalendarClock size={18} aria-hidden="true" />}
          {t('schedules.plan')}
        </Button>
      </div>
    </form>
  );
}
