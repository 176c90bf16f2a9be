import type { Limits } from '../api/types';
import type { Money } from '../money/money';

/** Why an amount cannot be sent, in the order in which the ledger would refuse it. */
export type Shortage =
  | { kind: 'transfer'; limit: Money }
  | { kind: 'day' | 'unverified'; left: Money; resetsAt: string }
  | { kind: 'balance'; missing: Money };

/** Whether the day is limited by the address alone, which is not verified. */
export const isOfUnverified = ({
  perDay,
  unverifiedPerDay,
}: Pick<Limits, 'perDay' | 'unverifiedPerDay'>) =>
  unverifiedPerDay !== null && (perDay === null || unverifiedPerDay < perDay);

export function shortageOf(
  amount: Money,
  balance: Money,
  limits:
    | Pick<Limits, 'perTransfer' | 'perDay' | 'unverifiedPerDay' | 'leftToday' | 'resetsAt'>
    | undefined,
): Shortage | null {
  if (limits && limits.perTransfer !== null && amount > limits.perTransfer)
    return { kind: 'transfer', limit: limits.perTransfer };
  if (limits && limits.leftToday !== null && amount > limits.leftToday)
    return {
      kind: isOfUnverified(limits) ? 'unverified' : 'day',
      left: limits.leftToday,
      resetsAt: limits.resetsAt,
    };
  return amount > balance ? { kind: 'balance', missing: amount - balance } : null;
}
