import { useState, type SubmitEvent } from 'react';
import { refundTransfer } from '../api/endpoints';
import type { TransactionDetail } from '../api/types';
import { kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useReason } from '../console/useReason';
import { userChanged } from '../console/userChanged';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { forgetKey, stableKey } from '../lib/stableKey';
import { useDraft } from '../lib/useDraft';
import { formatMoney, toWire } from '../money/money';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';

type Props = {
  transaction: TransactionDetail;
  /** An operator gives back somebody's payment: from the receiver's wallet, and with a reason. */
  asOperator: boolean;
  onClose: () => void;
};

export default function RefundDialog({ transaction, asOperator, onClose }: Props) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const most = transaction.refundable;
  const scope = `refund.${transaction.id}`;
  const [text, setText, forgetText] = useDraft<string>(scope, amounts.text(most));
  const reason = useReason(`${scope}.reason`);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const reasoned = !asOperator || reason.check();
    const parsed = amounts.read(text);
    if (!parsed.ok) return setProblem(amounts.problem(parsed) ?? null);
    const amount = parsed.minor;
    if (amount > most)
      return setProblem(
        t('error.refund_exceeds_transfer_at', {
          left: formatMoney(most, transaction.currency, locale),
        }),
      );
    if (!reasoned) return;
    const note = asOperator ? reason.why : '';
    setBusy(true);
    setProblem(null);
    try {
      const key = stableKey(scope, [toWire(amount), note]);
      await refundTransfer(transaction.id, amount, note, key);
      forgetKey(scope);
      forgetText();
      reason.forget();
      toast(
        <span>
          {t('refund.done', { amount: formatMoney(amount, transaction.currency, locale) })}
        </span>,
      );
      for (const queryKey of [['transaction', transaction.id], ['history'], ['actions'], kMeKey])
        void queryClient.invalidateQueries({ queryKey });
      for (const person of [transaction.sender, transaction.receiver])
        if (person) void userChanged(person.id);
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
        <p className="muted">
          {t(asOperator ? 'refund.bodyOf' : 'refund.body', {
            name: transaction.sender?.displayName ?? '',
            from: transaction.receiver?.displayName ?? '',
          })}
        </p>
        <AmountField
          label={(currency) => t('refund.amount', { currency })}
          value={text}
          error={problem ?? undefined}
          onText={(typed) => {
            setText(typed);
            setProblem(null);
          }}
        />
        {asOperator && <TextField {...reason.field} />}
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
