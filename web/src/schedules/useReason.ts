import { ApiError } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';

/** Why a payment of a plan was not made, in the reader's words. */
export function useReason(receiver: string) {
  const t = useT();
  const locale = useLocale();
  return (reason: string) =>
    reason === 'too_late'
      ? t('schedules.tooLate')
      : explain(new ApiError(reason, 422), { t, locale, payee: receiver });
}
