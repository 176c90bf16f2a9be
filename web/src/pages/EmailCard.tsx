import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { MailCheck } from 'lucide-react';
import { askEmailChange, cancelEmailChange, getEmailChange } from '../api/endpoints';
import { ApiError, isCode } from '../api/error';
import type { Schemas } from '../api/json';
import type { User } from '../api/types';
import { kEmailChangeKey } from '../app/me';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { explain, explainField } from '../lib/explain';
import { anyPassword, email } from '../lib/checks';
import { useForm } from '../lib/useForm';
import { Button } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { Failure, Notice } from '../ui/Notice';
import { Failed } from '../ui/States';
import { toast } from '../ui/toast';

const kLongMs = 3_600_000;
const after = (waitMs: number) => new Date(Date.now() + waitMs).toISOString();
const setChange = (change: Schemas['EmailChange']) =>
  queryClient.setQueryData(kEmailChangeKey, change);

function AskForm({ me, onDone }: { me: User; onDone: () => void }) {
  const t = useT();
  const locale = useLocale();
  const form = useForm({
    checks: { email, password: anyPassword },
    initial: { email: '', password: '' },
  });
  const text = (code: string | undefined) => code && explainField(code, t);
  const submit = form.onSubmit(async (fields, { refuse, fail }) => {
    try {
      setChange(await askEmailChange(fields.email, fields.password));
      onDone();
    } catch (error) {
      if (isCode(error, 'invalid_credentials')) return refuse('password', 'wrong_password');
      const field = error instanceof ApiError && error.fields.find((f) => f.field === 'email');
      if (field) return refuse('email', field.code);
      // Days, where too many changes were asked for.
      const waitMs = isCode(error, 'rate_limited') ? (error.retryAfterMs ?? 0) : 0;
      fail(
        waitMs > kLongMs
          ? t('ownEmail.tooMany', { time: dateTime(after(waitMs), locale) })
          : explain(error, { t, locale }),
      );
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <TextField
        {...form.field('email')}
        label={t('ownEmail.new')}
        type="email"
        inputMode="email"
        autoComplete="email"
        dir="ltr"
        error={text(form.errors.email)}
      />
      <input type="text" autoComplete="username" value={me.email} readOnly hidden />
      <PasswordField
        {...form.field('password')}
        label={t('settings.currentPassword')}
        autoComplete="current-password"
        error={text(form.errors.password)}
      />
      <Failure>{form.failure}</Failure>
      <div className="row-wrap">
        <Button type="submit" look="primary" busy={form.busy}>
          {t('ownEmail.ask')}
        </Button>
        <Button onClick={onDone}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

function Pending({ pending }: { pending: Schemas['PendingEmail'] }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    try {
      await cancelEmailChange();
      setChange({ pending: null });
      toast(<span>{t('ownEmail.cancelled')}</span>);
    } catch (error) {
      setBusy(false);
      toast(<span>{explain(error, { t, locale })}</span>);
    }
  };
  return (
    <>
      <div role="status">
        <Notice icon={MailCheck}>
          {t('ownEmail.pending')} <bdi dir="ltr">{pending.email}</bdi>.{' '}
          {t('ownEmail.pendingUntil', { time: dateTime(pending.expiresAt, locale) })}
        </Notice>
      </div>
      <div className="row-wrap">
        <Button busy={busy} onClick={() => void cancel()}>
          {t('ownEmail.cancel')}
        </Button>
      </div>
    </>
  );
}

/** The address of the wallet, and how it becomes another one. */
export function EmailCard({ me }: { me: User }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const query = useQuery({ queryKey: kEmailChangeKey, queryFn: getEmailChange });
  return (
    <section className="card stack" aria-labelledby="own-email">
      <h2 id="own-email">{t('ownEmail.title')}</h2>
      <p className="muted">
        {t('ownEmail.body')} <bdi dir="ltr">{me.email}</bdi>
      </p>
      {asking ? (
        <AskForm me={me} onDone={() => setAsking(false)} />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.pending ? (
        <Pending pending={query.data.pending} />
      ) : (
        <div className="row-wrap">
          <Button onClick={() => setAsking(true)}>{t('ownEmail.change')}</Button>
        </div>
      )}
    </section>
  );
}
