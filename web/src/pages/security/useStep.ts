import { useState } from 'react';
import { isCode } from '../../api/error';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import type { usePassword } from '../../ui/usePassword';

/** A form of one step: what went wrong is said in it, the password's mistakes beside the password.
 * `say` knows what only this form can run into. */
export function useStep(
  password?: ReturnType<typeof usePassword>,
  say?: (error: unknown) => string | null,
) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (step: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await step();
    } catch (error) {
      setBusy(false);
      if (password && isCode(error, 'invalid_credentials')) password.refuse(error);
      else setFailure(say?.(error) ?? explain(error, { t, locale }));
    }
  };
  return { busy, failure, run };
}
