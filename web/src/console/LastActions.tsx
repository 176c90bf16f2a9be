import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { listActions } from '../api/endpoints';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { Failed, ListSkeleton } from '../ui/States';
import { ActionList } from './ActionList';

const kShown = 5;

/** What was done to an account last, with the way to everything that was. */
export function LastActions({ user }: { user: User }) {
  const t = useT();
  const query = useQuery({
    queryKey: ['actions', { subject: user.id }, kShown],
    queryFn: () => listActions({ subject: user.id }, null, kShown),
  });
  return (
    <section aria-labelledby="last-actions">
      <div className="section-head">
        <h2 id="last-actions">{t('actions.last')}</h2>
        <Link href={`/console/actions?subject=${encodeURIComponent(user.username)}`}>
          {t('actions.all')}
        </Link>
      </div>
      <div className="card">
        {query.isPending ? (
          <ListSkeleton rows={2} />
        ) : query.isError ? (
          <Failed error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data.data.length === 0 ? (
          <p className="muted center">{t('actions.none')}</p>
        ) : (
          <ActionList actions={query.data.data} about="one" />
        )}
      </div>
    </section>
  );
}
