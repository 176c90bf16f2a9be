import { useEffect, useRef } from 'react';
import { Copy } from 'lucide-react';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { copyAndSay } from '../ui/copied';

export type Shown = { id: string; secret: string };

/** A new secret, with the id that goes with it: shown this once. */
export function SecretOnce({ id, secret, onDone }: Shown & { onDone: () => void }) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="stack">
      <h3 ref={heading} tabIndex={-1}>
        {t('machines.secretTitle')}
      </h3>
      <Notice tone="warn">{t('machines.secretBody')}</Notice>
      <dl className="stack-s">
        <dt className="muted small">{t('machines.clientId')}</dt>
        <dd className="secret" dir="ltr">
          {id}
        </dd>
        <dt className="muted small">{t('machines.secret')}</dt>
        <dd className="secret" dir="ltr">
          {secret}
        </dd>
      </dl>
      <div className="row-wrap">
        <Button onClick={() => void copyAndSay(id)}>
          <Copy size={18} aria-hidden="true" />
          {t('machines.copyId')}
        </Button>
        <Button onClick={() => void copyAndSay(secret)}>
          <Copy size={18} aria-hidden="true" />
          {t('machines.copySecret')}
        </Button>
      </div>
      <Button look="primary" block onClick={onDone}>
        {t('machines.kept')}
      </Button>
    </div>
  );
}
