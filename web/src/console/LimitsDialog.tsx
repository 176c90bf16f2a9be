import { useState, type SubmitEvent } from 'react';
import { Proposed } from '../api/approvals';
import { setLimits } from '../api/endpoints';
import type { Limits, User } from '../api/types';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { forgetKey, stableKey } from '../lib/stableKey';
import { useDraft } from '../lib/useDraft';
import type { Money } from '../money/money';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { limitsQuery } from '../ui/LimitRows';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { sentForApproval } from './sentForApproval';
import { useReason } from './useReason';
import { userChanged } from './userChanged';

/** A user's own limits; an empty one is the installation's. Saving twice says the same twice. */
export function LimitsDialog({
  user,
  limits,
  onClose,
}: {
  user: User;
  limits: Limits;
  onClose: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const textOf = (limit: Money | null) => (limit === null ? '' : amounts.text(limit));
  const draft = `limits.${user.id}`;
  const [transfer, setTransfer, forgetTransfer] = useDraft<string>(
    `${draft}.transfer`,
    textOf(limits.perTransfer),
  );
  const [day, setDay, forgetDay] = useDraft<string>(`${draft}.day`, textOf(limits.perDay));
  const reason = useReason(`${draft}.reason`);
  const [problems, setProblems] = useState<{ transfer?: string; day?: string }>({});
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const read = (text: string) => {
    if (!text.trim()) return { amount: null };
    const parsed = amounts.read(text);
    return parsed.ok
      ? { amount: parsed.minor }
      : { amount: null, problem: amounts.problem(parsed) };
  };

  const answered = () => {
    forgetKey(draft);
    for (const forget of [forgetTransfer, forgetDay, reason.forget]) forget();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const perTransfer = read(transfer);
    const perDay = read(day);
    setProblems({
      ...(perTransfer.problem ? { transfer: perTransfer.problem } : {}),
      ...(perDay.problem ? { day: perDay.problem } : {}),
    });
    if (!reason.check() || perTransfer.problem || perDay.problem) return;
    setBusy(true);
    setFailure(null);
    try {
      const wanted = {
        perTransfer: perTransfer.amount,
        perDay: perDay.amount,
        reason: reason.why,
      };
      const key = stableKey(draft, [transfer, day, reason.why]);
      const changed = await setLimits(user.id, wanted, key);
      queryClient.setQueryData(limitsQuery(user.id).queryKey, changed);
      answered();
      void userChanged(user.id);
      toast(<span>{t('limits.saved')}</span>);
      onClose();
    } catch (error) {
      if (error instanceof Proposed) {
        answered();
        sentForApproval(t);
        return onClose();
      }
      setFailure(explain(error, { t, locale }));
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t('limits.edit')}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <AmountField
          label={(currency) => t('limits.perTransferIn', { currency })}
          value={transfer}
          error={problems.transfer}
          onText={setTransfer}
        />
        <AmountField
          label={(currency) => t('limits.perDayIn', { currency })}
          value={day}
          hint={t('limits.emptyHint')}
          error={problems.day}
          onText={setDay}
        />
        <TextField {...reason.field} />
        <Failure>{failure}</Failure>
        <div className="dialog-actions">
          <Button type="submit" look="primary" busy={busy}>
            {t('limits.save')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
