import { memo, type CSSProperties } from 'react';
import { moneyParts, type Money as Amount, type MoneyOptions } from '../money/money';
import { useLocale } from '../i18n';

type Props = MoneyOptions & {
  amount: Amount;
  currency: string;
  className?: string;
  /** Made smaller where it is too long for its line; the parent has the class `fits`. */
  fit?: boolean;
};

/** An amount with its currency code set smaller; one isolated run for bidirectional text. */
export const Money = memo(function Money({
  amount,
  currency,
  className = '',
  fit = false,
  ...options
}: Props) {
  const locale = useLocale();
  const parts = moneyParts(amount, currency, locale, options);
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  return (
    <bdi
      className={`money ${fit ? 'money-fit' : ''} ${className}`}
      style={fit ? ({ '--length': length } as CSSProperties) : undefined}
    >
      {parts.map((part, index) => (
        <span key={index} className={`m-${part.kind}`}>
          {part.text}
        </span>
      ))}
    </bdi>
  );
});
