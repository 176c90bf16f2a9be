import type { GroupBy } from '../api/types';
import { daysAgo, timeZone } from '../lib/dates';

/** How far back each grouping looks, so that a chart has about a dozen to thirty periods. */
const kDays: Record<'day' | 'week' | 'month', number> = { day: 29, week: 83, month: 364 };

export type Grouping = keyof typeof kDays;

/** The grouping that a report's periods are shown by. */
export function groupingOf(groupBy: GroupBy): Grouping {
  if (groupBy === 'hour') return 'day';
  return groupBy === 'year' ? 'month' : groupBy;
}

export function rangeFor(groupBy: Grouping): {
  startDate: string;
  endDate: string;
  groupBy: GroupBy;
  tz: string;
} {
  return { startDate: daysAgo(kDays[groupBy]), endDate: daysAgo(0), groupBy, tz: timeZone() };
}

/** As long before it, for a comparison. */
export function rangeBefore(groupBy: Grouping): { startDate: string; endDate: string; tz: string } {
  const days = kDays[groupBy] + 1;
  return { startDate: daysAgo(2 * days - 1), endDate: daysAgo(days), tz: timeZone() };
}

/** By how many tenths of a percent `now` is above `before`; null where there is nothing to compare. */
export function changeOf(now: bigint | null, before: bigint | null | undefined): number | null {
  if (now === null || before === null || before === undefined || before <= 0n) return null;
  return Number(((now - before) * 1000n) / before);
}
