import { useState, type SubmitEvent } from 'react';
import { createDraw, drawBody, type MandateDetails } from '../api/mandates';
import { useLocale, useT } from '../i18n';
import { dateTime, daysAgo } from '../lib/dates';
import { forgetKey, stableKey } from '../lib/stableKey';
import { kNoteMax, plainText } from '../lib/text';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { useAct } from './useAct';

type Props = { mandate: MandateDetails; onClose: () => void };

/** Announces what is drawn: the payer has a day to refuse it. */
export function DrawDialog({ mandate, onClose }: Props) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const { busy, failure, act } = useAct();
  const [amount, setAmount] = useState('');
  const [dueOn, setDueOn] = useState('');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string>();
  const scope = `draw.${mandate.id}`;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = amounts.read(amount);
    setProblem(amounts.problem(parsed));
    if (!parsed.ok) return;
    const asked = { amount: parsed.minor, note: plainText(note), dueOn };
    await act(
      'draw',
      async () => {
        const made = await createDraw(mandate.id, asked, stableKey(scope, drawBody(asked)));
        forgetKey(scope);
        toast(<span>{t('mandates.announced', { time: dateTime(made.dueAt, locale) })}</span>);
      },
      onClose,
    );
  };
  return (
    <Dialog open onClose={onClose} title={t('mandates.drawTitle')}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('mandates.drawBody', { name: mandate.payer.displayName })}</p>
        <AmountField
          label={(unit) => t('mandates.amount', { unit })}
          value={amount}
          error={problem}
          onText={setAmount}
        />
        <TextField
          label={t('mandates.dueOn')}
          type="date"
          dir="ltr"
          min={daysAgo(-1)}
          value={dueOn}
          hint={t('mandates.dueHint')}
          onChange={(event) => setDueOn(event.target.value)}
        />
        <TextField
          label={t('send.note')}
          value={note}
          dir="auto"
          maxLength={kNoteMax}
          autoComplete="off"
          onChange={(event) => setNote(event.target.value)}
        />
        <Failure>{failure}</Failure>
        <div className="dialog-actions">
          <Button type="submit" look="primary" busy={busy !== null}>
            {t('mandates.announce')}
          </Button>
          <Button onClick={onClose}>{t('mandates.notNow')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
