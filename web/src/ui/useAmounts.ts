import { useLocale, useT } from '../i18n';
import { amountText, parseAmount, type ParsedAmount } from '../money/amount';
import { currency } from '../money/currency';
import { currencyName, type Money } from '../money/money';

/** Reading and writing typed amounts in the reader's language, and saying why one is refused. */
export function useAmounts() {
  const t = useT();
  const locale = useLocale();
  const scale = currency();
  const text = (amount: Money) => amountText(amount, scale, locale);
  const problem = (parsed: ParsedAmount): string | undefined => {
    if (parsed.ok) return undefined;
    if (parsed.error === 'ambiguous') {
      const [grouped, decimal] = parsed.readings;
      return t('amount.ambiguous', { grouped: text(grouped), decimal: text(decimal) });
    }
    const one = 10n ** BigInt(scale.digits);
    const example = text(scale.digits > 0 ? 120n * one + one / 2n : 120n);
    return t(`amount.${parsed.error}`, { count: scale.digits, example });
  };
  return {
    read: (typed: string) => parseAmount(typed, scale, locale),
    text,
    /** What the currency is called in the label of a field. */
    unit: currencyName(scale.code, locale),
    problem,
  };
}
