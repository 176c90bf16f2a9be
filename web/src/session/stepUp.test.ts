import { expect, test } from 'vitest';
import type { PasskeyAssertion } from '../api/types';
import { answerFactor, askForFactor, paymentAsked } from './stepUp';

test('all that wait are answered at once, and the next asks anew', async () => {
  const first = askForFactor();
  const second = askForFactor();
  answerFactor(true);
  expect([await first, await second]).toEqual([true, true]);
  const next = askForFactor();
  answerFactor(false);
  expect(await next).toBe(false);
  answerFactor(true);
});

test('what approves one payment is not shown for another one', async () => {
  const approving = () => Promise.reject(new Error('not asked'));
  const signed = { id: 'a', type: 'public-key' } as PasskeyAssertion;
  const payment = askForFactor(approving);
  expect(paymentAsked()).toBe(approving);
  const other = askForFactor();
  answerFactor(signed);
  expect(await payment).toBe(signed);
  await Promise.resolve();
  expect(paymentAsked()).toBeUndefined();
  answerFactor(true);
  expect(await other).toBe(true);
});
