import { useState, type SubmitEvent } from 'react';
import { CircleAlert, HandCoins, LockOpen } from 'lucide-react';
import { ApiError } from '../api/error';
import { kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { hasText, useLocale, useT } from '../i18n';
import type en from '../i18n/en.holds.json';
import { explain } from '../lib/explain';
import { forgetKey, stableKey } from '../lib/stableKey';
import { useDraft } from '../lib/useDraft';
import { formatMoney, toWire } from '../money/money';
import { AmountField } from '../ui/AmountField';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { CheckField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import { captureHold, releaseHold, type Hold } from './api';
import { kHoldsKey } from './queries';

type ErrorText = Extract<keyof typeof en.holds, `error_${string}`>;

function useExplain(hold: Hold) {
  const t = useT();
  const locale = useLocale();
  return (error: unknown): string => {
    if (error instanceof ApiError) {
      const { left } = error.problem;
      if (error.code === 'capture_exceeds_hold' && left !== undefined)
        return t('holds.tooMuch', { left: formatMoney(left, hold.currency, locale) });
      const key = `holds.error_${error.code}` as `holds.${ErrorText}`;
      if (hasText(key)) return t(key, { name: hold.payer.displayName });
    }
    return explain(error, { t, locale });
  };
}

// Whatever was answered: what is shown may have been overtaken.
const changed = () =>
  Promise.all(
    [kHoldsKey, kMeKey, ['history']].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
  );

function Capture({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const t = useT();
  const locale = useLocale();
  const say = useExplain(hold);
  const amounts = useAmounts();
  const scope = `hold.${hold.id}`;
  const [text, setText, forgetText] = useDraft<string>(scope, amounts.text(hold.remaining));
  const [final, setFinal] = useState(true);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const parsed = amounts.read(text);
    if (!parsed.ok) return setProblem(amounts.problem(parsed) ?? null);
    const amount = parsed.minor;
    if (amount > hold.remaining)
      return setProblem(
        t('holds.tooMuch', { left: formatMoney(hold.remaining, hold.currency, locale) }),
      );
    setBusy(true);
    setProblem(null);
    try {
      // What was taken before belongs to it: the same part may be taken twice on purpose.
      const key = stableKey(scope, [toWire(amount), final, toWire(hold.captured)]);
      await captureHold(hold.id, amount, final, key);
      forgetKey(scope);
      forgetText();
      toast(
        <span>{t('holds.captured', { amount: formatMoney(amount, hold.currency, locale) })}</span>,
      );
      onClose();
    } catch (error) {
      setProblem(say(error));
    } finally {
      setBusy(false);
      await changed();
    }
  };

  return (
    <Dialog open onClose={onClose} title={t('holds.captureTitle')}>
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('holds.captureBody', { name: hold.payer.displayName })}</p>
        <AmountField
          label={(currency) => t('holds.captureAmount', { currency })}
          value={text}
          error={problem ?? undefined}
          onText={(typed) => {
            setText(typed);
            setProblem(null);
          }}
        />
        <CheckField
          label={t('holds.captureFinal')}
          checked={final}
          onChange={(event) => setFinal(event.target.checked)}
        />
        <div className="dialog-actions">
          <Button type="submit" look="primary" busy={busy}>
            {t('holds.captureSubmit')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the payee can do while something is held. */
export function HoldActions({ hold }: { hold: Hold }) {
  const t = useT();
  const locale = useLocale();
  const say = useExplain(hold);
  const [open, setOpen] = useState<'capture' | 'release' | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const close = () => setOpen(null);
  const release = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await releaseHold(hold.id);
      toast(<span>{t('holds.released')}</span>);
    } catch (error) {
      setFailure(say(error));
    } finally {
      setBusy(false);
      close();
      await changed();
    }
  };
  return (
    <>
      <Failure icon={CircleAlert}>{failure}</Failure>
      <div className="row-wrap">
        <Button look="primary" onClick={() => setOpen('capture')}>
          <HandCoins size={18} aria-hidden="true" />
          {t('holds.capture')}
        </Button>
        <Button look="outline" onClick={() => setOpen('release')}>
          <LockOpen size={18} aria-hidden="true" />
          {t('holds.release')}
        </Button>
      </div>
      {open === 'capture' && <Capture hold={hold} onClose={close} />}
      <Dialog open={open === 'release'} onClose={close} title={t('holds.releaseTitle')}>
        <p className="muted">
          {t('holds.releaseBody', {
            left: formatMoney(hold.remaining, hold.currency, locale),
            name: hold.payer.displayName,
          })}
        </p>
        <div className="dialog-actions">
          <Button look="danger" busy={busy} onClick={() => void release()}>
            {t('holds.releaseYes')}
          </Button>
          <Button onClick={close}>{t('holds.keep')}</Button>
        </div>
      </Dialog>
    </>
  );
}
