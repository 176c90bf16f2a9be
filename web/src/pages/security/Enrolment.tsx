import { useEffect, useRef, useState } from 'react';
import { beginTotp, confirmTotp } from '../../api/endpoints';
import type { TotpEnrolment, User } from '../../api/types';
import { useT } from '../../i18n';
import { CodeField } from '../../ui/CodeField';
import { Qr } from '../../ui/Qr';
import { useCode } from '../../ui/useCode';
import { usePassword } from '../../ui/usePassword';
import { OwnPassword, StepForm } from './StepForm';

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
  const submit = async () => {
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
    <StepForm
      submit={t('security.turnOn')}
      busy={busy}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
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
    </StepForm>
  );
}

/** Sets an authenticator app up: the password, the secret, a code that confirms it. */
export function Enrolment({ me, onDone, onCancel }: Props) {
  const t = useT();
  const password = usePassword();
  const [busy, setBusy] = useState(false);
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const submit = async () => {
    if (!password.check()) return;
    setBusy(true);
    try {
      setEnrolment(await beginTotp(password.text));
    } catch (error) {
      password.refuse(error);
    }
    setBusy(false);
  };
  if (enrolment) return <Confirm enrolment={enrolment} onDone={onDone} onCancel={onCancel} />;
  return (
    <StepForm
      submit={t('security.continue')}
      busy={busy}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
      <p>{t('security.setUpBody')}</p>
      <OwnPassword me={me} password={password} />
    </StepForm>
  );
}
