import { Suspense, lazy } from 'react';
import { useRawSearch } from '../lib/search';

const Asked = lazy(() => import('./Asked'));

/** Before the sign-in that a payment link needs: who asks, and for what. */
export function AskedToPay() {
  const next = new URLSearchParams(useRawSearch()).get('next') ?? '';
  // Most sign in without a link, and load nothing for it.
  return (
    /^\/((pay|send)\?|r\/)/.test(next) && (
      <Suspense fallback={null}>
        <Asked next={next} />
      </Suspense>
    )
  );
}
