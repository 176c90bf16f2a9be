import { localDay } from './feed';
import { format, timeOfDay } from './times';

export { date, dateTime, timeOfDay } from './times';

export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** The time for today, else the day: short enough for a list. */
export function shortTime(time: string, locale: string, now = new Date()): string {
  const moment = new Date(time);
  const day = localDay(moment);
  if (day === localDay(now)) return timeOfDay(time, locale);
  return format(locale, {
    day: 'numeric',
    month: 'short',
    ...(moment.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(moment);
}

/** "Today", "Yesterday", or the date; capitalised as a heading. */
export function dayName(day: string, locale: string, now = new Date()): string {
  const today = localDay(now);
  const before = new Date(now);
  before.setDate(before.getDate() - 1);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const name =
    day === today
      ? relative.format(0, 'day')
      : day === localDay(before)
        ? relative.format(-1, 'day')
        : format(locale, {
            weekday: 'long',
            day: 'numeric',
            month: 'long',
            ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
          }).format(new Date(`${day}T12:00:00`));
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

export type Period = 'hour' | 'day' | 'week' | 'month';

export function periodName(start: string, period: Period, locale: string): string {
  const options: Intl.DateTimeFormatOptions =
    period === 'hour'
      ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }
      : period === 'month'
        ? { month: 'long', year: 'numeric' }
        : { day: 'numeric', month: 'short' };
  return format(locale, options).format(new Date(start));
}

export function shortPeriod(start: string, period: Period, locale: string): string {
  const options: Intl.DateTimeFormatOptions =
    period === 'hour'
      ? { hour: '2-digit', minute: '2-digit' }
      : period === 'month'
        ? { month: 'short' }
        : { day: 'numeric', month: 'short' };
  return format(locale, options).format(new Date(start));
}

/** The local day that lies `days` before today, as YYYY-MM-DD. */
export function daysAgo(days: number, now = new Date()): string {
  const moved = new Date(now);
  moved.setDate(moved.getDate() - days);
  return localDay(moved);
}

/** When a local day begins, as the API takes it; undefined for what is no day. */
export function dayStart(day: string, after = 0): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const start = new Date(year, month - 1, date + after);
  // Years below 100 are not what people filter by; Date takes them for 19xx.
  return localDay(new Date(year, month - 1, date)) === day ? start.toISOString() : undefined;
}

/** When it is over: the first moment that is not in it. */
export const dayEnd = (day: string) => dayStart(day, 1);

/** Its last microsecond, where the API takes a moment that is itself included. */
export function dayLast(day: string): string | undefined {
  const end = dayEnd(day);
  if (end === undefined) return undefined;
  return new Date(new Date(end).getTime() - 1).toISOString().replace('.999Z', '.999999Z');
}

const kSteps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export const isWithin = (time: string, ms: number, now = Date.now()) => now - Date.parse(time) < ms;

export function ago(time: string, locale: string, now = Date.now()): string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const elapsed = now - new Date(time).getTime();
  for (const [unit, ms] of kSteps)
    if (elapsed >= ms) return relative.format(-Math.floor(elapsed / ms), unit);
  return relative.format(0, 'second');
}
