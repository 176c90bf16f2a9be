import { useState } from 'react';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { followEmailLink } from '../api/endpoints';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { session, signOut } from '../session/session';
import { Button, ButtonLink } from '../ui/Button';
import { ContactSupport } from '../ui/ContactSupport';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

/** For whom somebody has taken the wallet from: the link that the old address was sent. */
export default function UndoEmailPage() {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [busy, setBusy] = useState(false);
  const [address, setAddress] = useState('');
  const [failure, setFailure] = useState('');
  const [invalid, setInvalid] = useState(!token);

  const undo = async () => {
    setBusy(true);
    setFailure('');
    try {
      setAddress(await followEmailLink('undo', token));
      // Every session has ended; this browser's, whoever's it is, ends by itself with it.
      if (session().status === 'active') await signOut();
    } catch (error) {
      if (isCode(error, 'link_invalid')) setInvalid(true);
      else setFailure(explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Gate title={t('undoEmail.title')}>
      <Failure icon={CircleAlert}>{invalid ? t('undoEmail.invalid') : failure}</Failure>
      <div role="status">
        {address && (
          <Notice icon={CircleCheck}>
            {t('undoEmail.done')} <bdi dir="ltr">{address}</bdi>
          </Notice>
        )}
      </div>
      {!address && !invalid && (
        <>
          <p className="muted">{t('undoEmail.body')}</p>
          <Button look="danger" block busy={busy} onClick={() => void undo()}>
            {t('undoEmail.submit')}
          </Button>
        </>
      )}
      {address && (
        <ButtonLink href="/sign-in" look="primary" block>
          {t('undoEmail.signIn')}
        </ButtonLink>
      )}
      {invalid && <ContactSupport />}
    </Gate>
  );
}
