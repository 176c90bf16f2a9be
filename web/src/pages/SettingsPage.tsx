import { Suspense, lazy, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Download, LayoutDashboard, LogOut, Monitor, ShieldCheck, Smartphone } from 'lucide-react';
import { changePassword, endSession, exportUser, listSessions, updateUser } from '../api/endpoints';
import { ApiError, isCode } from '../api/error';
import type { SessionInfo, User } from '../api/types';
import { setMe } from '../app/me';
import { queryClient } from '../app/queries';
import { currentLanguage, setLanguage, useLocale, useT, withTexts, type Language } from '../i18n';
import { ago, date, dateTime } from '../lib/dates';
import { csvFile, download } from '../lib/download';
import { explain, explainField } from '../lib/explain';
import { anyPassword, displayName, newPassword, username } from '../lib/checks';
import { setTheme, theme, type Theme } from '../lib/theme';
import { useForm } from '../lib/useForm';
import { describeAgent } from '../lib/userAgent';
import { MailsCard } from '../notifications/MailsCard';
import { signOut } from '../session/session';
import { Avatar } from '../ui/Avatar';
import { Button, ButtonLink } from '../ui/Button';
import { PasswordField, TextField } from '../ui/Field';
import { LimitRows } from '../ui/LimitRows';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import { Segments } from '../ui/Segments';
import { BlockSkeleton, Failed, ListSkeleton } from '../ui/States';
import { toast } from '../ui/toast';
import { EmailCard } from './EmailCard';
import '../styles/settings.css';

const DevicesCard = lazy(() => import('../notifications/DevicesCard'));
// Says who is found as the page that sends does.
const CloseCard = lazy(withTexts(['life', 'security'], () => import('../account/CloseCard')));

function Profile({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const form = useForm({
    checks: { displayName, username },
    initial: { displayName: me.displayName, username: me.username },
    draft: { name: `profile.${me.id}`, fields: ['displayName', 'username'] },
  });
  const text = (code: string | undefined) => code && explainField(code, t);
  const submit = form.onSubmit(async (fields, { refuse, fail }) => {
    try {
      // Only what was changed: a rename counts, and a frozen account's names stay.
      const user = await updateUser(me.id, {
        ...(fields.displayName === me.displayName ? {} : { displayName: fields.displayName }),
        ...(fields.username === me.username ? {} : { username: fields.username }),
      });
      setMe(() => user);
      form.clearDraft();
      form.reset({ displayName: user.displayName, username: user.username });
      toast(<span>{t('settings.saved')}</span>);
    } catch (error) {
      if (isCode(error, 'username_taken')) return refuse('username', 'username_taken');
      if (isCode(error, 'validation_failed') && error.fields.length > 0) {
        for (const { field, code } of error.fields)
          refuse(field === 'username' ? 'username' : 'displayName', code);
        return;
      }
      fail(explain(error, { t, locale }));
    }
  });
  return (
    <section className="card stack" aria-labelledby="profile">
      <h2 id="profile">{t('settings.profile')}</h2>
      <form className="stack" noValidate onSubmit={submit}>
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
          hint={t('settings.usernameHint')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="ltr"
          error={text(form.errors.username)}
        />
        <Failure>{form.failure}</Failure>
        {form.dirty && (
          <div className="row">
            <Button type="submit" look="primary" busy={form.busy}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}

function Password({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const form = useForm({
    checks: { current: anyPassword, next: newPassword },
    initial: { current: '', next: '' },
  });
  const text = (code: string | undefined) => code && explainField(code, t);
  const submit = form.onSubmit(async ({ current, next }, { refuse, fail }) => {
    try {
      await changePassword(me.id, current, next);
      form.reset();
      toast(<span>{t('settings.passwordChanged')}</span>);
      void queryClient.invalidateQueries({ queryKey: ['sessions'] });
    } catch (error) {
      if (isCode(error, 'invalid_credentials')) return refuse('current', 'wrong_password');
      const field =
        error instanceof ApiError && error.fields.find((f) => f.field === 'newPassword');
      if (field) return refuse('next', field.code);
      fail(explain(error, { t, locale }));
    }
  });
  return (
    <section className="card stack" aria-labelledby="password">
      <h2 id="password">{t('settings.password')}</h2>
      <form className="stack" noValidate onSubmit={submit}>
        <input type="text" autoComplete="username" value={me.email} readOnly hidden />
        <PasswordField
          {...form.field('current')}
          label={t('settings.currentPassword')}
          autoComplete="current-password"
          error={text(form.errors.current)}
        />
        <PasswordField
          {...form.field('next')}
          label={t('settings.newPassword')}
          hint={t('settings.newPasswordHint')}
          autoComplete="new-password"
          error={text(form.errors.next)}
        />
        <Failure>{form.failure}</Failure>
        <div className="row">
          <Button type="submit" busy={form.busy}>
            {t('settings.changePassword')}
          </Button>
        </div>
      </form>
    </section>
  );
}

function SessionRow({ me, session }: { me: User; session: SessionInfo }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const agent = describeAgent(session.userAgent);
  const Icon = agent.phone ? Smartphone : Monitor;
  const end = async () => {
    setBusy(true);
    try {
      await endSession(me.id, session.id);
    } catch (error) {
      if (!isCode(error, 'session_not_found')) toast(<span>{explain(error, { t, locale })}</span>);
    }
    await queryClient.invalidateQueries({ queryKey: ['sessions'] });
    setBusy(false);
  };
  return (
    <li className="item session">
      <span className="avatar" aria-hidden="true">
        <Icon size={20} />
      </span>
      <div className="grow">
        <p className="item-title" dir="auto">
          {agent.name ?? t('settings.unknownDevice')}
        </p>
        <p className="item-sub" title={dateTime(session.lastUsedAt, locale)}>
          {session.current ? (
            <span className="badge badge-ok">{t('settings.thisDevice')}</span>
          ) : (
            ago(session.lastUsedAt, locale)
          )}
          {session.address && <bdi> · {session.address}</bdi>}
        </p>
        <p className="item-sub">
          {t('settings.sessionSince', { time: dateTime(session.createdAt, locale) })}
          {session.factor && <> · {t(`settings.sessionBy_${session.factor}`)}</>}
        </p>
      </div>
      {!session.current && (
        <Button small busy={busy} onClick={() => void end()}>
          {t('settings.endSession')}
        </Button>
      )}
    </li>
  );
}

function Sessions({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const query = useQuery({ queryKey: ['sessions', me.id], queryFn: () => listSessions(me.id) });
  const others = query.data?.data.filter((session) => !session.current) ?? [];
  const endOthers = async () => {
    setBusy(true);
    try {
      for (const { id } of others)
        await endSession(me.id, id).catch((error: unknown) => {
          if (!isCode(error, 'session_not_found')) throw error;
        });
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    }
    await queryClient.invalidateQueries({ queryKey: ['sessions'] });
    setBusy(false);
  };
  return (
    <section className="card stack-s" aria-labelledby="sessions">
      <h2 id="sessions">{t('settings.sessions')}</h2>
      {query.isPending ? (
        <ListSkeleton rows={2} />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ul className="list">
          {query.data.data.map((session) => (
            <SessionRow key={session.id} me={me} session={session} />
          ))}
        </ul>
      )}
      {others.length > 1 && (
        <div className="row">
          <Button busy={busy} onClick={() => void endOthers()}>
            {t('settings.endOtherSessions')}
          </Button>
        </div>
      )}
    </section>
  );
}

function LimitsCard({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  return (
    <section className="card" aria-labelledby="limits">
      <h2 id="limits">{t('limits.title')}</h2>
      <dl className="rows">
        <LimitRows
          id={me.id}
          parts={['perTransfer', 'leftToday']}
          below={{
            leftToday: ({ leftToday, resetsAt }) =>
              leftToday !== null && (
                <p className="muted small">
                  {t('limits.resets', { time: dateTime(resetsAt, locale) })}
                </p>
              ),
          }}
        />
      </dl>
    </section>
  );
}

function Look() {
  const t = useT();
  const [shown, setShown] = useState<Theme>(theme);
  return (
    <section className="card stack" aria-labelledby="look">
      <h2 id="look">{t('settings.look')}</h2>
      <div className="row-wrap between">
        <span>{t('settings.language')}</span>
        <Segments<Language>
          label={t('settings.language')}
          value={currentLanguage()}
          options={[
            { value: 'en', label: 'English' },
            { value: 'ar', label: 'العربية' },
          ]}
          onChange={(language) => void setLanguage(language)}
        />
      </div>
      <div className="row-wrap between">
        <span>{t('settings.theme')}</span>
        <Segments<Theme>
          label={t('settings.theme')}
          value={shown}
          options={[
            { value: 'system', label: t('settings.themeSystem') },
            { value: 'light', label: t('settings.themeLight') },
            { value: 'dark', label: t('settings.themeDark') },
          ]}
          onChange={(next) => {
            setTheme(next);
            setShown(next);
          }}
        />
      </div>
    </section>
  );
}

function YourData({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [saving, setSaving] = useState<'json' | 'csv' | null>(null);
  const save = async (format: 'json' | 'csv') => {
    setSaving(format);
    try {
      const { blob, name } = await exportUser(me.id, format);
      download(format === 'csv' ? csvFile(blob) : blob, name ?? `instapay-data.${format}`);
    } catch (error) {
      toast(<span>{explain(error, { t, locale })}</span>);
    } finally {
      setSaving(null);
    }
  };
  return (
    <section className="card stack-s" aria-labelledby="data">
      <h2 id="data">{t('settings.data')}</h2>
      <p className="muted">{t('settings.dataBody')}</p>
      <div className="row-wrap">
        {(['json', 'csv'] as const).map((format) => (
          <Button key={format} busy={saving === format} onClick={() => void save(format)}>
            {saving !== format && <Download size={18} aria-hidden="true" />}
            {t(format === 'json' ? 'settings.dataJson' : 'settings.dataCsv')}
          </Button>
        ))}
      </div>
    </section>
  );
}

export default function SettingsPage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  return (
    <div className="stack settings">
      <PageTitle>{t('settings.title')}</PageTitle>
      <div className="row who">
        <Avatar name={me.displayName} seed={me.id} size="l" />
        <div className="grow">
          <p className="who-name">
            <bdi>{me.displayName}</bdi>
          </p>
          <p className="muted truncate" dir="auto">
            {me.email}
          </p>
          <p className="muted small">{t('settings.since', { date: date(me.createdAt, locale) })}</p>
        </div>
      </div>
      {me.role !== 'user' && (
        <ButtonLink href="/console" look="outline" block>
          <LayoutDashboard size={18} aria-hidden="true" />
          {t('nav.console')}
        </ButtonLink>
      )}
      <Profile me={me} />
      {me.role === 'user' && me.emailVerified !== undefined && <EmailCard me={me} />}
      <Look />
      <Suspense fallback={<BlockSkeleton />}>
        <DevicesCard me={me} />
      </Suspense>
      <MailsCard />
      <LimitsCard me={me} />
      <Sessions me={me} />
      <Password me={me} />
      <ButtonLink href="/settings/security" look="outline" block>
        <ShieldCheck size={18} aria-hidden="true" />
        {t('security.title')}
      </ButtonLink>
      <YourData me={me} />
      <Button look="danger" block onClick={() => void signOut()}>
        <LogOut size={18} aria-hidden="true" className="flip" />
        {t('settings.signOut')}
      </Button>
      {me.role === 'user' && (
        <Suspense fallback={<BlockSkeleton />}>
          <CloseCard me={me} />
        </Suspense>
      )}
    </div>
  );
}
