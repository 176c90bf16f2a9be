import type { PublicUser } from '../api/types';
import type { WireAmount } from '../money/money';
import { uuid } from '../lib/random';
import { readJson, writeJson, type Store } from '../lib/store';

// One intent to pay has one Idempotency-Key from the moment it is made until it is answered: double
// clicks, reloads and lost answers repeat the key, so the ledger moves the money once.

export type Intent = {
  key: string;
  userId: string;
  payee: PublicUser;
  /** As it is sent: a repetition must be the same to the letter. */
  amount: WireAmount;
  currency: string;
  note: string;
  /** The payment request that it pays; absent: it is a transfer by itself. */
  request?: string | undefined;
  /** When it was first sent; null while it is only a draft and may still be changed. */
  sentAt: number | null;
};

/** A repeated key resolves a lost answer; after this long a person is asked before it is repeated. */
export const kResumeWithinMs = 10 * 60_000;

const keyOf = (userId: string) => `instapay.intents.${userId}`;

export class IntentStore {
  constructor(private readonly store: Store) {}

  pending(userId: string): Intent[] {
    const list = readJson(this.store, keyOf(userId)) as Intent[] | null;
    return Array.isArray(list) ? list.filter((intent) => intent.userId === userId) : [];
  }

  /** Must be called before the request leaves, so that a reload finds the key. */
  markSent(intent: Intent, now = Date.now()): Intent {
    const sent = { ...intent, sentAt: intent.sentAt ?? now };
    const others = this.pending(intent.userId).filter((other) => other.key !== intent.key);
    writeJson(this.store, keyOf(intent.userId), [...others, sent]);
    return sent;
  }

  settle(intent: Intent): void {
    const others = this.pending(intent.userId).filter((other) => other.key !== intent.key);
    writeJson(this.store, keyOf(intent.userId), others.length > 0 ? others : null);
  }
}

export function newIntent(fields: Omit<Intent, 'key' | 'sentAt'>): Intent {
  return { ...fields, key: uuid(), sentAt: null };
}

/**
 * The draft after an edit. A changed payment is another intent with another key; an unchanged one
 * keeps its key, sent or not, so that going back and forth does not open the way to paying twice.
 */
export function revise(draft: Intent | null, fields: Omit<Intent, 'key' | 'sentAt'>): Intent {
  const same =
    draft !== null &&
    draft.userId === fields.userId &&
    draft.payee.id === fields.payee.id &&
    draft.amount === fields.amount &&
    draft.request === fields.request &&
    draft.note === fields.note;
  return same ? { ...draft, payee: fields.payee } : newIntent(fields);
}

export const mayResume = (intent: Intent, now = Date.now()) =>
  intent.sentAt !== null && now - intent.sentAt < kResumeWithinMs;
