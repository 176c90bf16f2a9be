import { followEmailLink } from '../api/open';
import { useT } from '../i18n';
import { session, signOut } from '../session/session';
import { ButtonLink } from '../ui/Button';
import { ContactSupport } from '../ui/ContactSupport';
import { MailLinkPage } from './MailLinkPage';

/** For whom somebody has taken the wallet from: the link that the old address was sent. */
export default function UndoEmailPage() {
  const t = useT();
  return (
    <MailLinkPage
      title={t('undoEmail.title')}
      body={t('undoEmail.body')}
      submit={t('undoEmail.submit')}
      look="danger"
      done={t('undoEmail.done')}
      invalid={t('undoEmail.invalid')}
      follow={(token) => followEmailLink('undo', token)}
      after={async () => {
        // Every session has ended; this browser's, whoever's it is, ends by itself with it.
        if (session().status === 'active') await signOut();
      }}
      next={(address) =>
        address ? (
          <ButtonLink href="/sign-in" look="primary" block>
            {t('undoEmail.signIn')}
          </ButtonLink>
        ) : (
          <ContactSupport />
        )
      }
    />
  );
}
