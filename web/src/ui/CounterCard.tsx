import { useEffect, useState } from 'react';
import { ImagePlus, Printer, X } from 'lucide-react';
import type { User } from '../api/types';
import { useT } from '../i18n';
import type { Money as Amount } from '../money/money';
import '../styles/card.css';
import { BackLink } from './BackLink';
import { Button } from './Button';
import { FileButton } from './FileButton';
import { Mark } from './Mark';
import { Money } from './Money';
import { PageTitle } from './Page';
import { Qr } from './Qr';

type Props = { me: User; link: string; amount: Amount | null; note: string; back: string };

/** A picture of the person's own, for this print alone: it goes nowhere. */
function useLogo() {
  const [logo, setLogo] = useState<string | null>(null);
  useEffect(() => () => (logo === null ? undefined : URL.revokeObjectURL(logo)), [logo]);
  return [logo, setLogo] as const;
}

/** A card of A6 for a counter: who is paid, by which code, and a place for a logo. */
export function CounterCard({ me, link, amount, note, back }: Props) {
  const t = useT();
  const [logo, setLogo] = useLogo();
  return (
    <div className="stack-l counter">
      <div className="row no-print">
        <BackLink from={/^$/} fallback={back} />
        <PageTitle>{t('qr.cardTitle')}</PageTitle>
      </div>
      <p className="muted no-print">{t('qr.cardHint')}</p>
      <article className="counter-card" aria-label={t('qr.cardTitle')}>
        <div className="counter-logo">
          {logo ? (
            <img src={logo} alt={t('qr.logo')} />
          ) : (
            <span className="no-print">{t('qr.logoPlace')}</span>
          )}
        </div>
        <p className="counter-name" dir="auto">
          {me.displayName}
        </p>
        {note && (
          <p className="counter-note" dir="auto">
            {note}
          </p>
        )}
        <Qr text={link} label={t('receive.qr', { name: me.displayName })} />
        <p className="counter-amount">
          {amount === null ? (
            t('qr.scanToPay')
          ) : (
            <>
              {t('qr.scanToPay')} · <Money amount={amount} currency={me.currency} />
            </>
          )}
        </p>
        <p className="counter-foot">
          <Mark />
          <span>Mini-InstaPay</span>
          <bdi dir="ltr">@{me.username}</bdi>
        </p>
      </article>
      <div className="row-wrap qr-actions no-print">
        <Button look="primary" onClick={() => window.print()}>
          <Printer size={18} aria-hidden="true" />
          {t('receipt.print')}
        </Button>
        <FileButton accept="image/*" onFile={(file) => setLogo(URL.createObjectURL(file))}>
          <ImagePlus size={18} aria-hidden="true" />
          {t('qr.chooseLogo')}
        </FileButton>
        {logo && (
          <Button look="quiet" onClick={() => setLogo(null)}>
            <X size={18} aria-hidden="true" />
            {t('qr.removeLogo')}
          </Button>
        )}
      </div>
    </div>
  );
}
