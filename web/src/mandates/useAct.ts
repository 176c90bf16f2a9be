import { useState } from 'react';
import { mandatesChanged } from './queries';
import { useSay } from './useSay';

/** One thing at a time; why not, where it is not done. `done` is called when it is. */
export function useAct() {
  const say = useSay();
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const act = async (name: string, run: () => Promise<unknown>, done: () => void) => {
    setBusy(name);
    setFailure(null);
    try {
      await run();
      done();
    } catch (error) {
      setFailure(say.refusal(error));
    } finally {
      setBusy(null);
      // Whatever was answered: what is shown may have been overtaken.
      await mandatesChanged();
    }
  };
  return { busy, failure, act };
}
