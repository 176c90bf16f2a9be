import { useQuery } from '@tanstack/react-query';
import { listHistory, listPayees, type HistoryFilter } from '../api/endpoints';
import type { HistoryItem } from '../api/types';
import { nextCursor } from '../lib/feed';
import { usePages } from '../lib/usePages';

const isPlain = (filter: HistoryFilter) => Object.values(filter).every((value) => !value);

/** One wallet's history, page by page. Only the unfiltered one can take live entries on top. */
export function useHistory(userId: string, filter: HistoryFilter = {}) {
  return usePages(
    isPlain(filter) ? ['history', userId] : ['history-filtered', userId, filter],
    (cursor, { signal }) => listHistory(userId, filter, cursor, 20, signal),
  );
}

const kRecentPayees = 8;

/** The people paid most recently, each once. */
export function usePeople(userId: string) {
  return useQuery({
    queryKey: ['people', userId],
    queryFn: async () => (await listPayees(userId, kRecentPayees)).data,
  });
}

const kPageOfAll = 100;
export const kMostOfAll = 10_000;

/** Everything that a filter finds, newest first, up to kMostOfAll. */
export async function readAll(userId: string, filter: HistoryFilter): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  const used: string[] = [];
  for (let cursor: string | null | undefined = null; cursor !== undefined;) {
    const page = await listHistory(userId, filter, cursor, kPageOfAll);
    items.push(...page.data);
    if (items.length >= kMostOfAll) return items.slice(0, kMostOfAll);
    cursor = nextCursor(page, used);
    if (cursor !== undefined) used.push(cursor);
  }
  return items;
}
