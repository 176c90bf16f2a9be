import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { getFactors, stepUp, stepUpOptions } from '../api/endpoints';
import { ApiError, isCode, isStatus } from '../api/error';
import type { PasskeyAssertion } from '../api/types';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { hasPasskeys } from '../lib/hasPasskeys';
import { showPasskey } from '../lib/passkey';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { PasskeyButton } from '../ui/PasskeyButton';
import { PinField, isPin } from '../ui/PinField';
import { BlockSkeleton } from '../ui/States';
import { useCode } from '../ui/useCode';
import { renew } from './session';
import { answerFactor, paymentAsked, pinAsked } from './stepUp';

const kFactors = ['factors'];

async function prove(shown: { code: string } | { passkey: PasskeyAssertion } | { pin: string }) {
  const { accessToken, expiresIn } = await stepUp(shown);
  renew(accessToken, expiresIn);
  answerFactor('pin' in shown ? 'pin' : true);
}

/** What the passkey signs of the payment that waits; null where the server does not know that (yet). */
async function paymentOptions() {
  try {
    return (await paymentAsked()?.()) ?? null;
  } catch (error) {
    if (isStatus(error, 404, 405, 501)) return null;
    throw error;
  }
}

async function provePasskey() {
  const options = await paymentOptions();
  // The passkey signs the payment itself, so the payer has a proof of what they wanted.
  if (options) answerFactor(await showPasskey(options.publicKey));
  else await prove({ passkey: await showPasskey((await stepUpOptions()).publicKey) });
}

function Forms({ passkey }: { passkey: boolean }) {
  const t = useT();
  const code = useCode();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!code.check()) return;
    setBusy(true);
    try {
      await prove({ code: code.text });
    } catch (error) {
      code.refuse(error);
      setBusy(false);
    }
  };
  return (
    <>
      <p className="muted">{t('security.stepUpBody')}</p>
      {passkey && (
        <>
          <PasskeyButton show={provePasskey}>
            {t(paymentAsked() ? 'security.signPayment' : 'security.usePasskey')}
          </PasskeyButton>
          {paymentAsked() && <p className="muted small">{t('security.signPaymentBody')}</p>}
          <p className="muted">{t('security.orCode')}</p>
        </>
      )}
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <CodeField {...code.field} />
        <div className="dialog-actions">
          <Button type="submit" look={passkey ? 'plain' : 'primary'} busy={busy}>
            {t('security.continue')}
          </Button>
          <Button onClick={() => answerFactor(false)}>{t('action.cancel')}</Button>
        </div>
      </form>
    </>
  );
}

/** The PIN of this device; `onOther` where another factor is wanted, or needed since it is locked. */
function PinForm({ onOther }: { onOther: (locked: boolean) => void }) {
  const t = useT();
  const locale = useLocale();
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const refuse = (error: unknown) => {
    const left = error instanceof ApiError ? error.problem.attemptsLeft : undefined;
    setProblem(
      isCode(error, 'pin_wrong') && left !== undefined
        ? t('security.pinWrong', { count: left })
        : explain(error, { t, locale }),
    );
    setPin('');
    input.current?.focus();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!isPin(pin)) {
      setProblem(t('security.pinHint'));
      return input.current?.focus();
    }
    setBusy(true);
    try {
      await prove({ pin });
    } catch (error) {
      setBusy(false);
      void queryClient.invalidateQueries({ queryKey: kFactors });
      if (isCode(error, 'pin_locked') || isCode(error, 'pin_not_set'))
        onOther(isCode(error, 'pin_locked'));
      else refuse(error);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <p className="muted">{t('security.stepUpBody')}</p>
      <PinField
        ref={input}
        label={t('security.pinOfDevice')}
        value={pin}
        error={problem}
        onPin={(typed) => {
          setPin(typed);
          setProblem(undefined);
        }}
      />
      <div className="dialog-actions">
        <Button type="submit" look="primary" busy={busy}>
          {t('security.continue')}
        </Button>
        <Button onClick={() => onOther(false)}>{t('security.pinOther')}</Button>
        <Button onClick={() => answerFactor(false)}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

/** Asks for a PIN where that is enough, or for a passkey or a code; what waits for it goes on after
 * the answer. */
export default function StepUpDialog() {
  const t = useT();
  const [way, setWay] = useState<'pin' | 'other' | 'locked'>('pin');
  const factors = useQuery({ queryKey: kFactors, queryFn: getFactors });
  const pin = factors.data?.pin;
  const own = pin?.devices.find((device) => device.current);
  const byPin =
    way === 'pin' && pinAsked() === 'enough' && own && !own.locked && (pin?.leftToday ?? 0n) > 0n;
  return (
    <Dialog open onClose={() => answerFactor(false)} title={t('security.stepUpTitle')}>
      <div className="stack">
        {factors.isPending ? (
          <BlockSkeleton />
        ) : byPin ? (
          <PinForm onOther={(locked) => setWay(locked ? 'locked' : 'other')} />
        ) : (
          <>
            {way === 'locked' && (
              <div role="alert">
                <Notice tone="warn">{t('security.pinLocked')}</Notice>
              </div>
            )}
            {pinAsked() === 'above' && <Notice>{t('security.pinAbove')}</Notice>}
            <Forms passkey={hasPasskeys() && (factors.data?.passkeys.length ?? 0) > 0} />
          </>
        )}
      </div>
    </Dialog>
  );
}
