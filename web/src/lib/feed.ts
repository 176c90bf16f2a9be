import type { HistoryItem, Page } from '../api/types';

export type Feed = { pages: Page<HistoryItem>[]; pageParams: unknown[] };

/** Puts an entry that has just arrived on top, unless a page already has it. */
export function prepend(feed: Feed | undefined, entry: HistoryItem): Feed | undefined {
  const first = feed?.pages[0];
  if (!feed || !first) return feed;
  if (feed.pages.some((page) => page.data.some((item) => item.id === entry.id))) return feed;
  return { ...feed, pages: [{ ...first, data: [entry, ...first.data] }, ...feed.pages.slice(1)] };
}

/** All items of the pages once each: a page read after an arrival may repeat an item. */
export function flatten<T extends { id: string }>(
  feed: { pages: { data: T[] }[] } | undefined,
): T[] {
  const items = new Map<string, T>();
  for (const page of feed?.pages ?? [])
    // A transfer to oneself is refused, so in one wallet's history a transaction appears once.
    for (const item of page.data) if (!items.has(item.id)) items.set(item.id, item);
  return [...items.values()];
}

/** The cursor of the next page; undefined at the end, or when the server repeats a cursor. */
export function nextCursor(page: Page<unknown>, used: unknown[]): string | undefined {
  if (!page.hasMore || page.nextCursor === null || used.includes(page.nextCursor)) return undefined;
  return page.nextCursor;
}

type DayGroup<T> = { day: string; items: T[] };

/** The local calendar day of a moment, YYYY-MM-DD. */
export function localDay(time: string | Date): string {
  const date = typeof time === 'string' ? new Date(time) : time;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function groupByDay<T>(items: T[], timeOf: (item: T) => string): DayGroup<T>[] {
  const groups: DayGroup<T>[] = [];
  for (const item of items) {
    const day = localDay(timeOf(item));
    const last = groups.at(-1);
    if (last?.day === day) last.items.push(item);
    else groups.push({ day, items: [item] });
  }
  return groups;
}
