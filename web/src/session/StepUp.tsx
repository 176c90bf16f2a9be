import { Suspense, lazy, useEffect } from 'react';
import { withTexts } from '../i18n';
import { answerFactor, useFactorAsked } from './stepUp';

const StepUpDialog = lazy(withTexts(['security'], () => import('./StepUpDialog')));

/** Opens a dialog wherever the API asks for a second factor once more. */
export function StepUp() {
  const asked = useFactorAsked();
  // What waits is not left waiting when the session ends.
  useEffect(() => () => answerFactor(false), []);
  return (
    asked && (
      <Suspense fallback={null}>
        <StepUpDialog />
      </Suspense>
    )
  );
}
