import { useRef, useState } from 'react';
import { isCode } from '../api/error';
import { useLocale, useT } from '../i18n';
import { explain } from '../lib/explain';

/** The state of a field for a code of a second factor. */
export function useCode() {
  const t = useT();
  const locale = useLocale();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const fail = (why: string) => {
    setProblem(why);
    input.current?.focus();
    input.current?.select();
  };
  return {
    text,
    /** False, and said why, when there is none. */
    check: () => {
      if (text.trim()) return true;
      fail(t('fieldError.required'));
      return false;
    },
    /** Says why the server refused it. */
    refuse: (error: unknown) =>
      fail(
        isCode(error, 'factor_code_invalid')
          ? t('security.codeWrong')
          : explain(error, { t, locale }),
      ),
    field: {
      value: text,
      error: problem,
      ref: input,
      onChange: (typed: string) => {
        setText(typed);
        setProblem(undefined);
      },
    },
  };
}
