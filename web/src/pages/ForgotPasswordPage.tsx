import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from 'wouter';
import { CircleAlert, MailCheck } from 'lucide-react';
import * as v from 'valibot';
import { askForPasswordReset } from '../api/endpoints';
import { currentLanguage, useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { email } from '../lib/schemas';
import { useFormDraft } from '../lib/useFormDraft';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

const Schema = v.object({ email });
type Fields = v.InferInput<typeof Schema>;

export default function ForgotPasswordPage() {
  const t = useT();
  const locale = useLocale();
  const [asked, setAsked] = useState(false);
  const form = useForm<Fields>({ resolver: valibotResolver(Schema), defaultValues: { email: '' } });
  // Whoever has typed it at sign-in finds it here.
  useFormDraft('sign-in', form, ['email']);
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (fields) => {
    try {
      await askForPasswordReset(fields.email, currentLanguage());
      setAsked(true);
    } catch (error) {
      form.setError('root', { message: explain(error, { t, locale }) });
    }
  });

  return (
    <Gate title={t('forgot.title')}>
      <div role="status">{asked && <Notice icon={MailCheck}>{t('forgot.asked')}</Notice>}</div>
      {!asked && (
        <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
          <p className="muted">{t('forgot.body')}</p>
          <TextField
            {...form.register('email')}
            label={t('field.email')}
            type="email"
            inputMode="email"
            autoComplete="username"
            dir="ltr"
            error={errors.email?.message && explainField(errors.email.message, t)}
          />
          <Failure icon={CircleAlert}>{errors.root?.message}</Failure>
          <Button type="submit" look="primary" block busy={isSubmitting}>
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
