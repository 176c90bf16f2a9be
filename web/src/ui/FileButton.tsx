import { useId, type ComponentProps } from 'react';
import { classes, type Look } from './Button';

type Props = Pick<ComponentProps<'input'>, 'accept' | 'children'> &
  Look & { busy?: boolean; onFile: (file: File) => void };

/** Looks like a button, and lets a file be chosen. */
export function FileButton({ accept, busy = false, onFile, children, ...look }: Props) {
  const id = useId();
  return (
    <>
      <input
        id={id}
        className="sr-only"
        type="file"
        accept={accept}
        disabled={busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          // The same file once more, changed meanwhile, is a change as well.
          event.target.value = '';
        }}
      />
      <label className={classes(look)} htmlFor={id} aria-busy={busy || undefined}>
        {busy && <span className="spinner" aria-hidden="true" />}
        {children}
      </label>
    </>
  );
}
