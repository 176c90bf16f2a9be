import type { Ref } from 'react';
import { useT } from '../i18n';
import { TextField } from './Field';

/** Of a second factor: six digits of the app, or a recovery code. */
export function CodeField({
  value,
  error,
  hint,
  ref,
  onChange,
}: {
  value: string;
  error: string | undefined;
  hint?: string;
  ref: Ref<HTMLInputElement>;
  onChange: (text: string) => void;
}) {
  const t = useT();
  return (
    <TextField
      ref={ref}
      label={t('security.code')}
      hint={hint ?? t('security.codeHint')}
      value={value}
      error={error}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={32}
      dir="ltr"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
