import { useState, type ChangeEvent } from 'react';
import { useT } from '../i18n';
import { kNoteMax, plainText } from '../lib/text';
import { useDraft } from '../lib/useDraft';

/** Why an account is changed: needed, kept while it is typed, and shown in the operators' log. */
export function useReason(draft: string) {
  const t = useT();
  const [text, setText, forget] = useDraft<string>(draft, '');
  const [problem, setProblem] = useState<string>();
  const why = plainText(text);
  return {
    why,
    forget,
    check: () => {
      setProblem(why ? undefined : t('fieldError.required'));
      return why !== '';
    },
    /** What a TextField takes. */
    field: {
      label: t('field.reason'),
      hint: t('field.reasonHint'),
      value: text,
      maxLength: kNoteMax,
      dir: 'auto',
      autoComplete: 'off',
      error: problem,
      onChange: (event: ChangeEvent<HTMLInputElement>) => setText(event.target.value),
    },
  };
}
