import { useState } from 'react';
import { Link } from 'wouter';
import { CircleAlert } from 'lucide-react';
import { isCode } from '../api/error';
import { loadWallet } from '../app/loadWallet';
import { currentLanguage, useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { email, newPassword, optionalName, username } from '../lib/checks';
import { useRawSearch } from '../lib/search';
import { useForm } from '../lib/useForm';
import { register } from '../session/session';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { AskedToPay } from './AskedToPay';
import { Gate } from './Gate';

const kFields = ['displayName', 'username', 'email', 'password'] as const;

export default function RegisterPage() {
  const t = useT();
  const locale = useLocale();
  const search = useRawSearch();
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm({
    checks: { displayName: optionalName, username, email, password: newPassword },
    initial: { displayName: '', username: '', email: '', password: '' },
    draft: { name: 'register', fields: ['displayName', 'username', 'email'] },
  });
  const text = (code: string | undefined) => code && explainField(code, t);

  const submit = form.onSubmit(async ({ displayName: name, ...fields }, { refuse }) => {
    setFailure(null);
    try {
      await register({
        ...fields,
        ...(name ? { displayName: name } : {}),
        language: currentLanguage(),
      });
      form.clearDraft();
    } catch (error) {
      if (isCode(error, 'email_taken')) return refuse('email', error.code);
      if (isCode(error, 'username_taken')) return refuse('username', error.code);
      let said = false;
      if (isCode(error, 'validation_failed'))
        for (const { field, code } of error.fields) {
          const known = kFields.find((name) => name === field);
          if (known) refuse(known, code);
          said ||= known !== undefined;
        }
      if (!said) setFailure(error);
    }
  });

  return (
    <Gate title={t('register.title')}>
      <AskedToPay />
      <form
        className="stack"
        noValidate
        onSubmit={submit}
        onFocus={() => void loadWallet().catch(() => {})}
      >
        <TextField
          {...form.field('displayName')}
          label={t('field.displayName')}
          autoComplete="name"
          dir="auto"
          error={text(form.errors.displayName)}
        />
        <TextField
          {...form.field('username')}
          label={t('field.username')}
          hint={t('field.usernameHint')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="ltr"
          error={text(form.errors.username)}
        />
        <TextField
          {...form.field('email')}
          label={t('field.email')}
          hint={t('field.emailHint')}
          type="email"
          inputMode="email"
          autoComplete="username"
          dir="ltr"
          error={text(form.errors.email)}
        />
        <PasswordField
          {...form.field('password')}
          label={t('field.password')}
          hint={t('field.passwordHint')}
          autoComplete="new-password"
          error={text(form.errors.password)}
        />
        <Failure icon={CircleAlert}>{failure !== null && explain(failure, { t, locale })}</Failure>
        <Button type="submit" look="primary" block busy={form.busy}>
          {t('register.submit')}
        </Button>
      </form>
      <p className="small muted center">
        {t('register.have')}{' '}
        <Link href={`/sign-in${search ? `?${search}` : ''}`}>{t('register.signIn')}</Link>
      </p>
    </Gate>
  );
}
