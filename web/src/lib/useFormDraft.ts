import { useEffect } from 'react';
import type { FieldValues, Path, PathValue, UseFormReturn } from 'react-hook-form';
import { readJson, tab, writeJson } from './store';

/**
 * Keeps what was typed through a reload, in this tab only. Name only fields that are not secret.
 */
export function useFormDraft<T extends FieldValues>(
  name: string,
  form: UseFormReturn<T>,
  fields: Path<T>[],
): () => void {
  const key = `instapay.draft.${name}`;
  useEffect(() => {
    const saved = readJson(tab, key) as Record<string, unknown> | null;
    for (const field of fields) {
      const value = saved?.[field];
      if (typeof value === 'string' && value !== '')
        form.setValue(field, value as PathValue<T, Path<T>>, { shouldDirty: true });
    }
    const subscription = form.watch((values) => {
      writeJson(tab, key, Object.fromEntries(fields.map((field) => [field, values[field]])));
    });
    return () => subscription.unsubscribe();
    // The field list is a constant of each form.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, form]);
  return () => writeJson(tab, key, null);
}
