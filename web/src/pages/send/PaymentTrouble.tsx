import { CircleAlert, Hourglass } from 'lucide-react';
import { useLocale, useT } from '../../i18n';
import { explain } from '../../lib/explain';
import type { Money } from '../../money/money';
import type { Progress } from '../../pay/pay';
import { Notice } from '../../ui/Notice';

type Props = { progress: Progress | undefined; payee: string; amount: Money | null };

/** What stands against a payment so far: a poor connection, no answer, or a refusal. */
export function PaymentTrouble({ progress, payee, amount }: Props) {
  const t = useT();
  const locale = useLocale();
  const result = progress?.state === 'done' ? progress.result : null;
  const refusal = result?.outcome === 'refused' ? result.error : null;
  const left = refusal?.problem.left;
  const missing = left === undefined || amount === null ? undefined : amount - left;
  return (
    <>
      {progress?.state === 'sending' && progress.retries > 0 && (
        <Notice tone="warn" icon={Hourglass}>
          {t('send.retrying')}
        </Notice>
      )}
      {result?.outcome === 'unknown' && (
        <Notice tone="warn" icon={Hourglass}>
          {t('send.unknown')}
        </Notice>
      )}
      {refusal && (
        <Notice tone="danger" icon={CircleAlert}>
          {explain(refusal, { t, locale, payee, missing })}
        </Notice>
      )}
    </>
  );
}
