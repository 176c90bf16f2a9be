import { useEffect, useState, type SubmitEvent } from 'react';
import { isCode } from '../api/error';
import { useT } from '../i18n';
import { hasPasskeys } from '../lib/hasPasskeys';
import { showSecondFactor } from '../session/passkeySignIn';
import { signInWithFactor } from '../session/session';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { PasskeyButton } from '../ui/PasskeyButton';
import { useCode } from '../ui/useCode';
import { Gate } from './Gate';

/** After the password: the second factor. */
export default function SecondStep({
  challenge,
  accepts,
  onBack,
}: {
  challenge: string;
  accepts: string[];
  onBack: (why: unknown) => void;
}) {
  const t = useT();
  const code = useCode();
  const [busy, setBusy] = useState(false);
  const input = code.field.ref;
  const passkey = accepts.includes('passkey') && hasPasskeys();
  useEffect(() => {
    if (!passkey) input.current?.focus();
  }, [input, passkey]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!code.check()) return;
    setBusy(true);
    try {
      await signInWithFactor(challenge, code.text);
    } catch (error) {
      setBusy(false);
      if (isCode(error, 'challenge_invalid', 'account_closed')) onBack(error);
      else code.refuse(error);
    }
  };
  return (
    <Gate title={t('security.secondStep')}>
      <p className="muted">{t('security.secondStepBody')}</p>
      {passkey && (
        <>
          <PasskeyButton show={() => showSecondFactor(challenge)} onLost={onBack}>
            {t('security.usePasskey')}
          </PasskeyButton>
          <p className="muted">{t('security.orCode')}</p>
        </>
      )}
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <CodeField {...code.field} />
        <Button type="submit" look={passkey ? 'plain' : 'primary'} block busy={busy}>
          {t('signIn.submit')}
        </Button>
        <Button look="quiet" block onClick={() => onBack(null)}>
          {t('action.back')}
        </Button>
      </form>
    </Gate>
  );
}
