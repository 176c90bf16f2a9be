import { useEffect, useRef } from 'react';
import { Copy, Download, Printer } from 'lucide-react';
import type { User } from '../../api/types';
import { useT } from '../../i18n';
import { download } from '../../lib/download';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { copyAndSay } from '../../ui/copied';

/** Shown this once: to be kept where the phone is not. */
export function RecoveryCodes({
  me,
  codes,
  onDone,
}: {
  me: User;
  codes: string[];
  onDone: () => void;
}) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const text = `Mini-InstaPay\n${me.email}\n\n${codes.join('\n')}\n`;
  const save = () =>
    download(new Blob([text], { type: 'text/plain;charset=utf-8' }), 'mini-instapay-codes.txt');
  return (
    <section className="card stack" aria-labelledby="codes">
      <h2 id="codes" ref={heading} tabIndex={-1}>
        {t('security.codesTitle')}
      </h2>
      <Notice tone="warn">{t('security.codesBody')}</Notice>
      <ol className="recovery-codes" dir="ltr" aria-label={t('security.codesTitle')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row-wrap no-print">
        <Button onClick={() => void copyAndSay(text)}>
          <Copy size={18} aria-hidden="true" />
          {t('security.copy')}
        </Button>
        <Button onClick={save}>
          <Download size={18} aria-hidden="true" />
          {t('security.download')}
        </Button>
        <Button onClick={() => window.print()}>
          <Printer size={18} aria-hidden="true" />
          {t('security.print')}
        </Button>
      </div>
      <Button look="primary" block className="no-print" onClick={onDone}>
        {t('security.codesKept')}
      </Button>
    </section>
  );
}
