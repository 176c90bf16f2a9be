import { expect, test } from 'vitest';
import { answerFactor, askForFactor } from './stepUp';

test('all that wait are answered at once, and the next asks anew', async () => {
  const first = askForFactor();
  expect(askForFactor()).toBe(first);
  answerFactor(true);
  expect(await first).toBe(true);
  const next = askForFactor();
  expect(next).not.toBe(first);
  answerFactor(false);
  expect(await next).toBe(false);
  answerFactor(true);
});
