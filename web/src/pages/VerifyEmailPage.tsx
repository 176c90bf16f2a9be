import { verifyEmail } from '../api/endpoints';
import { kMeKey } from '../app/me';
import { queryClient } from '../app/queries';
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
      after={() => void queryClient.invalidateQueries({ queryKey: kMeKey })}
      next={() => (
        <ButtonLink href="/" look="primary" block>
          {t('verify.go')}
        </ButtonLink>
      )}
    />
  );
}
