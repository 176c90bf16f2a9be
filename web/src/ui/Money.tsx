import { memo } from 'react';
import { moneyParts, type Money as Amount, type MoneyOptions } from '../money/money';
import { useLocale } from '../i18n';

type Props = MoneyOptions & { amount: Amount; currency: string; className?: string };

/** An amount with its currency code set smaller; one isolated run for bidirectional text. */
export const Money = memo(function Money({ amount, currency, className = '', ...options }: Props) {
  const locale = useLocale();
  return (
    <bdi className={`money ${className}`}>
      {moneyParts(amount, currency, locale, options).map((part, index) => (
        <span key={index} className={`m-${part.kind}`}>
          {part.text}
        </span>
      ))}
    </bdi>
  );
});
