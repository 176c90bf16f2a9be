import { useState } from 'react';
import { Link } from 'wouter';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { resetPassword } from '../api/open';
import { ApiError, isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { useLinkToken } from '../lib/linkToken';
import { newPassword } from '../lib/checks';
import { useForm } from '../lib/useForm';
import { session, signOut } from '../session/session';
import { Button, ButtonLink } from '../ui/Button';
import { PasswordField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Gate } from './Gate';

export default function ResetPasswordPage() {
  const t = useT();
  const locale = useLocale();
  const token = useLinkToken();
  const [state, setState] = useState<'open' | 'done' | 'invalid'>(token ? 'open' : 'invalid');
  const form = useForm({ checks: { password: newPassword }, initial: { password: '' } });
  const submit = form.onSubmit(async ({ password }, { refuse, fail }) => {
    try {
      await resetPassword(token, password);
      setState('done');
      // Every session has ended; this browser's, whoever's it is, ends by itself with it.
      if (session().status === 'active') await signOut();
    } catch (error) {
      if (isCode(error, 'link_invalid')) return setState('invalid');
      const field = error instanceof ApiError && error.fields.find((f) => f.field === 'password');
      if (field) return refuse('password', field.code);
      fail(explain(error, { t, locale }));
    }
  });

  return (
    <Gate title={t('reset.title')}>
      <Failure icon={CircleAlert}>{state === 'invalid' && t('error.link_invalid')}</Failure>
      <div role="status">
        {state === 'done' && <Notice icon={CircleCheck}>{t('reset.done')}</Notice>}
      </div>
      {state === 'open' && (
        <form className="stack" noValidate onSubmit={submit}>
          <p className="muted">{t('reset.body')}</p>
          <PasswordField
            {...form.field('password')}
            label={t('reset.newPassword')}
            hint={t('field.passwordHint')}
            autoComplete="new-password"
            error={form.errors.password && explainField(form.errors.password, t)}
          />
          <Failure icon={CircleAlert}>{form.failure}</Failure>
          <Button type="submit" look="primary" block busy={form.busy}>
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
