import { useState, type SubmitEvent } from 'react';
import { Proposed } from '../api/approvals';
import { adjustBalance } from '../api/endpoints';
import { isCode } from '../api/error';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useDraft } from '../lib/useDraft';
import { forgetKey, stableKey } from '../lib/stableKey';
import { formatMoney, toWire } from '../money/money';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { Money } from '../ui/Money';
import { Row } from '../ui/Rows';
import { Segments } from '../ui/Segments';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { sentForApproval } from './sentForApproval';
import { useReason } from './useReason';
import { userChanged } from './userChanged';

type Way = 'add' | 'take';

/** Adds to or takes from a balance, with a reason, and a second step that shows what will happen. */
export function AdjustDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  const locale = useLocale();
  const amounts = useAmounts();
  const draft = `adjust.${user.id}`;
  const [way, setWay, forgetWay] = useDraft<Way>(`${draft}.way`, 'add');
  const [text, setText, forgetText] = useDraft<string>(`${draft}.amount`, '');
  const reason = useReason(`${draft}.reason`);
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const [amountProblem, setAmountProblem] = useState<string>();
  const [failure, setFailure] = useState<string | null>(null);

  const { why } = reason;
  const parsed = amounts.read(text);
  const amount = parsed.ok ? (way === 'add' ? parsed.minor : -parsed.minor) : 0n;
  const after = user.balance + amount;

  const tooMuch = () =>
    t('adjust.tooMuch', { left: formatMoney(user.balance, user.currency, locale) });
  const check = (event: SubmitEvent) => {
    event.preventDefault();
    const below = parsed.ok && after < 0n ? tooMuch() : undefined;
    setAmountProblem(amounts.problem(parsed) ?? below);
    if (reason.check() && parsed.ok && !below) setConfirming(true);
  };

  const apply = async () => {
    const scope = `adjust.${user.id}`;
    setBusy(true);
    setFailure(null);
    try {
      const key = stableKey(scope, [toWire(amount), why]);
      await adjustBalance(user.id, amount, why, key);
      forgetKey(scope);
      for (const forget of [forgetWay, forgetText, reason.forget]) forget();
      toast(<span>{t('adjust.done')}</span>);
      await userChanged(user.id);
      onClose();
    } catch (error) {
      if (error instanceof Proposed) {
        forgetKey(scope);
        for (const forget of [forgetWay, forgetText, reason.forget]) forget();
        sentForApproval(t);
        return onClose();
      }
      setFailure(
        isCode(error, 'insufficient_funds')
          ? tooMuch()
          : explain(error, { t, locale, payee: user.displayName }),
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t('adjust.title')}>
      {confirming ? (
        <div className="stack">
          <dl className="rows">
            <Row name={t('console.name')}>
              <bdi>{user.displayName}</bdi>
            </Row>
            <Row name={t('adjust.change')}>
              <Money amount={amount} currency={user.currency} sign="always" />
            </Row>
            <Row name={t('adjust.after')}>
              <Money amount={after} currency={user.currency} />
            </Row>
            <Row name={t('adjust.reason')}>
              <bdi>{why}</bdi>
            </Row>
          </dl>
          <Failure>{failure}</Failure>
          <div className="dialog-actions">
            <Button look="primary" busy={busy} onClick={() => void apply()}>
              {t('adjust.confirm')}
            </Button>
            <Button onClick={() => setConfirming(false)}>{t('action.back')}</Button>
          </div>
        </div>
      ) : (
        <form className="stack" noValidate onSubmit={check}>
          <Segments<Way>
            label={t('adjust.way')}
            value={way}
            options={[
              { value: 'add', label: t('adjust.add') },
              { value: 'take', label: t('adjust.take') },
            ]}
            onChange={setWay}
          />
          <AmountField
            label={(currency) => t('adjust.amount', { currency })}
            value={text}
            error={amountProblem}
            onText={setText}
          />
          <TextField {...reason.field} />
          <div className="dialog-actions">
            <Button type="submit" look="primary">
              {t('adjust.next')}
            </Button>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
