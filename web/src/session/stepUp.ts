import { useSyncExternalStore } from 'react';
import type { PasskeyAssertion } from '../api/types';
import type { Schemas } from '../api/json';

// A request that was answered `step_up_required` waits here until the person has shown a second
// factor or does not want to; then it is sent again as it was. One dialog serves all that wait.

/** What a passkey signs so that it approves just one payment. */
export type Approving = () => Promise<Schemas['PaymentAuthorizationOptions']>;
/** True: the session has shown a factor. An assertion: this one payment is approved. */
export type Proof = boolean | PasskeyAssertion;

let asked: Promise<Proof> | null = null;
let payment: Approving | undefined;
let settle: (proof: Proof) => void = () => {};
const listeners = new Set<() => void>();

function changed() {
  for (const listener of listeners) listener();
}

/** With `approving`, a passkey may sign that payment in place of proving the session. */
export function askForFactor(approving?: Approving): Promise<Proof> {
  // What approves one payment proves nothing to the others that wait.
  if (asked)
    return asked.then((proof) => (typeof proof === 'boolean' ? proof : askForFactor(approving)));
  payment = approving;
  asked = new Promise<Proof>((resolve) => {
    settle = resolve;
  });
  changed();
  return asked;
}

export function answerFactor(proof: Proof) {
  if (!asked) return;
  asked = null;
  payment = undefined;
  settle(proof);
  changed();
}

/** The payment that waits for its payer, if it is one. */
export const paymentAsked = () => payment;

export const useFactorAsked = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked !== null,
  );
