import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import type { Page } from '../api/types';
import { nextCursor } from './feed';

type Read<T> = (cursor: string | null, context: { signal: AbortSignal }) => Promise<Page<T>>;

/** A list that is read page by page. */
export function usePages<T>(queryKey: QueryKey, read: Read<T>) {
  return useInfiniteQuery({
    queryKey,
    queryFn: (context) => read(context.pageParam, context),
    initialPageParam: null as string | null,
    getNextPageParam: (last, _pages, _param, used) => nextCursor(last, used),
  });
}

export type Pages<T> = ReturnType<typeof usePages<T>>;
