import { useState } from 'react';
import { currency } from '../money/currency';
import { toMinor, toWire, type WireAmount } from '../money/money';
import { TextField } from './Field';
import { useAmounts } from './useAmounts';

/** An amount of a filter in the address ("12.50"); undefined for none, and for what is none. */
export function filterAmount(text: string): WireAmount | undefined {
  try {
    const minor = text === '' ? 0n : toMinor(text, currency().digits);
    return minor > 0n ? toWire(minor) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A bound of an amount. What is typed counts when the field is left; `value` is the bound that
 * counts, empty for none, and the field follows when something else changes that.
 */
export function AmountFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (bound: WireAmount) => void;
}) {
  const amounts = useAmounts();
  const bound = filterAmount(value);
  const shown = bound === undefined ? '' : amounts.text(toMinor(bound, currency().digits));
  const [typed, setTyped] = useState(shown);
  const [problem, setProblem] = useState<string>();
  const [before, setBefore] = useState(shown);
  if (before !== shown) {
    setBefore(shown);
    setTyped(shown);
    setProblem(undefined);
  }
  const apply = () => {
    const parsed = amounts.read(typed);
    if (parsed.ok) {
      setTyped(amounts.text(parsed.minor));
      onChange(toWire(parsed.minor));
    } else if (parsed.error === 'required' || parsed.error === 'zero') {
      onChange('');
    } else {
      setProblem(amounts.problem(parsed));
    }
  };
  return (
    <TextField
      label={label}
      inputMode="decimal"
      dir="ltr"
      autoComplete="off"
      value={typed}
      error={problem}
      onChange={(event) => {
        setTyped(event.target.value);
        setProblem(undefined);
      }}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}
