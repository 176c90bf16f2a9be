import { createContext, use, useEffect, useRef, type RefObject } from 'react';

/** Whether a step of Send was already shown: set by SendPage once the first one is. */
export const StepShown = createContext<RefObject<boolean>>({ current: false });

/** Each step but the first begins as a page does: at its top, with its title read out. */
export function useStepStart() {
  const shown = use(StepShown);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!shown.current) return;
    window.scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, [shown]);
  return title;
}
