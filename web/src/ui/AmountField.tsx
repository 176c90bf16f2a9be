import type { ReactNode } from 'react';
import { TextField } from './Field';
import { useAmounts } from './useAmounts';

type Props = {
  /** Says what is asked for, in the currency's name. */
  label: (currency: string) => string;
  value: string;
  error?: string | undefined;
  hint?: ReactNode;
  onText: (text: string) => void;
};

/** Where an amount is typed; `useAmounts` reads it. */
export function AmountField({ label, onText, ...field }: Props) {
  const { unit } = useAmounts();
  return (
    <TextField
      {...field}
      label={label(unit)}
      inputMode="decimal"
      dir="ltr"
      autoComplete="off"
      onChange={(event) => onText(event.target.value)}
    />
  );
}
