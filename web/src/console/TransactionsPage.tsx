import { useEffect, useState, type SubmitEvent } from 'react';
import { SearchX } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { searchTransactions, type TransactionSearch } from '../api/endpoints';
import type { PublicUser, TransactionKind } from '../api/types';
import { useLocale, useT } from '../i18n';
import { dateTime, dayEnd, dayStart } from '../lib/dates';
import { flatten } from '../lib/feed';
import { useRawSearch } from '../lib/search';
import { usePages } from '../lib/usePages';
import { searchWords } from '../lib/useSearchBox';
import { AmountFilter, filterAmount } from '../ui/AmountFilter';
import { Button } from '../ui/Button';
import { SelectField, TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { More } from '../ui/More';
import { TableScroll } from '../ui/TableScroll';
import { Empty, Failed, ListSkeleton } from '../ui/States';
import { plainText } from '../lib/text';

const kNames = ['q', 'user', 'kind', 'from', 'to', 'min', 'max'] as const;
type Fields = Record<(typeof kNames)[number], string>;
const kKinds: TransactionKind[] = ['transfer', 'refund', 'opening', 'adjustment', 'capture'];

function Person({ person }: { person: PublicUser | null }) {
  const t = useT();
  if (!person) return <span className="muted">{t('kind.system')}</span>;
  return (
    <Link href={`/console/users/${person.id}`}>
      <bdi>{person.displayName}</bdi>
    </Link>
  );
}

export function TransactionsPage() {
  const t = useT();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const address = useRawSearch();
  const params = new URLSearchParams(address);
  const applied = Object.fromEntries(kNames.map((n) => [n, params.get(n) ?? ''])) as Fields;
  const [fields, setFields] = useState<Fields>(applied);
  const [seen, setSeen] = useState(address);
  if (seen !== address) {
    setSeen(address);
    setFields(applied);
  }
  const search: TransactionSearch = {
    q: applied.q.trim() || undefined,
    user: searchWords(applied.user),
    kind: (applied.kind || undefined) as TransactionKind | undefined,
    from: dayStart(applied.from),
    to: dayEnd(applied.to),
    minAmount: filterAmount(applied.min),
    maxAmount: filterAmount(applied.max),
  };
  const query = usePages(['transactions', search], (cursor) => searchTransactions(search, cursor));
  const rows = flatten(query.data);
  // A page may be empty although there are more: the search goes on until it has found something.
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const searching = rows.length === 0 && hasNextPage && !isError;
  useEffect(() => {
    if (searching && !isFetching) void fetchNextPage();
  }, [searching, isFetching, fetchNextPage]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const next = new URLSearchParams();
    for (const name of kNames) {
      const value = plainText(fields[name]);
      if (value) next.set(name, value);
    }
    navigate(`/console/transactions${next.size > 0 ? `?${next.toString()}` : ''}`);
  };
  const field = (name: keyof Fields) => ({
    value: fields[name],
    onChange: (event: { target: { value: string } }) =>
      setFields({ ...fields, [name]: event.target.value }),
  });

  return (
    <div className="stack">
      <PageTitle>{t('console.transactions')}</PageTitle>
      <form role="search" className="card console-filters" onSubmit={submit}>
        <TextField label={t('console.searchText')} dir="auto" {...field('q')} />
        <TextField
          label={t('console.searchUser')}
          placeholder={t('console.searchUserHint')}
          dir="auto"
          {...field('user')}
        />
        <SelectField label={t('receipt.kind')} {...field('kind')}>
          <option value="">{t('activity.all')}</option>
          {kKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`kind.${kind}`)}
            </option>
          ))}
        </SelectField>
        <TextField type="date" label={t('activity.from')} {...field('from')} />
        <TextField type="date" label={t('activity.to')} {...field('to')} />
        <AmountFilter
          label={t('activity.min')}
          value={fields.min}
          onChange={(min) => setFields({ ...fields, min })}
        />
        <AmountFilter
          label={t('activity.max')}
          value={fields.max}
          onChange={(max) => setFields({ ...fields, max })}
        />
        <Button type="submit" look="primary" busy={isFetching && !query.isFetchingNextPage}>
          {t('console.search')}
        </Button>
      </form>
      {query.isPending || searching ? (
        <div className="card card-flush">
          <ListSkeleton rows={8} />
        </div>
      ) : isError && rows.length === 0 ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={SearchX} title={t('activity.nothing')} />
      ) : (
        <TableScroll className="card card-flush" label={t('console.transactions')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('receipt.date')}</th>
                <th scope="col">{t('receipt.from')}</th>
                <th scope="col">{t('receipt.to')}</th>
                <th scope="col">{t('receipt.kind')}</th>
                <th scope="col">{t('receipt.note')}</th>
                <th scope="col" className="num">
                  {t('receipt.amount')}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row">
                    <Link href={`/activity/${row.id}`}>{dateTime(row.createdAt, locale)}</Link>
                  </th>
                  <td>
                    <Person person={row.sender} />
                  </td>
                  <td>
                    <Person person={row.receiver} />
                  </td>
                  <td>{t(`kind.${row.kind}`)}</td>
                  <td className="note-cell truncate" dir="auto">
                    {row.note}
                  </td>
                  <td className="num">
                    <Money amount={row.amount} currency={row.currency} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      {rows.length > 0 && <More block of={query} />}
    </div>
  );
}
