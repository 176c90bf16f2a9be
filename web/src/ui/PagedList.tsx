import type { ReactNode } from 'react';
import { flatten } from '../lib/feed';
import type { Pages } from '../lib/usePages';
import { More } from './More';
import { Failed, ListSkeleton } from './States';

type Props<T> = {
  label: string;
  of: Pages<T>;
  rows?: number;
  empty: ReactNode;
  children: (item: T) => ReactNode;
};

/** Rows in a card, page by page. What has been read stays when reading more or again fails. */
export function PagedList<T extends { id: string }>({
  label,
  of: pages,
  rows = 5,
  empty,
  children,
}: Props<T>) {
  const items = flatten(pages.data);
  if (pages.isPending)
    return (
      <div className="card card-flush">
        <ListSkeleton rows={rows} />
      </div>
    );
  if (pages.isError && items.length === 0)
    return <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  if (items.length === 0) return empty;
  return (
    <div className="stack">
      <ul className="list card card-flush" aria-label={label}>
        {items.map((item) => (
          <li key={item.id}>{children(item)}</li>
        ))}
      </ul>
      <More of={pages} />
    </div>
  );
}
