import { useState } from 'react';
import { removeFactors, renewRecoveryCodes } from '../../api/endpoints';
import { isCode } from '../../api/error';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { CodeField } from '../../ui/CodeField';
import { toast } from '../../ui/toast';
import { useCode } from '../../ui/useCode';
import { usePassword } from '../../ui/usePassword';
import { OwnPassword, StepForm } from './StepForm';

/** New recovery codes, or no second factor any more: with the password and a code, or a passkey. */
export function ChangeFactor({
  me,
  what,
  hasPasskeys,
  onDone,
  onCancel,
}: {
  me: User;
  what: 'newCodes' | 'turnOff';
  hasPasskeys: boolean;
  onDone: (codes: string[] | null) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const code = useCode();
  const password = usePassword();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const given = password.check();
    // Without a code the answer is that one has to be shown, which asks for a passkey.
    if (!(hasPasskeys && !code.text.trim()) && !code.check()) return;
    if (!given) return;
    setBusy(true);
    try {
      if (what === 'newCodes') {
        onDone((await renewRecoveryCodes(password.text, code.text)).recoveryCodes);
      } else {
        await removeFactors(password.text, code.text);
        toast(<span>{t('security.turnedOff')}</span>);
        onDone(null);
      }
    } catch (error) {
      setBusy(false);
      if (isCode(error, 'invalid_credentials')) password.refuse(error);
      else code.refuse(error);
    }
  };
  return (
    <StepForm
      submit={t(what === 'newCodes' ? 'security.newCodes' : 'security.turnOff')}
      look={what === 'newCodes' ? 'primary' : 'danger'}
      busy={busy}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
      <p>
        {t(what === 'newCodes' ? 'security.newCodesBody' : 'security.turnOffBody')}
        {what === 'turnOff' && hasPasskeys && ` ${t('security.turnOffPasskeys')}`}
      </p>
      <OwnPassword me={me} password={password} />
      <CodeField {...code.field} {...(hasPasskeys ? { hint: t('security.codeOrPasskey') } : {})} />
    </StepForm>
  );
}
