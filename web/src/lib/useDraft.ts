import { useState } from 'react';
import { readJson, tab, writeJson } from './store';

/** A text being typed, kept in this tab through a reload. Not for secrets. */
export function useDraft<T extends string>(name: string, initial: T) {
  const key = `instapay.draft.${name}`;
  const [text, setText] = useState<T>(() => {
    const saved = readJson(tab, key);
    return typeof saved === 'string' ? (saved as T) : initial;
  });
  const set = (next: T) => {
    setText(next);
    writeJson(tab, key, next === initial ? null : next);
  };
  return [text, set, () => writeJson(tab, key, null)] as const;
}
