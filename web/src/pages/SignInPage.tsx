import { Suspense, lazy, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { CircleAlert } from 'lucide-react';
import { isCode } from '../api/error';
import { loadWallet } from '../app/loadWallet';
import { useLocale, useT, withTexts } from '../i18n';
import { explain, explainField } from '../lib/explain';
import { hasPasskeys } from '../lib/hasPasskeys';
import { anyPassword, email } from '../lib/checks';
import { useRawSearch } from '../lib/search';
import { useForm } from '../lib/useForm';
import { session, signIn } from '../session/session';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { PasskeyButton } from '../ui/PasskeyButton';
import { AskedToPay } from './AskedToPay';
import { Gate } from './Gate';

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
  const form = useForm({
    checks: { email, password: anyPassword },
    initial: { email: '', password: '' },
    draft: { name: 'sign-in', fields: ['email'] },
  });
  const text = (code: string | undefined) => code && explainField(code, t);

  const submit = form.onSubmit(async (fields, { select }) => {
    setFailure(null);
    try {
      await signIn(fields.email, fields.password);
      form.clearDraft();
    } catch (error) {
      if (isCode(error, 'second_factor_required')) {
        const { challenge = '', accepts = [] } = error.problem;
        setDemand({ challenge, accepts });
        return;
      }
      setFailure(error);
      select('password');
    }
  });

  if (demand)
    return (
      <Suspense fallback={null}>
        <SecondStep
          {...demand}
          onBack={(why) => {
            form.clear('password');
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
      <form
        className="stack"
        noValidate
        onSubmit={submit}
        onFocus={() => void loadWallet().catch(() => {})}
      >
        <TextField
          {...form.field('email')}
          label={t('field.email')}
          type="email"
          inputMode="email"
          autoComplete="username webauthn"
          dir="ltr"
          error={text(form.errors.email)}
        />
        <PasswordField
          {...form.field('password')}
          label={t('field.password')}
          autoComplete="current-password"
          error={text(form.errors.password)}
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
        <Button type="submit" look="primary" block busy={form.busy}>
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
