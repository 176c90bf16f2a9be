import { useSyncExternalStore } from 'react';
import type { PasskeyAssertion } from '../api/types';
import type { Schemas } from '../api/json';

// A request that was answered `step_up_required` waits here until the person has shown a second
// factor or does not want to; then it is sent again as it was. One dialog serves all that wait.

/** What a passkey signs so that it approves just one payment. */
export type Approving = () => Promise<Schemas['PaymentAuthorizationOptions']>;
/** What is asked for: a PIN may be enough, or was shown and is not. */
export type Demand = { approving?: Approving | undefined; pin: 'enough' | 'refused' | 'above' };
/** True: the session has shown a factor. An assertion: this one payment is approved. */
export type Proof = boolean | 'pin' | PasskeyAssertion;

let asked: Promise<Proof> | null = null;
let demand: Demand | null = null;
let settle: (proof: Proof) => void = () => {};
const listeners = new Set<() => void>();

function changed() {
  for (const listener of listeners) listener();
}

export function askForFactor(wanted: Demand): Promise<Proof> {
  // What approves one payment, or small ones, proves nothing to others that wait.
  if (asked)
    return asked.then((proof) =>
      typeof proof === 'boolean' || (proof === 'pin' && wanted.pin === 'enough')
        ? proof
        : askForFactor(wanted),
    );
  demand = wanted;
  asked = new Promise<Proof>((resolve) => {
    settle = resolve;
  });
  changed();
  return asked;
}

export function answerFactor(proof: Proof) {
  if (!asked) return;
  asked = null;
  demand = null;
  settle(proof);
  changed();
}

/** The payment that waits for its payer, if it is one. */
export const paymentAsked = () => demand?.approving;
/** Whether a PIN would do for what waits. */
export const pinAsked = () => demand?.pin ?? 'refused';

export const useFactorAsked = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked !== null,
  );
