import { Suspense, lazy, useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { valibotResolver } from '@hookform/resolvers/valibot';
import { Link } from 'wouter';
import { CircleAlert } from 'lucide-react';
import * as v from 'valibot';
import { isCode } from '../api/error';
import { useLocale, useT, withTexts } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { hasPasskeys } from '../lib/hasPasskeys';
import { anyPassword, email } from '../lib/schemas';
import { useRawSearch } from '../lib/search';
import { useFormDraft } from '../lib/useFormDraft';
import { session, signIn } from '../session/session';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { PasskeyButton } from '../ui/PasskeyButton';
import { AskedToPay } from './AskedToPay';
import { Gate } from './Gate';

const Schema = v.object({ email, password: anyPassword });
type Fields = v.InferInput<typeof Schema>;
const SecondStep = lazy(withTexts(['security'], () => import('./SecondStep')));
const ContactSupport = lazy(() =>
  import('../ui/ContactSupport').then(({ ContactSupport: shown }) => ({ default: shown })),
);
const passkeys = () => import('../session/passkeySignIn');
const signInWithPasskey = async () => (await passkeys()).signInWithPasskey();

export function SignInPage() {
  const t = useT();
  const locale = useLocale();
  const search = useRawSearch();
  const [failure, setFailure] = useState<unknown>(null);
  const [ended] = useState(() => {
    const state = session();
    return state.status === 'anonymous' && state.reason === 'ended';
  });
  const [demand, setDemand] = useState<{ challenge: string; accepts: string[] } | null>(null);
  useEffect(() => {
    if (!hasPasskeys() || demand) return;
    let stop: (() => void) | null = () => {};
    passkeys().then(
      ({ offerInAutofill }) => {
        if (stop) stop = offerInAutofill(setFailure);
      },
      () => {},
    );
    return () => {
      stop?.();
      stop = null;
    };
  }, [demand]);
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
        const { challenge = '', accepts = [] } = error.problem;
        setDemand({ challenge, accepts });
        return;
      }
      setFailure(error);
      form.setFocus('password', { shouldSelect: true });
    }
  });

  if (demand)
    return (
      <Suspense fallback={null}>
        <SecondStep
          {...demand}
          onBack={(why) => {
            form.resetField('password');
            setFailure(why);
            setDemand(null);
          }}
        />
      </Suspense>
    );
  return (
    <Gate title={t('signIn.title')}>
      <AskedToPay />
      {ended && <Notice tone="warn">{t('signIn.ended')}</Notice>}
      <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          {...form.register('email')}
          label={t('field.email')}
          type="email"
          inputMode="email"
          autoComplete="username webauthn"
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
        <Failure icon={CircleAlert}>{failure !== null && explain(failure, { t, locale })}</Failure>
        {isCode(failure, 'account_closed') && (
          <Suspense fallback={null}>
            <ContactSupport />
          </Suspense>
        )}
        <Button type="submit" look="primary" block busy={isSubmitting}>
          {t('signIn.submit')}
        </Button>
      </form>
      {hasPasskeys() && (
        <PasskeyButton look="plain" show={signInWithPasskey}>
          {t('signIn.passkey')}
        </PasskeyButton>
      )}
      <p className="small muted center">
        {t('signIn.new')}{' '}
        <Link href={`/register${search ? `?${search}` : ''}`}>{t('signIn.register')}</Link>
      </p>
    </Gate>
  );
}
