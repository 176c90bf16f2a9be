import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Gauge, Scale, Snowflake, Sun } from 'lucide-react';
import { Link } from 'wouter';
import { getUser, reportUser, updateUser } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { User } from '../api/types';
import { queryClient } from '../app/queries';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { explain } from '../lib/explain';
import { flatten } from '../lib/feed';
import { InOutChart } from '../pages/InsightsPage';
import { useHistory } from '../pages/history';
import { NotFoundPage } from '../pages/NotFoundPage';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { rangeFor } from '../ui/chartData';
import { Dialog } from '../ui/Dialog';
import { EntryRow } from '../ui/EntryRow';
import { LimitRows, limitsQuery } from '../ui/LimitRows';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { BlockSkeleton, Failed, ListSkeleton } from '../ui/States';
import { AdjustDialog } from './AdjustDialog';
import { LimitsDialog } from './LimitsDialog';
import { StatusBadge } from './StatusBadge';

function FreezeDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const freeze = user.status === 'active';
  const apply = async () => {
    setBusy(true);
    try {
      const changed = await updateUser(user.id, { status: freeze ? 'frozen' : 'active' });
      queryClient.setQueryData(['user', user.id], changed);
      void queryClient.invalidateQueries({ queryKey: ['users'] });
      onClose();
    } catch (error) {
      setFailure(explain(error, { t, locale }));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(freeze ? 'console.freezeTitle' : 'console.unfreezeTitle')}
    >
      <p>{t(freeze ? 'console.freezeBody' : 'console.unfreezeBody', { name: user.displayName })}</p>
      <div role="alert">{failure && <p className="notice notice-danger">{failure}</p>}</div>
      <div className="dialog-actions">
        <Button look={freeze ? 'danger' : 'primary'} busy={busy} onClick={() => void apply()}>
          {t(freeze ? 'console.freeze' : 'console.unfreeze')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
      </div>
    </Dialog>
  );
}

export function UserPage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const locale = useLocale();
  const [dialog, setDialog] = useState<'adjust' | 'limits' | 'freeze' | null>(null);
  const query = useQuery({ queryKey: ['user', id], queryFn: () => getUser(id) });
  const limits = useQuery(limitsQuery(id));
  const history = useHistory(id);
  const range = rangeFor('day');
  const report = useQuery({
    queryKey: ['report', 'user', id, range],
    queryFn: () => reportUser(id, range),
  });

  if (query.isPending) return <BlockSkeleton />;
  if (query.isError)
    return isStatus(query.error, 404, 422) ? (
      <NotFoundPage />
    ) : (
      <Failed error={query.error} onRetry={() => void query.refetch()} />
    );
  const user = query.data;
  const entries = flatten(history.data);
  const mayAct = me.role === 'operator' && user.id !== me.id && user.status !== 'closed';

  return (
    <div className="stack">
      <div className="row">
        <Link href="/console/users" className="btn btn-icon" aria-label={t('action.back')}>
          <ArrowLeft size={20} aria-hidden="true" className="flip" />
        </Link>
        <Avatar name={user.displayName} seed={user.id} />
        <div className="grow">
          <PageTitle>{user.displayName}</PageTitle>
          <p className="muted small" dir="ltr">
            @{user.username}
          </p>
        </div>
        <StatusBadge status={user.status} />
      </div>
      <div className="two">
        <section className="card" aria-labelledby="about">
          <h2 id="about">{t('settings.profile')}</h2>
          <dl className="rows">
            <div>
              <dt>{t('console.balance')}</dt>
              <dd data-testid="user-balance">
                <Money amount={user.balance} currency={user.currency} />
              </dd>
            </div>
            <div>
              <dt>{t('field.email')}</dt>
              <dd>
                <bdi>{user.email}</bdi>
              </dd>
            </div>
            <div>
              <dt>{t('console.role')}</dt>
              <dd>{t(`role.${user.role}`)}</dd>
            </div>
            <div>
              <dt>{t('console.joined')}</dt>
              <dd>{dateTime(user.createdAt, locale)}</dd>
            </div>
            <LimitRows id={id} parts={['perTransfer', 'perDay', 'usedToday']} />
            <div>
              <dt>{t('console.id')}</dt>
              <dd className="mono" dir="ltr">
                {user.id}
              </dd>
            </div>
          </dl>
          {mayAct && (
            <div className="row-wrap">
              <Button onClick={() => setDialog('adjust')}>
                <Scale size={18} aria-hidden="true" />
                {t('adjust.title')}
              </Button>
              <Button disabled={!limits.data} onClick={() => setDialog('limits')}>
                <Gauge size={18} aria-hidden="true" />
                {t('limits.edit')}
              </Button>
              <Button
                look={user.status === 'active' ? 'danger' : 'plain'}
                onClick={() => setDialog('freeze')}
              >
                {user.status === 'active' ? (
                  <Snowflake size={18} aria-hidden="true" />
                ) : (
                  <Sun size={18} aria-hidden="true" />
                )}
                {t(user.status === 'active' ? 'console.freeze' : 'console.unfreeze')}
              </Button>
            </div>
          )}
        </section>
        {report.data ? (
          <InOutChart report={report.data} grouping="day" />
        ) : report.isError ? (
          <Failed error={report.error} onRetry={() => void report.refetch()} />
        ) : (
          <BlockSkeleton />
        )}
      </div>
      <section aria-labelledby="entries">
        <div className="section-head">
          <h2 id="entries">{t('console.transactions')}</h2>
        </div>
        <div className="card card-flush">
          {history.isPending ? (
            <ListSkeleton />
          ) : history.isError && entries.length === 0 ? (
            <Failed error={history.error} onRetry={() => void history.refetch()} />
          ) : entries.length === 0 ? (
            <p className="muted center pad">{t('insights.none')}</p>
          ) : (
            <ul className="list">
              {entries.map((entry) => (
                <li key={entry.id}>
                  <EntryRow entry={entry} time="full" />
                </li>
              ))}
            </ul>
          )}
        </div>
      </section>
      {history.hasNextPage && (
        <Button
          block
          busy={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
      {dialog === 'adjust' && <AdjustDialog user={user} onClose={() => setDialog(null)} />}
      {dialog === 'limits' && limits.data && (
        <LimitsDialog user={user} limits={limits.data} onClose={() => setDialog(null)} />
      )}
      {dialog === 'freeze' && <FreezeDialog user={user} onClose={() => setDialog(null)} />}
    </div>
  );
}
