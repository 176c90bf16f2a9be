import { expect, test } from 'vitest';
import { emptyRule, readRule, ruleOf, wallTime, type RuleText, type Schedule } from './rule';

const monthly: RuleText = { ...emptyRule('2027-01-31'), repeats: 'monthly' };

test('what is typed becomes what the API takes', () => {
  expect(readRule(emptyRule('2027-01-31'))).toEqual({
    startsAt: '2027-01-31T09:00',
    repeats: 'once',
    endsOn: null,
    count: null,
  });
  expect(readRule({ ...monthly, interval: '٣', ends: 'after', count: '12' })).toEqual({
    startsAt: '2027-01-31T09:00',
    repeats: 'monthly',
    interval: 3,
    endsOn: null,
    count: 12,
  });
  expect(readRule({ ...monthly, ends: 'on', endsOn: '2027-12-31' })).toMatchObject({
    endsOn: '2027-12-31',
    count: null,
  });
});

test('each mistake is named', () => {
  const mistakes: [Partial<RuleText>, string, string][] = [
    [{ date: '' }, 'date', 'required'],
    [{ time: '' }, 'time', 'required'],
    [{ interval: '0' }, 'interval', 'out_of_range'],
    [{ interval: '101' }, 'interval', 'out_of_range'],
    [{ interval: '1.5' }, 'interval', 'out_of_range'],
    [{ ends: 'on', endsOn: '' }, 'endsOn', 'required'],
    [{ ends: 'on', endsOn: '2027-01-30' }, 'endsOn', 'out_of_range'],
    [{ ends: 'after', count: '' }, 'count', 'out_of_range'],
    [{ ends: 'after', count: '1001' }, 'count', 'out_of_range'],
  ];
  for (const [change, field, code] of mistakes)
    expect(readRule({ ...monthly, ...change })).toEqual({ field, code });
  // What is not asked for is not looked at.
  expect(readRule({ ...emptyRule('2027-01-31'), interval: 'x', count: 'x' })).not.toHaveProperty(
    'field',
  );
});

test('a schedule is edited by the clock of its own zone', () => {
  expect(wallTime('2027-06-30T21:30:00Z', 'Africa/Cairo')).toBe('2027-07-01T00:30');
  expect(wallTime('2027-01-31T07:00:00Z', 'Africa/Cairo')).toBe('2027-01-31T09:00');
  const schedule = {
    startsAt: '2027-01-31T09:00',
    timeZone: 'Africa/Cairo',
    repeats: 'monthly',
    interval: 2,
    endsOn: null,
    count: 6,
    next: { number: 2, dueAt: '2027-03-31T07:00:00Z' },
  } as Schedule;
  expect(ruleOf(schedule)).toEqual({
    date: '2027-03-31',
    time: '09:00',
    repeats: 'monthly',
    interval: '2',
    ends: 'after',
    endsOn: '',
    count: '6',
  });
});
