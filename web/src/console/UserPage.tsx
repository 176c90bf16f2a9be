import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Eraser, Gauge, Lock, LockOpen, Scale, Snowflake, Sun, UserCog } from 'lucide-react';
import { getUser, reportUser } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { flatten } from '../lib/feed';
import { InOutChart } from '../pages/InsightsPage';
import { useHistory } from '../pages/history';
import { NotFoundPage } from '../pages/NotFoundPage';
import { Avatar } from '../ui/Avatar';
import { BackLink } from '../ui/BackLink';
import { Button } from '../ui/Button';
import { rangeFor } from '../ui/chartData';
import { EntryRow } from '../ui/EntryRow';
import { LimitRows, limitsQuery } from '../ui/LimitRows';
import { Money } from '../ui/Money';
import { More } from '../ui/More';
import { PageTitle } from '../ui/Page';
import { Row } from '../ui/Rows';
import { BlockSkeleton, Failed, ListSkeleton } from '../ui/States';
import { AdjustDialog } from './AdjustDialog';
import { BalanceAt } from './BalanceAt';
import { EraseDialog, RoleDialog, StatusDialog, type StatusChange } from './ControlDialog';
import { LastActions } from './LastActions';
import { LimitsDialog } from './LimitsDialog';
import { may } from './staff';
import { StatusBadge } from './StatusBadge';

type DialogName = 'adjust' | 'limits' | 'role' | 'erase' | StatusChange;

/** How the server marks an account whose person was erased (db/queries/user/erase_user.sql). */
const isErased = (user: User) => user.email === `${user.id}@erased.invalid`;

function UserButtons({
  me,
  user,
  open,
}: {
  me: User;
  user: User;
  open: (dialog: DialogName) => void;
}) {
  const t = useT();
  const limits = useQuery(limitsQuery(user.id));
  if (isErased(user)) return null;
  if (user.status === 'closed') {
    // Opened, it would be staff again: the server asks for another role first.
    const wasStaff = user.role !== 'user';
    return (
      <div className="stack-s">
        <div className="row-wrap">
          {wasStaff && may(me.role, 'roles') && (
            <Button onClick={() => open('role')}>
              <UserCog size={18} aria-hidden="true" />
              {t('console.changeRole')}
            </Button>
          )}
          {!wasStaff && may(me.role, 'close') && (
            <Button onClick={() => open('reopen')}>
              <LockOpen size={18} aria-hidden="true" />
              {t('console.reopen')}
            </Button>
          )}
          {user.balance === 0n && may(me.role, 'erase') && (
            <Button look="danger" onClick={() => open('erase')}>
              <Eraser size={18} aria-hidden="true" />
              {t('erase.open')}
            </Button>
          )}
        </div>
        {wasStaff && <p className="muted small">{t('console.reopenStaff')}</p>}
        {user.balance !== 0n && <p className="muted small">{t('erase.notEmpty')}</p>}
      </div>
    );
  }
  const freeze = user.status === 'active' ? 'freeze' : 'unfreeze';
  const FreezeIcon = freeze === 'freeze' ? Snowflake : Sun;
  return (
    <div className="row-wrap">
      {may(me.role, 'money') && (
        <Button onClick={() => open('adjust')}>
          <Scale size={18} aria-hidden="true" />
          {t('adjust.title')}
        </Button>
      )}
      {may(me.role, 'limits') && (
        <Button disabled={!limits.data} onClick={() => open('limits')}>
          <Gauge size={18} aria-hidden="true" />
          {t('limits.edit')}
        </Button>
      )}
      {may(me.role, 'roles') && (
        <Button onClick={() => open('role')}>
          <UserCog size={18} aria-hidden="true" />
          {t('console.changeRole')}
        </Button>
      )}
      {may(me.role, 'freeze') && (
        <Button look={freeze === 'freeze' ? 'danger' : 'plain'} onClick={() => open(freeze)}>
          <FreezeIcon size={18} aria-hidden="true" />
          {t(`console.${freeze}`)}
        </Button>
      )}
      {may(me.role, 'freeze') && user.frozenBy === 'user' && (
        <Button look="danger" onClick={() => open('freeze')}>
          <Snowflake size={18} aria-hidden="true" />
          {t('console.freezeToo')}
        </Button>
      )}
      {may(me.role, 'close') && (
        <Button look="danger" onClick={() => open('close')}>
          <Lock size={18} aria-hidden="true" />
          {t('console.close')}
        </Button>
      )}
    </div>
  );
}

export function UserPage({ me, id }: { me: User; id: string }) {
  const t = useT();
  const locale = useLocale();
  const [dialog, setDialog] = useState<DialogName | null>(null);
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
  const mayAct = user.id !== me.id;
  const close = () => setDialog(null);

  return (
    <div className="stack">
      <div className="row">
        <BackLink
          from={/^\/console(\/(transactions|actions|users)?)?$/}
          fallback="/console/users"
        />
        <Avatar name={user.displayName} seed={user.id} />
        <div className="grow">
          <PageTitle>{user.displayName}</PageTitle>
          <p className="muted small" dir="ltr">
            @{user.username}
          </p>
        </div>
        {isErased(user) && <span className="badge">{t('erase.erased')}</span>}
        <StatusBadge status={user.status} />
      </div>
      <div className="two">
        <section className="card" aria-labelledby="about">
          <h2 id="about">{t('settings.profile')}</h2>
          <dl className="rows">
            <Row name={t('console.balance')} data-testid="user-balance">
              <Money amount={user.balance} currency={user.currency} />
            </Row>
            <Row name={t('field.email')}>
              <bdi>{user.email}</bdi>
            </Row>
            <Row name={t('console.role')}>{t(`role.${user.role}`)}</Row>
            {user.frozenBy && (
              <Row name={t('console.frozenBy')}>{t(`console.frozenBy_${user.frozenBy}`)}</Row>
            )}
            <Row name={t('console.joined')}>{dateTime(user.createdAt, locale)}</Row>
            <LimitRows id={id} parts={['perTransfer', 'perDay', 'usedToday']} />
            <Row name={t('console.id')} className="mono" dir="ltr">
              {user.id}
            </Row>
          </dl>
          {mayAct && <UserButtons me={me} user={user} open={setDialog} />}
          <BalanceAt id={id} />
        </section>
        {report.data ? (
          <InOutChart report={report.data} grouping="day" />
        ) : report.isError ? (
          <Failed error={report.error} onRetry={() => void report.refetch()} />
        ) : (
          <BlockSkeleton />
        )}
      </div>
      <LastActions user={user} />
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
      <More block of={history} />
      {dialog === 'adjust' && <AdjustDialog user={user} onClose={close} />}
      {dialog === 'limits' && limits.data && (
        <LimitsDialog user={user} limits={limits.data} onClose={close} />
      )}
      {dialog === 'role' && <RoleDialog user={user} onClose={close} />}
      {dialog === 'erase' && <EraseDialog user={user} onClose={close} />}
      {(dialog === 'freeze' ||
        dialog === 'unfreeze' ||
        dialog === 'close' ||
        dialog === 'reopen') && <StatusDialog user={user} change={dialog} onClose={close} />}
    </div>
  );
}
