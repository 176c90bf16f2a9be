import { toWire, type Money } from '../money/money';
import { call, command } from './http';

const kFactors = '/api/users/me/factors';
const amount = (money: Money | null) => (money === null ? null : toWire(money));

/** Of this device. A second factor is asked for that was not shown just now. */
export const setPin = (pin: string, password: string) =>
  call('Factors', 'PUT', `${kFactors}/pin`, { body: { pin, password } });
/** Of the device that this session is on. */
export const removePin = (sessionId: string) =>
  command('DELETE', `${kFactors}/pins/${encodeURIComponent(sessionId)}`);
export const setPinLimits = (perPayment: Money | null, perDay: Money | null) =>
  call('Factors', 'PUT', `${kFactors}/pin-limits`, {
    body: { perPayment: amount(perPayment), perDay: amount(perDay) },
  });
