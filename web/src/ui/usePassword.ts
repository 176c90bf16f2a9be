import { useEffect, useRef, useState, type ChangeEvent } from 'react';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';

/** The state of a field for the password of now, which a form begins with. */
export function usePassword() {
  const t = useT();
  const locale = useLocale();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return {
    text,
    /** False, and said why, when there is none. */
    check: () => {
      if (!text) setProblem(t('fieldError.required'));
      return text !== '';
    },
    /** Says why the server refused it. */
    refuse: (error: unknown) =>
      setProblem(
        isCode(error, 'invalid_credentials')
          ? t('fieldError.wrong_password')
          : explain(error, { t, locale }),
      ),
    /** What a PasswordField takes. */
    field: {
      ref: input,
      label: t('settings.currentPassword'),
      autoComplete: 'current-password',
      value: text,
      error: problem,
      onChange: (event: ChangeEvent<HTMLInputElement>) => {
        setText(event.target.value);
        setProblem(undefined);
      },
    },
  };
}
