import type { User } from '../api/types';
import { local, readJson, writeJson } from '../lib/store';
import { knownCurrency, setCurrency, type Currency } from '../money/currency';
import type { Money } from '../money/money';

// What the wallet last knew of its owner, so that it has something to show while nothing can be asked:
// name, balance and when that was read. Goes with the session (session.ts).

export type Snapshot = {
  id: string;
  username: string;
  displayName: string;
  balance: Money;
  at: string;
  currency: Currency;
  emailVerified?: boolean;
};

const kKey = 'instapay.snapshot';

export function takeSnapshot(user: User, now = new Date()): void {
  const currency = knownCurrency();
  if (!currency) return;
  const { id, username, displayName, balance, emailVerified } = user;
  const at = now.toISOString();
  const taken: Snapshot = {
    id,
    username,
    displayName,
    balance,
    at,
    currency,
    ...(emailVerified === undefined ? {} : { emailVerified }),
  };
  writeJson(local, kKey, taken);
}

/** With it, the currency is known too: amounts can be written. */
export function readSnapshot(): Snapshot | null {
  const kept = readJson(local, kKey) as Partial<Snapshot> | null;
  if (typeof kept?.balance !== 'bigint' || typeof kept.at !== 'string' || !kept.currency)
    return null;
  if (!knownCurrency()) setCurrency(kept.currency);
  return kept as Snapshot;
}

export const forgetSnapshot = () => local.write(kKey, null);
