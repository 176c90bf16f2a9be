import type { Ref } from 'react';
import { TextField } from './Field';
import '../styles/pin.css';

export const kPinMin = 4;
export const kPinMax = 8;

/** The digits of what was typed, on whichever keyboard: Arabic-Indic and Persian ones as well. */
export function pinOf(typed: string): string {
  return typed
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[^0-9]/g, '')
    .slice(0, kPinMax);
}

export const isPin = (pin: string) => pin.length >= kPinMin && pin.length <= kPinMax;

/** Where a PIN is typed; nothing keeps it, and nobody reads it from the screen. */
export function PinField({
  label,
  value,
  error,
  hint,
  ref,
  onPin,
}: {
  label: string;
  value: string;
  error?: string | undefined;
  hint?: string | undefined;
  ref?: Ref<HTMLInputElement>;
  onPin: (pin: string) => void;
}) {
  return (
    <div className="pin-field">
      <TextField
        ref={ref}
        label={label}
        hint={hint}
        value={value}
        error={error}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        data-1p-ignore=""
        data-lpignore="true"
        dir="ltr"
        onChange={(event) => onPin(pinOf(event.target.value))}
      />
    </div>
  );
}
