import { useSyncExternalStore, type ReactNode } from 'react';
import { X } from 'lucide-react';
import { useT } from '../i18n';

type Toast = { id: number; content: ReactNode };
const kShownMs = 6_000;
let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

export function toast(content: ReactNode) {
  const id = (lastId += 1);
  set([...toasts.slice(-2), { id, content }]);
  setTimeout(() => dismiss(id), kShownMs);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const t = useT();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, content }) => (
        <div className="toast" key={id}>
          {content}
          <button
            type="button"
            className="btn btn-icon"
            aria-label={t('action.dismiss')}
            onClick={() => dismiss(id)}
          >
            <X size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
