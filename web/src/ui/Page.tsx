import { useEffect, type ReactNode } from 'react';

/** A page's heading, which is the document's title as well. */
export function PageTitle({ children, aside }: { children: string; aside?: ReactNode }) {
  useEffect(() => {
    document.title = `${children} · Mini-InstaPay`;
  }, [children]);
  return (
    <div className="page-head">
      <h1>{children}</h1>
      {aside}
    </div>
  );
}
