import { useState } from 'react';
import { X } from 'lucide-react';
import { useT } from '../../i18n';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';

type Props = { label: string; title: string; body: string; busy: boolean; onCancel: () => void };

/** Takes back what was asked for, once that is said again. */
export function CancelButton({ label, title, body, busy, onCancel }: Props) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="quiet" block busy={busy} onClick={() => setAsking(true)}>
        <X size={18} aria-hidden="true" />
        {label}
      </Button>
      <Dialog open={asking} onClose={() => setAsking(false)} title={title}>
        <p>{body}</p>
        <div className="dialog-actions">
          <Button
            look="danger"
            onClick={() => {
              setAsking(false);
              onCancel();
            }}
          >
            {label}
          </Button>
          <Button onClick={() => setAsking(false)}>{t('requests.keep')}</Button>
        </div>
      </Dialog>
    </>
  );
}
