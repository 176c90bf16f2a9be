import { useEffect } from 'react';
import type { User } from '../api/types';
import { mayResume } from './intent';
import { intents, payIntent } from './pay';

/** After a reload or a crash: payments that were sent and never answered are brought to an end. */
export function useResumePending(me: User) {
  const { id, email } = me;
  useEffect(() => {
    for (const intent of intents.pending(id)) if (mayResume(intent)) void payIntent(intent, email);
  }, [id, email]);
}
