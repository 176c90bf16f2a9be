import { useState, type ReactNode } from 'react';
import { KeyRound } from 'lucide-react';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';
import { Button } from './Button';
import { Failure } from './Notice';

/** Asks for a passkey; what goes wrong is said below it, unless the caller takes it. */
export function PasskeyButton({
  look = 'primary',
  show,
  onLost,
  children,
}: {
  look?: 'primary' | 'plain';
  show: () => Promise<void>;
  /** What cannot be put right here. */
  onLost?: (why: unknown) => void;
  children: ReactNode;
}) {
  const t = useT();
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const ask = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await show();
    } catch (error) {
      setBusy(false);
      if (onLost && isCode(error, 'challenge_invalid', 'account_closed')) onLost(error);
      else setFailure(explain(error, { t, locale }));
    }
  };
  return (
    <>
      <Button look={look} block busy={busy} onClick={() => void ask()}>
        <KeyRound size={18} aria-hidden="true" />
        {children}
      </Button>
      <Failure>{failure}</Failure>
    </>
  );
}
