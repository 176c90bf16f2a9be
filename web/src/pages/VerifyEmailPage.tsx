import { useState } from 'react';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { verifyEmail } from '../api/endpoints';
import { isCode } from '../api/error';
import { kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { Button, ButtonLink } from '../ui/Button';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

/** A button, since programs that look at the links in mails press none. */
export default function VerifyEmailPage() {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [busy, setBusy] = useState(false);
  const [address, setAddress] = useState('');
  const [failure, setFailure] = useState('');
  const [invalid, setInvalid] = useState(!token);
  const open = !address && !invalid;

  const confirm = async () => {
    setBusy(true);
    setFailure('');
    try {
      setAddress(await verifyEmail(token));
      void queryClient.invalidateQueries({ queryKey: kMeKey });
    } catch (error) {
      if (isCode(error, 'link_invalid')) setInvalid(true);
      else setFailure(explain(error, { t, locale }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Gate title={t('verify.title')}>
      <Failure icon={CircleAlert}>{invalid ? t('verify.invalid') : failure}</Failure>
      <div role="status">
        {address && (
          <Notice icon={CircleCheck}>
            {t('verify.done')} <bdi dir="ltr">{address}</bdi>
          </Notice>
        )}
      </div>
      {open && (
        <>
          <p className="muted">{t('verify.body')}</p>
          <Button look="primary" block busy={busy} onClick={() => void confirm()}>
            {t('verify.submit')}
          </Button>
        </>
      )}
      {!open && (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      )}
    </Gate>
  );
}
