import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from 'wouter';
import { CircleAlert } from 'lucide-react';
import * as v from 'valibot';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { anyPassword, email } from '../lib/schemas';
import { useRawSearch } from '../lib/search';
import { useFormDraft } from '../lib/useFormDraft';
import { session, signIn } from '../session/session';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { AskedToPay } from './AskedToPay';
import { Gate } from './Gate';
import { SecondStep } from './SecondStep';

const Schema = v.object({ email, password: anyPassword });
type Fields = v.InferInput<typeof Schema>;

export function SignInPage() {
  const t = useT();
  const locale = useLocale();
  const search = useRawSearch();
  const [failure, setFailure] = useState<unknown>(null);
  const [ended] = useState(() => {
    const state = session();
    return state.status === 'anonymous' && state.reason === 'ended';
  });
  const [challenge, setChallenge] = useState<string | null>(null);
  const form = useForm<Fields>({
    resolver: valibotResolver(Schema),
    defaultValues: { email: '', password: '' },
  });
  const clearDraft = useFormDraft('sign-in', form, ['email']);
  const { errors, isSubmitting } = form.formState;
  const text = (code: string | undefined) => code && explainField(code, t);

  const submit = form.handleSubmit(async (fields) => {
    setFailure(null);
    try {
      await signIn(fields.email, fields.password);
      clearDraft();
    } catch (error) {
      if (isCode(error, 'second_factor_required')) {
        setChallenge(error.problem.challenge ?? '');
        return;
      }
      setFailure(error);
      form.setFocus('password', { shouldSelect: true });
    }
  });

  if (challenge !== null)
    return (
      <SecondStep
        challenge={challenge}
        onBack={(why) => {
          form.resetField('password');
          setFailure(why);
          setChallenge(null);
        }}
      />
    );
  return (
    <Gate title={t('signIn.title')}>
      <AskedToPay />
      {ended && <p className="notice notice-warn">{t('signIn.ended')}</p>}
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          {...form.register('email')}
          label={t('field.email')}
          type="email"
          inputMode="email"
          autoComplete="username"
          dir="ltr"
          error={text(errors.email?.message)}
        />
        <PasswordField
          {...form.register('password')}
          label={t('field.password')}
          autoComplete="current-password"
          error={text(errors.password?.message)}
        />
        <p className="small">
          <Link href="/forgot-password">{t('signIn.forgot')}</Link>
        </p>
        <div role="alert">
          {failure !== null && (
            <div className="notice notice-danger">
              <CircleAlert size={18} aria-hidden="true" />
              <p>{explain(failure, { t, locale })}</p>
            </div>
          )}
        </div>
        <Button type="submit" look="primary" block busy={isSubmitting}>
          {t('signIn.submit')}
        </Button>
      </form>
      <p className="small muted center">
        {t('signIn.new')}{' '}
        <Link href={`/register${search ? `?${search}` : ''}`}>{t('signIn.register')}</Link>
      </p>
    </Gate>
  );
}
