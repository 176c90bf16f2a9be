import { Copy, Printer, Share2 } from 'lucide-react';
import { useT } from '../i18n';
import { download } from '../lib/download';
import { Button, ButtonLink } from './Button';
import { copyAndSay } from './copied';
import { qrPng, qrSvg } from './Qr';

type Props = {
  /** null while there is nothing to pay. */
  link: string | null;
  /** What is said beside the link where it is shared. */
  text: string;
  /** Where the card for a counter is. */
  card: string;
  /** Of the files, without the ending. */
  file: string;
};

/** What can be done with a link that others pay: share it, copy it, keep its code, hang it up. */
export function QrActions({ link, text, card, file }: Props) {
  const t = useT();
  const share = async () => {
    if (!link) return;
    try {
      if ('share' in navigator) await navigator.share({ title: 'Mini-InstaPay', text, url: link });
      else await copyAndSay(link);
    } catch {
      // The person closed the sheet.
    }
  };
  return (
    <div className="stack-s qr-actions no-print">
      <div className="row-wrap qr-actions">
        <Button look="primary" disabled={!link} onClick={() => void share()}>
          <Share2 size={18} aria-hidden="true" />
          {t('receive.share')}
        </Button>
        <Button disabled={!link} onClick={() => link && void copyAndSay(link)}>
          <Copy size={18} aria-hidden="true" />
          {t('receive.copy')}
        </Button>
      </div>
      <div className="row-wrap qr-actions" role="group" aria-label={t('qr.files')}>
        <Button
          small
          disabled={!link}
          aria-label={t('qr.svg')}
          onClick={() => link && download(qrSvg(link), `${file}.svg`)}
        >
          SVG
        </Button>
        <Button
          small
          disabled={!link}
          aria-label={t('qr.png')}
          onClick={() => link && void qrPng(link).then((png) => download(png, `${file}.png`))}
        >
          PNG
        </Button>
        {link && (
          <ButtonLink href={card} small>
            <Printer size={16} aria-hidden="true" />
            {t('qr.card')}
          </ButtonLink>
        )}
      </div>
    </div>
  );
}
