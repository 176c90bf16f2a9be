import type { ReactNode } from 'react';
import { CloudOff, type LucideIcon } from 'lucide-react';
import { useT } from '../i18n';
import { explain } from '../lib/explain';
import { useLocale } from '../i18n';
import { Button } from './Button';

export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <span className="empty-art" aria-hidden="true">
        <Icon size={30} strokeWidth={1.6} />
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useT();
  const locale = useLocale();
  return (
    <div role="alert">
      <Empty
        icon={CloudOff}
        title={t('state.failed')}
        action={onRetry && <Button onClick={onRetry}>{t('action.tryAgain')}</Button>}
      >
        {explain(error, { t, locale })}
      </Empty>
    </div>
  );
}

/** Rows of the height that real ones have, so that nothing jumps when they come. */
export function ListSkeleton({ rows = 5 }: { rows?: number }) {
  const t = useT();
  return (
    <div role="status">
      <span className="sr-only">{t('state.loading')}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div className="item" key={row} aria-hidden="true">
          <span className="skeleton sk-circle" />
          <span className="grow">
            <span className="skeleton sk-line" />
            <span className="skeleton sk-short" />
          </span>
          <span className="skeleton sk-amount" />
        </div>
      ))}
    </div>
  );
}

export function BlockSkeleton() {
  const t = useT();
  return (
    <div role="status">
      <span className="sr-only">{t('state.loading')}</span>
      <span className="skeleton sk-block" aria-hidden="true" />
    </div>
  );
}
