import type { ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';

type Props = { tone?: 'danger' | 'warn' | 'ok'; icon?: LucideIcon; children: ReactNode };

export function Notice({ tone, icon: Icon, children }: Props) {
  return (
    <div className={tone ? `notice notice-${tone}` : 'notice'}>
      {Icon && <Icon size={18} aria-hidden="true" />}
      <p>{children}</p>
    </div>
  );
}

/** Why something failed: read out as soon as there is something to say. */
export function Failure({ icon, children }: Omit<Props, 'tone'>) {
  return (
    <div role="alert">
      {children && (
        <Notice tone="danger" {...(icon ? { icon } : {})}>
          {children}
        </Notice>
      )}
    </div>
  );
}
