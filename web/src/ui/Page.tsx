import { useEffect, type ReactNode, type Ref } from 'react';

/** A page's heading, which is the document's title as well. */
export function PageTitle({
  children,
  aside,
  ref,
}: {
  children: string;
  aside?: ReactNode;
  /** To focus it, where it is what has changed. */
  ref?: Ref<HTMLHeadingElement>;
}) {
  useEffect(() => {
    document.title = `${children} · Mini-InstaPay`;
  }, [children]);
  return (
    <div className="page-head">
      <h1 ref={ref} tabIndex={ref ? -1 : undefined}>
        {children}
      </h1>
      {aside}
    </div>
  );
}
