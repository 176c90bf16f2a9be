import { expect, test } from 'vitest';
import { changeOf, rangeBefore, rangeFor } from './chartData';

test('the range before ends the day before the range begins, and is as long', () => {
  const day = 86_400_000;
  for (const grouping of ['day', 'week', 'month'] as const) {
    const [now, before] = [rangeFor(grouping), rangeBefore(grouping)];
    const at = (date: string) => Date.parse(`${date}T00:00:00Z`);
    expect(at(now.startDate) - at(before.endDate)).toBe(day);
    expect(at(before.endDate) - at(before.startDate)).toBe(at(now.endDate) - at(now.startDate));
  }
});

test('a change is in tenths of a percent, and none where there was nothing', () => {
  expect(changeOf(150n, 100n)).toBe(500);
  expect(changeOf(0n, 100n)).toBe(-1000);
  expect(changeOf(1n, 3n)).toBe(-666);
  for (const before of [0n, null, undefined]) expect(changeOf(5n, before)).toBeNull();
  expect(changeOf(null, 5n)).toBeNull();
});
