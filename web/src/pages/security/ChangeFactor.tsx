import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { removeFactors, renewRecoveryCodes } from '../../api/endpoints';
import { isCode } from '../../api/error';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { CodeField } from '../../ui/CodeField';
import { PasswordField } from '../../ui/Field';
import { toast } from '../../ui/toast';
import { useCode } from '../../ui/useCode';

/** New recovery codes, or no second factor any more: with the password and a code. */
export function ChangeFactor({
  me,
  what,
  onDone,
  onCancel,
}: {
  me: User;
  what: 'newCodes' | 'turnOff';
  onDone: (codes: string[] | null) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const code = useCode();
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!password) setProblem(t('fieldError.required'));
    if (!code.check() || !password) return;
    setBusy(true);
    try {
      if (what === 'newCodes') {
        onDone((await renewRecoveryCodes(password, code.text)).recoveryCodes);
      } else {
        await removeFactors(password, code.text);
        toast(<span>{t('security.turnedOff')}</span>);
        onDone(null);
      }
    } catch (error) {
      setBusy(false);
      if (isCode(error, 'invalid_credentials')) setProblem(t('fieldError.wrong_password'));
      else code.refuse(error);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <p>{t(what === 'newCodes' ? 'security.newCodesBody' : 'security.turnOffBody')}</p>
      <input type="text" autoComplete="username" value={me.email} readOnly hidden />
      <PasswordField
        ref={input}
        label={t('settings.currentPassword')}
        autoComplete="current-password"
        value={password}
        error={problem}
        onChange={(event) => {
          setPassword(event.target.value);
          setProblem(undefined);
        }}
      />
      <CodeField {...code.field} />
      <div className="row-wrap">
        <Button type="submit" look={what === 'newCodes' ? 'primary' : 'danger'} busy={busy}>
          {t(what === 'newCodes' ? 'security.newCodes' : 'security.turnOff')}
        </Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
