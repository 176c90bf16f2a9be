import { ApiError } from '../api/error';
import { currency } from '../money/currency';
import { formatMoney, type Money } from '../money/money';
import { dateTime, timeOfDay } from './times';
import { hasText, type Translate } from '../i18n';
import type en from '../i18n/en.json';

type Context = {
  t: Translate;
  locale: string;
  payee?: string;
  /** How much money is missing, where that is known. */
  missing?: Money | undefined;
};

/** A refusal in the reader's words: by its code, with what is missing or left where it says so. */
export function explain(error: unknown, { t, locale, payee, missing }: Context): string {
  if (!(error instanceof ApiError)) return t('error.unexpected');
  const money = (amount: Money) => formatMoney(amount, currency().code, locale);
  const name = payee ?? t('error.thePayee');

  if (error.code === 'insufficient_funds' && missing !== undefined)
    return t('error.insufficient_funds_by', { missing: money(missing) });
  const { limit, left, resetsAt } = error.problem;
  if (error.code === 'refund_exceeds_transfer' && left !== undefined)
    return t('error.refund_exceeds_transfer_at', { left: money(left) });
  if (error.code === 'transfer_limit_exceeded' && limit !== undefined)
    return t('error.transfer_limit_exceeded_at', { limit: money(limit) });
  if (
    (error.code === 'daily_limit_exceeded' || error.code === 'unverified_limit_exceeded') &&
    left !== undefined &&
    resetsAt
  )
    return t(`error.${error.code}_until`, {
      left: money(left),
      time: timeOfDay(resetsAt, locale),
    });
  if (error.code === 'rename_limit_exceeded' && resetsAt)
    return t('error.rename_limit_exceeded_until', { time: dateTime(resetsAt, locale) });
  if (error.code === 'login_throttled' || error.code === 'rate_limited') {
    const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
    return seconds > 0 ? t('error.tooMany', { count: seconds }) : t('error.rate_limited');
  }
  if (error.code === 'validation_failed' && error.fields[0])
    return explainField(error.fields[0].code, t);
  if (hasText(`error.${error.code}`))
    return t(`error.${error.code as keyof typeof en.error}` as 'error.unexpected', { name });
  if (error.status >= 500) return t('error.unavailable');
  return t('error.unexpected');
}

export function explainField(code: string, t: Translate): string {
  return t(
    `fieldError.${(hasText(`fieldError.${code}`) ? code : 'invalid_format') as keyof typeof en.fieldError}` as 'fieldError.required',
  );
}
