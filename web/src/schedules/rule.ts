import type { Schemas } from '../api/json';
import { toAsciiDigits } from '../money/amount';
import type { Translate } from '../i18n';

export type Schedule = Schemas['Schedule'];
export type Occurrence = Schemas['Occurrence'];
type Repeats = Schemas['ScheduleRepeats'];
export const kRepeats: readonly Repeats[] = ['once', 'weekly', 'monthly', 'yearly'];
const kIntervalMax = 100;
const kCountMax = 1000;

/** What is typed of when something is paid. */
export type RuleText = {
  date: string;
  time: string;
  repeats: Repeats;
  interval: string;
  ends: 'never' | 'on' | 'after';
  endsOn: string;
  count: string;
};
/** The same as the API takes it. */
export type RuleFields = {
  startsAt: string;
  repeats: Repeats;
  interval?: number;
  endsOn: string | null;
  count: number | null;
};
export type RuleProblem = {
  field: 'date' | 'time' | 'interval' | 'endsOn' | 'count';
  code: string;
};

const kDay = /^\d{4}-\d{2}-\d{2}$/;
const kTime = /^\d{2}:\d{2}$/;

function wholeNumber(text: string, most: number): number | null {
  const latin = toAsciiDigits(text.trim());
  const value = /^\d{1,4}$/.test(latin) ? Number(latin) : 0;
  return value >= 1 && value <= most ? value : null;
}

export const emptyRule = (date: string): RuleText => ({
  date,
  time: '09:00',
  repeats: 'once',
  interval: '1',
  ends: 'never',
  endsOn: '',
  count: '12',
});

/** Of a schedule, from its next occurrence on, by the clock on the wall of its zone. */
export function ruleOf(schedule: Schedule): RuleText {
  const due = schedule.next ? wallTime(schedule.next.dueAt, schedule.timeZone) : schedule.startsAt;
  return {
    date: due.slice(0, 10),
    time: due.slice(11),
    repeats: schedule.repeats,
    interval: String(schedule.interval),
    ends: schedule.endsOn ? 'on' : schedule.count ? 'after' : 'never',
    endsOn: schedule.endsOn ?? '',
    count: String(schedule.count ?? 12),
  };
}

export function readRule(rule: RuleText): RuleFields | RuleProblem {
  if (!kDay.test(rule.date)) return { field: 'date', code: 'required' };
  if (!kTime.test(rule.time)) return { field: 'time', code: 'required' };
  const startsAt = `${rule.date}T${rule.time}`;
  if (rule.repeats === 'once') return { startsAt, repeats: 'once', endsOn: null, count: null };
  const interval = wholeNumber(rule.interval, kIntervalMax);
  if (interval === null) return { field: 'interval', code: 'out_of_range' };
  const endsOn = rule.ends === 'on' ? rule.endsOn : null;
  if (endsOn !== null && !kDay.test(endsOn)) return { field: 'endsOn', code: 'required' };
  if (endsOn !== null && endsOn < rule.date) return { field: 'endsOn', code: 'out_of_range' };
  const count = rule.ends === 'after' ? wholeNumber(rule.count, kCountMax) : null;
  if (rule.ends === 'after' && count === null) return { field: 'count', code: 'out_of_range' };
  return { startsAt, repeats: rule.repeats, interval, endsOn, count };
}

/** YYYY-MM-DDTHH:MM, as a clock on the wall of the zone shows it. */
export function wallTime(moment: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(moment));
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** "Every 2 weeks on Thursday", "Every month on day 31 (…)": the rule in words. */
export function sayRule(
  rule: { startsAt: string; repeats: Repeats; interval?: number },
  t: Translate,
  locale: string,
): string {
  const interval = rule.interval ?? 1;
  // Noon UTC of that date is that date in UTC.
  const day = new Date(`${rule.startsAt.slice(0, 10)}T12:00:00Z`);
  const name = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(day);
  if (rule.repeats === 'once') return t('schedules.once');
  if (rule.repeats === 'weekly')
    return t('schedules.everyWeek', { count: interval, day: name({ weekday: 'long' }) });
  if (rule.repeats === 'yearly')
    return t('schedules.everyYear', {
      count: interval,
      day: name({ day: 'numeric', month: 'long' }),
    });
  const date = day.getUTCDate();
  const said = t('schedules.everyMonth', { count: interval, day: name({ day: 'numeric' }) });
  return date > 28 ? t('schedules.orLast', { rule: said }) : said;
}
