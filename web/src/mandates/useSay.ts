import { ApiError } from '../api/error';
import type { Mandate } from '../api/mandates';
import { useLocale, useT } from '../i18n';
import { dateTime } from '../lib/dates';
import { explain } from '../lib/explain';
import { currency } from '../money/currency';
import { formatMoney } from '../money/money';

/** What a mandate allows, and why something was not done, in the reader's words. */
export function useSay() {
  const t = useT();
  const locale = useLocale();
  return {
    limits: ({ perDraw, perMonth, payee, currency: code }: Mandate, mine: boolean) => {
      const each = formatMoney(perDraw, code, locale);
      const month = formatMoney(perMonth, code, locale);
      return mine
        ? t('mandates.youMay', { each, month })
        : t('mandates.theyMay', { name: payee.displayName, each, month });
    },
    refusal: (error: unknown) => {
      if (error instanceof ApiError && error.code === 'draw_limit_exceeded') {
        const { left, resetsAt } = error.problem;
        if (left !== undefined && resetsAt)
          return t('mandates.leftUntil', {
            left: formatMoney(left, currency().code, locale),
            time: dateTime(resetsAt, locale),
          });
        if (left !== undefined)
          return t('mandates.mostEach', { left: formatMoney(left, currency().code, locale) });
      }
      return explain(error, { t, locale });
    },
    reason: (why: string, payee: string) =>
      why === 'too_late'
        ? t('mandates.tooLate')
        : why === 'payer' ||
            why === 'payee' ||
            why === 'not_paid' ||
            why === 'mandate_cancelled' ||
            why === 'mandate_expired'
          ? t(`mandates.reason_${why}`)
          : explain(new ApiError(why, 422), { t, locale, payee }),
  };
}
