import { useState } from 'react';
import { Mail } from 'lucide-react';
import { sendVerification } from '../api/endpoints';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { Button } from '../ui/Button';
import { toast } from '../ui/toast';

/** Until the address is shown to be theirs. */
export function VerifyBanner({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  if (me.emailVerified !== false) return null;
  const send = async () => {
    setBusy(true);
    try {
      await sendVerification(me.id);
      setSent(true);
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="notice" aria-label={t('verify.title')}>
      <Mail size={18} aria-hidden="true" />
      <div className="grow stack-s" role="status">
        <p>
          {t(sent ? 'verify.sent' : 'verify.banner')} <bdi dir="ltr">{me.email}</bdi>
        </p>
        {!sent && (
          <div>
            <Button look="quiet" small busy={busy} onClick={() => void send()}>
              {t('verify.resend')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
