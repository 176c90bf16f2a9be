import { expect, test } from 'vitest';
import type { PasskeyAssertion } from '../api/types';
import { answerFactor, askForFactor, paymentAsked, pinAsked } from './stepUp';

const kAny = { pin: 'refused' } as const;

test('all that wait are answered at once, and the next asks anew', async () => {
  const first = askForFactor(kAny);
  const second = askForFactor(kAny);
  answerFactor(true);
  expect([await first, await second]).toEqual([true, true]);
  const next = askForFactor(kAny);
  answerFactor(false);
  expect(await next).toBe(false);
  answerFactor(true);
});

test('what approves one payment is not shown for another one', async () => {
  const approving = () => Promise.reject(new Error('not asked'));
  const signed = { id: 'a', type: 'public-key' } as PasskeyAssertion;
  const payment = askForFactor({ approving, pin: 'refused' });
  expect(paymentAsked()).toBe(approving);
  const other = askForFactor(kAny);
  answerFactor(signed);
  expect(await payment).toBe(signed);
  await Promise.resolve();
  expect(paymentAsked()).toBeUndefined();
  answerFactor(true);
  expect(await other).toBe(true);
});

test('a PIN is enough for those alone that it is enough for', async () => {
  const small = askForFactor({ pin: 'enough' });
  expect(pinAsked()).toBe('enough');
  const alsoSmall = askForFactor({ pin: 'enough' });
  const large = askForFactor({ pin: 'above' });
  answerFactor('pin');
  expect([await small, await alsoSmall]).toEqual(['pin', 'pin']);
  await Promise.resolve();
  expect(pinAsked()).toBe('above');
  answerFactor(true);
  expect(await large).toBe(true);
  expect(pinAsked()).toBe('refused');
});
