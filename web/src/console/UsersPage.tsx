import { Search, UserRoundX } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { listUsers } from '../api/endpoints';
import { useLocale, useT } from '../i18n';
import { date } from '../lib/dates';
import { flatten } from '../lib/feed';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { searchWords, useSearchBox } from '../lib/useSearchBox';
import { Avatar } from '../ui/Avatar';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { More } from '../ui/More';
import { TableScroll } from '../ui/TableScroll';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { StatusBadge } from './StatusBadge';

export function UsersPage() {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const q = new URLSearchParams(useRawSearch()).get('q') ?? '';
  const [text, setText] = useSearchBox(q, (words) =>
    navigate(words ? `/console/users?q=${encodeURIComponent(words)}` : '/console/users', {
      replace: true,
    }),
  );

  const query = usePages(['users', q], (cursor) => listUsers(searchWords(q) ?? '', cursor));
  const users = flatten(query.data);

  return (
    <div className="stack">
      <PageTitle>{t('console.users')}</PageTitle>
      <form role="search" onSubmit={(event) => event.preventDefault()}>
        <div className="input-wrap activity-search">
          <Search size={18} aria-hidden="true" className="lead" />
          <input
            className="input"
            type="search"
            value={text}
            dir="auto"
            aria-label={t('console.searchUsers')}
            placeholder={t('console.searchUsers')}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      </form>
      {query.isPending ? (
        <div className="card card-flush">
          <ListSkeleton rows={8} />
        </div>
      ) : query.isError && users.length === 0 ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : users.length === 0 ? (
        <Empty icon={UserRoundX} title={t('console.noUsers')} />
      ) : (
        <TableScroll className="card card-flush" label={t('console.users')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('console.name')}</th>
                <th scope="col">{t('field.email')}</th>
                <th scope="col">{t('receipt.status')}</th>
                <th scope="col">{t('console.role')}</th>
                <th scope="col" className="num">
                  {t('console.balance')}
                </th>
                <th scope="col">{t('console.joined')}</th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.id}>
                  <th scope="row">
                    <Link href={`/console/users/${user.id}`} className="row user-cell">
                      <Avatar name={user.displayName} seed={user.id} size="s" />
                      <span>
                        <bdi>{user.displayName}</bdi>{' '}
                        <span className="muted" dir="ltr">
                          @{user.username}
                        </span>
                      </span>
                    </Link>
                  </th>
                  <td>
                    <bdi>{user.email}</bdi>
                  </td>
                  <td>
                    <StatusBadge status={user.status} />
                  </td>
                  <td>{t(`role.${user.role}`)}</td>
                  <td className="num">
                    <Money amount={user.balance} currency={user.currency} />
                  </td>
                  <td>{date(user.createdAt, locale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      <More block of={query} />
    </div>
  );
}
