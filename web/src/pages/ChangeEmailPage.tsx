import { followEmailLink } from '../api/endpoints';
import { isCode } from '../api/error';
import { kEmailChangeKey, kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useT } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { MailLinkPage } from './MailLinkPage';

/** Makes a new address the wallet's. */
export default function ChangeEmailPage() {
  const t = useT();
  return (
    <MailLinkPage
      title={t('changeEmail.title')}
      body={t('changeEmail.body')}
      submit={t('changeEmail.submit')}
      done={t('changeEmail.done')}
      invalid={t('changeEmail.invalid')}
      follow={(token) => followEmailLink('confirm', token)}
      after={() => {
        for (const queryKey of [kMeKey, kEmailChangeKey])
          void queryClient.invalidateQueries({ queryKey });
      }}
      say={(error) => (isCode(error, 'email_taken') ? t('changeEmail.taken') : undefined)}
      next={() => (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      )}
    />
  );
}
