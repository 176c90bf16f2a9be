import { useState } from 'react';
import type { CompletedTransfer, PublicUser } from '../../api/types';
import { readJson, tab, writeJson } from '../../lib/store';
import type { Intent } from '../../pay/intent';
import type { RuleText } from '../../schedules/rule';

/** A payment being written, kept in this tab through reloads. */
export type SendDraft = {
  userId: string;
  payee: PublicUser | null;
  amount: string;
  note: string;
  intent: Intent | null;
  done: CompletedTransfer | null;
  /** When, where it is not paid at once. */
  later?: RuleText | null;
};

const kKey = 'instapay.draft.send';

export const emptyDraft = (userId: string): SendDraft => ({
  userId,
  payee: null,
  amount: '',
  note: '',
  intent: null,
  done: null,
  later: null,
});

/** Starts a payment from outside of Send, before it is opened. */
export const startDraft = (draft: SendDraft) => writeJson(tab, kKey, draft);

export function useSendDraft(userId: string) {
  const [draft, setDraft] = useState<SendDraft>(() => {
    const saved = readJson(tab, kKey) as SendDraft | null;
    return saved?.userId === userId ? saved : emptyDraft(userId);
  });
  const save = (change: Partial<SendDraft>) =>
    setDraft((current) => {
      const next = { ...current, ...change };
      writeJson(tab, kKey, next);
      return next;
    });
  return [draft, save] as const;
}
