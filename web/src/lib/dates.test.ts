import { afterEach, expect, test } from 'vitest';
import { dayEnd, dayLast, dayStart } from './dates';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test.each([
  ['Africa/Cairo', '2026-11-25', '2026-11-24T22:00:00.000Z', '2026-11-25T22:00:00.000Z'],
  ['America/New_York', '2026-11-25', '2026-11-25T05:00:00.000Z', '2026-11-26T05:00:00.000Z'],
  ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00.000Z', '2026-01-01T18:30:00.000Z'],
  // The clocks of Cairo go forward at midnight: that day begins at one o'clock and has 23 hours.
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
  ['UTC', '2026-02-28', '2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
])('a day in %s: %s', (tz, day, start, end) => {
  process.env['TZ'] = tz;
  expect(dayStart(day)).toBe(start);
  expect(dayEnd(day)).toBe(end);
});

test('the last moment of a day is its last microsecond', () => {
  process.env['TZ'] = 'Africa/Cairo';
  expect(dayLast('2026-11-25')).toBe('2026-11-25T21:59:59.999999Z');
  expect(dayLast('2026-02-30')).toBeUndefined();
});

test.each(['', '2026-13-01', '2026-02-30', '0001-01-01', 'today', '2026-11-25T00:00:00Z'])(
  '%j is no day',
  (day) => expect([dayStart(day), dayEnd(day)]).toEqual([undefined, undefined]),
);
