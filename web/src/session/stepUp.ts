import { useSyncExternalStore } from 'react';

// A request that was answered `step_up_required` waits here until the person has shown a second
// factor or does not want to; then it is sent again as it was. One dialog serves all that wait.

let asked: Promise<boolean> | null = null;
let settle: (proven: boolean) => void = () => {};
const listeners = new Set<() => void>();

function changed() {
  for (const listener of listeners) listener();
}

/** True once a factor was shown. */
export function askForFactor(): Promise<boolean> {
  if (asked) return asked;
  asked = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  changed();
  return asked;
}

export function answerFactor(proven: boolean) {
  if (!asked) return;
  asked = null;
  settle(proven);
  changed();
}

export const useFactorAsked = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked !== null,
  );
