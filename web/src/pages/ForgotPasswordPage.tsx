import { useState } from 'react';
import { Link } from 'wouter';
import { CircleAlert, MailCheck } from 'lucide-react';
import { askForPasswordReset } from '../api/open';
import { currentLanguage, useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { email } from '../lib/checks';
import { useForm } from '../lib/useForm';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

export default function ForgotPasswordPage() {
  const t = useT();
  const locale = useLocale();
  const [asked, setAsked] = useState(false);
  const form = useForm({
    checks: { email },
    initial: { email: '' },
    // Whoever has typed it at sign-in finds it here.
    draft: { name: 'sign-in', fields: ['email'] },
  });
  const submit = form.onSubmit(async (fields, { fail }) => {
    try {
      await askForPasswordReset(fields.email, currentLanguage());
      setAsked(true);
    } catch (error) {
      fail(explain(error, { t, locale }));
    }
  });

  return (
    <Gate title={t('forgot.title')}>
      <div role="status">{asked && <Notice icon={MailCheck}>{t('forgot.asked')}</Notice>}</div>
      {!asked && (
        <form className="stack" noValidate onSubmit={submit}>
          <p className="muted">{t('forgot.body')}</p>
          <TextField
            {...form.field('email')}
            label={t('field.email')}
            type="email"
            inputMode="email"
            autoComplete="username"
            dir="ltr"
            error={form.errors.email && explainField(form.errors.email, t)}
          />
          <Failure icon={CircleAlert}>{form.failure}</Failure>
          <Button type="submit" look="primary" block busy={form.busy}>
            {t('forgot.submit')}
          </Button>
        </form>
      )}
      <p className="small muted center">
        <Link href="/sign-in">{t('forgot.back')}</Link>
      </p>
    </Gate>
  );
}
