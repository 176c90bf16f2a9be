import { useState } from 'react';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { followEmailLink } from '../api/endpoints';
import { isCode } from '../api/error';
import { kEmailChangeKey, kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { Button, ButtonLink } from '../ui/Button';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

/** Makes a new address the wallet's: a button, as for the first one (VerifyEmailPage). */
export default function ChangeEmailPage() {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [busy, setBusy] = useState(false);
  const [address, setAddress] = useState('');
  const [failure, setFailure] = useState(token ? '' : t('changeEmail.invalid'));
  const [over, setOver] = useState(!token);

  const confirm = async () => {
    setBusy(true);
    setFailure('');
    try {
      setAddress(await followEmailLink('confirm', token));
      setOver(true);
      for (const queryKey of [kMeKey, kEmailChangeKey])
        void queryClient.invalidateQueries({ queryKey });
    } catch (error) {
      const invalid = isCode(error, 'link_invalid');
      setOver(invalid);
      setFailure(
        invalid
          ? t('changeEmail.invalid')
          : isCode(error, 'email_taken')
            ? t('changeEmail.taken')
            : explain(error, { t, locale }),
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <Gate title={t('changeEmail.title')}>
      <Failure icon={CircleAlert}>{failure}</Failure>
      <div role="status">
        {address && (
          <Notice icon={CircleCheck}>
            {t('changeEmail.done')} <bdi dir="ltr">{address}</bdi>
          </Notice>
        )}
      </div>
      {over ? (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      ) : (
        <>
          <p className="muted">{t('changeEmail.body')}</p>
          <Button look="primary" block busy={busy} onClick={() => void confirm()}>
            {t('changeEmail.submit')}
          </Button>
        </>
      )}
    </Gate>
  );
}
