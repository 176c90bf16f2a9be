import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from 'wouter';
import { CircleAlert, CircleCheck } from 'lucide-react';
import * as v from 'valibot';
import { resetPassword } from '../api/endpoints';
import { ApiError, isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { newPassword } from '../lib/schemas';
import { session, signOut } from '../session/session';
import { Button, ButtonLink } from '../ui/Button';
import { PasswordField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

const Schema = v.object({ password: newPassword });
type Fields = v.InferInput<typeof Schema>;

export default function ResetPasswordPage() {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [state, setState] = useState<'open' | 'done' | 'invalid'>(token ? 'open' : 'invalid');
  const form = useForm<Fields>({
    resolver: valibotResolver(Schema),
    defaultValues: { password: '' },
  });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ password }) => {
    try {
      await resetPassword(token, password);
      setState('done');
      // Every session has ended; this browser's, whoever's it is, ends by itself with it.
      if (session().status === 'active') await signOut();
    } catch (error) {
      if (isCode(error, 'link_invalid')) return setState('invalid');
      const field = error instanceof ApiError && error.fields.find((f) => f.field === 'password');
      if (field) return form.setError('password', { message: field.code }, { shouldFocus: true });
      form.setError('root', { message: explain(error, { t, locale }) });
    }
  });

  return (
    <Gate title={t('reset.title')}>
      <Failure icon={CircleAlert}>{state === 'invalid' && t('error.link_invalid')}</Failure>
      <div role="status">
        {state === 'done' && <Notice icon={CircleCheck}>{t('reset.done')}</Notice>}
      </div>
      {state === 'open' && (
        <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
          <p className="muted">{t('reset.body')}</p>
          <PasswordField
            {...form.register('password')}
            label={t('settings.newPassword')}
            hint={t('field.passwordHint')}
            autoComplete="new-password"
            error={errors.password?.message && explainField(errors.password.message, t)}
          />
          <Failure icon={CircleAlert}>{errors.root?.message}</Failure>
          <Button type="submit" look="primary" block busy={isSubmitting}>
            {t('reset.submit')}
          </Button>
        </form>
      )}
      {state === 'invalid' && (
        <ButtonLink href="/forgot-password" look="primary" block>
          {t('reset.again')}
        </ButtonLink>
      )}
      <p className="small muted center">
        <Link href="/sign-in">{t('forgot.back')}</Link>
      </p>
    </Gate>
  );
}
