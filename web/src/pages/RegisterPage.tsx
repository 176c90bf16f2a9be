import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from 'wouter';
import { CircleAlert } from 'lucide-react';
import * as v from 'valibot';
import { isCode } from '../api/error';
import { currentLanguage, useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { displayName, email, newPassword, username } from '../lib/schemas';
import { useRawSearch } from '../lib/search';
import { useFormDraft } from '../lib/useFormDraft';
import { register } from '../session/session';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { Failure } from '../ui/Notice';
import { AskedToPay } from './AskedToPay';
import { Gate } from './Gate';

const Schema = v.object({ displayName, username, email, password: newPassword });
type Fields = v.InferInput<typeof Schema>;
const kFields = new Set<string>(['displayName', 'username', 'email', 'password']);

export default function RegisterPage() {
  const t = useT();
  const locale = useLocale();
  const search = useRawSearch();
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm<Fields>({
    resolver: valibotResolver(Schema),
    defaultValues: { displayName: '', username: '', email: '', password: '' },
  });
  const clearDraft = useFormDraft('register', form, ['displayName', 'username', 'email']);
  const { errors, isSubmitting } = form.formState;
  const text = (code: string | undefined) => code && explainField(code, t);

  const submit = form.handleSubmit(async ({ displayName: name, ...fields }) => {
    setFailure(null);
    try {
      await register({
        ...fields,
        ...(name ? { displayName: name } : {}),
        language: currentLanguage(),
      });
      clearDraft();
    } catch (error) {
      if (isCode(error, 'email_taken'))
        return form.setError('email', { message: 'email_taken' }, { shouldFocus: true });
      if (isCode(error, 'username_taken'))
        return form.setError('username', { message: 'username_taken' }, { shouldFocus: true });
      if (isCode(error, 'validation_failed')) {
        const known = error.fields.filter(({ field }) => kFields.has(field));
        for (const { field, code } of known)
          form.setError(field as keyof Fields, { message: code });
        if (known.length > 0) return;
      }
      setFailure(error);
    }
  });

  return (
    <Gate title={t('register.title')}>
      <AskedToPay />
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          {...form.register('displayName')}
          label={t('field.displayName')}
          autoComplete="name"
          dir="auto"
          error={text(errors.displayName?.message)}
        />
        <TextField
          {...form.register('username')}
          label={t('field.username')}
          hint={t('field.usernameHint')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="ltr"
          error={text(errors.username?.message)}
        />
        <TextField
          {...form.register('email')}
          label={t('field.email')}
          hint={t('field.emailHint')}
          type="email"
          inputMode="email"
          autoComplete="username"
          dir="ltr"
          error={text(errors.email?.message)}
        />
        <PasswordField
          {...form.register('password')}
          label={t('field.password')}
          hint={t('field.passwordHint')}
          autoComplete="new-password"
          error={text(errors.password?.message)}
        />
        <Failure icon={CircleAlert}>{failure !== null && explain(failure, { t, locale })}</Failure>
        <Button type="submit" look="primary" block busy={isSubmitting}>
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
