import { useQuery } from '@tanstack/react-query';
import type { User } from '../../api/types';
import { useLocale, useT } from '../../i18n';
import { timeOfDay } from '../../lib/dates';
import { formatMoney, type Money } from '../../money/money';
import { isOfUnverified, shortageOf, type Shortage } from '../../pay/shortage';
import { limitsQuery } from '../../ui/LimitRows';

const kOfDay = { day: 'daily_limit_exceeded', unverified: 'unverified_limit_exceeded' } as const;

/** What is not set aside for others. */
export const spendable = (me: User): Money => me.available ?? me.balance;

/** What the payer can send now, and what stands against an amount. The ledger decides in the end. */
export function useSendable(me: User) {
  const t = useT();
  const locale = useLocale();
  const limits = useQuery(limitsQuery(me.id)).data;
  const money = (amount: Money) => formatMoney(amount, me.currency, locale);
  const explain = (shortage: Shortage): string => {
    if (shortage.kind === 'transfer')
      return t('error.transfer_limit_exceeded_at', { limit: money(shortage.limit) });
    if (shortage.kind !== 'balance')
      return t(`error.${kOfDay[shortage.kind]}_until`, {
        left: money(shortage.left),
        time: timeOfDay(shortage.resetsAt, locale),
      });
    return t('error.insufficient_funds_by', { missing: money(shortage.missing) });
  };
  const hints = [
    limits && limits.perTransfer !== null && limits.perTransfer < spendable(me)
      ? t('send.mostAtOnce', { amount: money(limits.perTransfer) })
      : null,
    limits && limits.leftToday !== null && limits.leftToday < spendable(me)
      ? t('send.leftToday', { amount: money(limits.leftToday) })
      : null,
  ].filter((hint) => hint !== null);
  return {
    hints,
    /** Whether more could be sent if the address were verified. */
    unverified: limits !== undefined && isOfUnverified(limits),
    problem: (amount: Money) => {
      const shortage = shortageOf(amount, spendable(me), limits);
      return shortage && explain(shortage);
    },
  };
}
