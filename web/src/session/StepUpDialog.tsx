import { useState, type SubmitEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { getFactors, stepUp, stepUpOptions } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { PasskeyAssertion } from '../api/types';
import { useT } from '../i18n';
import { hasPasskeys } from '../lib/hasPasskeys';
import { showPasskey } from '../lib/passkey';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { Dialog } from '../ui/Dialog';
import { PasskeyButton } from '../ui/PasskeyButton';
import { BlockSkeleton } from '../ui/States';
import { useCode } from '../ui/useCode';
import { renew } from './session';
import { answerFactor, paymentAsked } from './stepUp';

async function prove(shown: { code: string } | { passkey: PasskeyAssertion }) {
  const { accessToken, expiresIn } = await stepUp(shown);
  renew(accessToken, expiresIn);
  answerFactor(true);
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

/** Asks for a passkey or a code; what waits for it goes on after the answer. */
export default function StepUpDialog() {
  const t = useT();
  const factors = useQuery({ queryKey: ['factors'], queryFn: getFactors });
  return (
    <Dialog open onClose={() => answerFactor(false)} title={t('security.stepUpTitle')}>
      <div className="stack">
        {factors.isPending ? (
          <BlockSkeleton />
        ) : (
          <Forms passkey={hasPasskeys() && (factors.data?.passkeys.length ?? 0) > 0} />
        )}
      </div>
    </Dialog>
  );
}
