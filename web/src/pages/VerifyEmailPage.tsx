import { verifyEmail } from '../api/open';
import { useT } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { MailLinkPage } from './MailLinkPage';

export default function VerifyEmailPage() {
  const t = useT();
  return (
    <MailLinkPage
      title={t('verify.title')}
      body={t('verify.body')}
      submit={t('verify.submit')}
      done={t('verify.done')}
      invalid={t('verify.invalid')}
      follow={verifyEmail}
      next={() => (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      )}
    />
  );
}
