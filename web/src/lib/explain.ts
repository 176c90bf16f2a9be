import type { TFunction } from 'i18next';
import { ApiError } from '../api/error';
import { formatMoney } from '../money/money';
import { timeOfDay } from './dates';
import en from '../i18n/en.json';

type Context = { t: TFunction; locale: string; currency?: string; payee?: string };

const kKnown = new Set(Object.keys(en.error));
const kFieldCodes = new Set(Object.keys(en.fieldError));

/** A refusal in the reader's words: by its code, with what is missing or left where it says so. */
export function explain(error: unknown, { t, locale, currency, payee }: Context): string {
  if (!(error instanceof ApiError)) return t('error.unexpected');
  const { problem } = error;
  const money = (amount: string | undefined) =>
    amount !== undefined && currency ? formatMoney(amount, currency, locale) : null;
  const name = payee ?? t('error.thePayee');

  if (error.code === 'insufficient_funds') {
    const missing = money(problem.missing);
    return missing ? t('error.insufficient_funds_by', { missing }) : t('error.insufficient_funds');
  }
  if (error.code === 'transfer_limit_exceeded') {
    const limit = money(problem.limit);
    return limit
      ? t('error.transfer_limit_exceeded_at', { limit })
      : t('error.transfer_limit_exceeded');
  }
  if (error.code === 'daily_limit_exceeded') {
    const left = money(problem.left);
    if (left === null) return t('error.daily_limit_exceeded');
    return problem.resetsAt
      ? t('error.daily_limit_exceeded_until', { left, time: timeOfDay(problem.resetsAt, locale) })
      : t('error.daily_limit_exceeded_left', { left });
  }
  if (error.code === 'login_throttled' || error.code === 'rate_limited') {
    const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
    return seconds > 0 ? t('error.tooMany', { count: seconds }) : t('error.rate_limited');
  }
  if (error.code === 'validation_failed' && error.fields[0])
    return explainField(error.fields[0].code, t);
  if (kKnown.has(error.code))
    return t(`error.${error.code as keyof typeof en.error}` as 'error.unexpected', { name });
  if (error.status >= 500) return t('error.unavailable');
  return t('error.unexpected');
}

export function explainField(code: string, t: TFunction): string {
  return t(
    `fieldError.${(kFieldCodes.has(code) ? code : 'invalid_format') as keyof typeof en.fieldError}` as 'fieldError.required',
  );
}
