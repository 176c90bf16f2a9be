import { useState, type SubmitEvent } from 'react';
import { updateSchedule } from '../api/endpoints';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { localDay } from '../lib/feed';
import { kNoteMax, plainText } from '../lib/text';
import { toWire } from '../money/money';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { schedulesChanged } from './queries';
import { RuleFields } from './RuleFields';
import { readRule, ruleOf, type RuleProblem, type Schedule } from './rule';

type Props = { schedule: Schedule; onClose: () => void };

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Changes a plan from the next payment on. What was not touched is not sent, and stays as it is. */
export function EditSchedule({ schedule, onClose }: Props) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const before = ruleOf(schedule);
  const [text, setText] = useState(() => amounts.text(schedule.amount));
  const [note, setNote] = useState(schedule.note ?? '');
  const [rule, setRule] = useState(before);
  const [ruleProblem, setRuleProblem] = useState<RuleProblem | null>(null);
  const [amountProblem, setAmountProblem] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const amount = amounts.read(text);
    if (!amount.ok) return setAmountProblem(amounts.problem(amount) ?? null);
    const read = readRule(rule);
    if ('field' in read) return setRuleProblem(read);
    const { startsAt, repeats, interval, endsOn, count } = read;
    const was = readRule(before);
    const again = 'field' in was ? null : was;
    const ruleChanges = !same(
      [startsAt, repeats, interval],
      [again?.startsAt, again?.repeats, again?.interval],
    );
    const endChanges = !same([endsOn, count], [again?.endsOn, again?.count]);
    const said = plainText(note);
    setBusy(true);
    setFailure(null);
    try {
      await updateSchedule(schedule.id, {
        ...(amount.minor === schedule.amount ? {} : { amount: toWire(amount.minor) }),
        ...(said === (schedule.note ?? '') ? {} : { note: said || null }),
        ...(ruleChanges
          ? { startsAt, repeats, ...(interval === undefined ? {} : { interval }) }
          : {}),
        ...(endChanges ? { endsOn, count } : {}),
      });
      toast(<span>{t('schedules.saved')}</span>);
      await schedulesChanged();
      onClose();
    } catch (error) {
      setFailure(explain(error, { t, locale, payee: schedule.receiver.displayName }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t('schedules.editTitle')}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('schedules.editBody')}</p>
        <AmountField
          label={(currency) => t('schedules.amount', { currency })}
          value={text}
          error={amountProblem ?? undefined}
          onText={(typed) => {
            setText(typed);
            setAmountProblem(null);
          }}
        />
        <TextField
          label={t('receipt.note')}
          dir="auto"
          value={note}
          maxLength={kNoteMax}
          onChange={(event) => setNote(event.target.value)}
        />
        <RuleFields
          rule={rule}
          problem={ruleProblem}
          earliest={localDay(new Date())}
          onChange={(change) => {
            setRule({ ...rule, ...change });
            setRuleProblem(null);
          }}
        />
        <Failure>{failure}</Failure>
        <div className="dialog-actions">
          <Button type="submit" look="primary" busy={busy}>
            {t('action.save')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
