import type { ComponentProps, ReactNode } from 'react';

/** A line of a `<dl className="rows">`: a name, and what it is. */
export function Row({ name, ...value }: ComponentProps<'dd'> & { name: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd {...value} />
    </div>
  );
}
