import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { beginTotp, confirmTotp } from '../../api/endpoints';
import { isCode } from '../../api/error';
import type { TotpEnrolment, User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import { Button } from '../../ui/Button';
import { CodeField } from '../../ui/CodeField';
import { PasswordField } from '../../ui/Field';
import { Qr } from '../../ui/Qr';
import { useCode } from '../../ui/useCode';

type Props = { me: User; onDone: (codes: string[]) => void; onCancel: () => void };

function Confirm({
  enrolment,
  onDone,
  onCancel,
}: Omit<Props, 'me'> & { enrolment: TotpEnrolment }) {
  const t = useT();
  const code = useCode();
  const [busy, setBusy] = useState(false);
  const what = useRef<HTMLParagraphElement>(null);
  useEffect(() => what.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!code.check()) return;
    setBusy(true);
    try {
      onDone((await confirmTotp(code.text)).recoveryCodes);
    } catch (error) {
      code.refuse(error);
      setBusy(false);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <p ref={what} tabIndex={-1}>
        {t('security.scan')}
      </p>
      <div className="center">
        <Qr text={enrolment.uri} label={t('security.qr')} />
      </div>
      <p className="muted small">{t('security.typeSecret')}</p>
      <p className="secret" dir="ltr">
        {enrolment.secret.replace(/.{4}(?=.)/g, '$& ')}
      </p>
      <CodeField {...code.field} hint={t('security.confirmHint')} />
      <div className="row-wrap">
        <Button type="submit" look="primary" busy={busy}>
          {t('security.turnOn')}
        </Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

/** Sets an authenticator app up: the password, the secret, a code that confirms it. */
export function Enrolment({ me, onDone, onCancel }: Props) {
  const t = useT();
  const locale = useLocale();
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!password) return setProblem(t('fieldError.required'));
    setBusy(true);
    try {
      setEnrolment(await beginTotp(password));
    } catch (error) {
      setProblem(
        isCode(error, 'invalid_credentials')
          ? t('fieldError.wrong_password')
          : explain(error, { t, locale }),
      );
    }
    setBusy(false);
  };
  if (enrolment) return <Confirm enrolment={enrolment} onDone={onDone} onCancel={onCancel} />;
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <p>{t('security.setUpBody')}</p>
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
      <div className="row-wrap">
        <Button type="submit" look="primary" busy={busy}>
          {t('security.continue')}
        </Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
