import { useEffect, useRef, useState } from 'react';
import { plainText } from './text';

const kPauseMs = 350;

/** What is searched for: "@karim" is the username that is written karim. */
export const searchWords = (q: string): string | undefined =>
  q.trim().replace(/^@(?=\S)/, '') || undefined;

/**
 * A search box whose words stand in the address: they are applied after a pause in typing, and when
 * something else changes the address (a link, Back, "clear") the box follows.
 */
export function useSearchBox(q: string, apply: (q: string) => void) {
  const [text, setText] = useState(q);
  const [sent, setSent] = useState(q);
  const [seen, setSeen] = useState(q);
  if (seen !== q) {
    setSeen(q);
    if (q !== sent) {
      setSent(q);
      setText(q);
    }
  }
  const latest = useRef(apply);
  useEffect(() => {
    latest.current = apply;
  });
  useEffect(() => {
    const words = plainText(text);
    if (words === q) return;
    const timer = setTimeout(() => {
      setSent(words);
      latest.current(words);
    }, kPauseMs);
    return () => clearTimeout(timer);
    // A change of the address is no typing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text]);
  return [text, setText] as const;
}
