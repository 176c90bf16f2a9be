import { followEmailLink } from '../api/open';
import { isCode } from '../api/error';
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
      say={(error) => (isCode(error, 'email_taken') ? t('changeEmail.taken') : undefined)}
      next={() => (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      )}
    />
  );
}
