import { useEffect, useState, type SubmitEvent } from 'react';
import { isCode } from '../api/error';
import { useT } from '../i18n';
import { signInWithFactor } from '../session/session';
import { Button } from '../ui/Button';
import { CodeField } from '../ui/CodeField';
import { useCode } from '../ui/useCode';
import { Gate } from './Gate';

/** After the password: the second factor. */
export function SecondStep({
  challenge,
  onBack,
}: {
  challenge: string;
  onBack: (why: unknown) => void;
}) {
  const t = useT();
  const code = useCode();
  const [busy, setBusy] = useState(false);
  const input = code.field.ref;
  useEffect(() => input.current?.focus(), [input]);
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
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <p className="muted">{t('security.secondStepBody')}</p>
        <CodeField {...code.field} />
        <Button type="submit" look="primary" block busy={busy}>
          {t('signIn.submit')}
        </Button>
        <Button look="quiet" block onClick={() => onBack(null)}>
          {t('action.back')}
        </Button>
      </form>
    </Gate>
  );
}
