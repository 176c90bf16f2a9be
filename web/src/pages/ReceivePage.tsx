import { useState } from 'react';
import { Copy, Printer, QrCode, Share2, Store } from 'lucide-react';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { plainText } from '../lib/text';
import { useDraft } from '../lib/useDraft';
import { formatMoney } from '../money/money';
import { payLink } from '../pay/link';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { copyAndSay } from '../ui/copied';
import { TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { Qr } from '../ui/Qr';
import { useAmounts } from '../ui/useAmounts';
import { Shop } from './Shop';
import '../styles/receive.css';

export default function ReceivePage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [amountText, setAmountText, forgetAmount] = useDraft<string>('receive.amount', '');
  const [note, setNote] = useDraft<string>('receive.note', '');
  const [shop, setShop] = useState(false);
  const amounts = useAmounts();
  const parsed = amounts.read(amountText);
  const amount = parsed.ok ? parsed.minor : null;
  const empty = !parsed.ok && parsed.error === 'required';
  // A code for any amount must not stand beside an amount that was meant and cannot be read.
  const link =
    parsed.ok || empty
      ? payLink(window.location.origin, { to: me.id, amount, note: plainText(note) })
      : null;

  const share = async () => {
    if (!link) return;
    const text =
      amount !== null
        ? t('receive.shareAmount', { amount: formatMoney(amount, me.currency, locale) })
        : t('receive.shareText');
    try {
      if ('share' in navigator) await navigator.share({ title: 'Mini-InstaPay', text, url: link });
      else await copyAndSay(link);
    } catch {
      // The person closed the sheet.
    }
  };
  const amountField = (
    <TextField
      label={t('receive.amount', { currency: amounts.unit })}
      value={amountText}
      inputMode="decimal"
      autoComplete="off"
      dir="ltr"
      error={empty ? undefined : amounts.problem(parsed)}
      onChange={(event) => setAmountText(event.target.value)}
    />
  );
  const code = link ? (
    <Qr text={link} label={t('receive.qr', { name: me.displayName })} />
  ) : (
    <div className="qr qr-none" role="img" aria-label={t('receive.noQr')}>
      <QrCode size={72} strokeWidth={1} aria-hidden="true" />
    </div>
  );

  if (shop)
    return (
      <Shop
        me={me}
        code={code}
        amountField={amountField}
        amount={amount}
        onNext={() => {
          setAmountText('');
          forgetAmount();
        }}
        onClose={() => setShop(false)}
      />
    );

  return (
    <div className="stack receive">
      <PageTitle
        aside={
          <span className="no-print">
            <Button small onClick={() => setShop(true)}>
              <Store size={16} aria-hidden="true" />
              {t('shop.open')}
            </Button>
          </span>
        }
      >
        {t('receive.title')}
      </PageTitle>
      <div className="no-print">{amountField}</div>
      <section className="card stack center qr-card">
        <div className="row qr-who">
          <Avatar name={me.displayName} seed={me.id} />
          <div className="grow">
            <span className="item-title entry-name" dir="auto">
              {me.displayName}
            </span>
            <span className="item-sub" dir="ltr">
              @{me.username}
            </span>
          </div>
        </div>
        {code}
        {amount !== null ? (
          <p className="qr-amount fits">
            <Money fit amount={amount} currency={me.currency} />
          </p>
        ) : (
          <p className="muted small">{t(link ? 'receive.scan' : 'receive.noQr')}</p>
        )}
        {link && (
          <p className="pay-link" dir="ltr">
            {link.replace(/^https?:\/\//, '')}
          </p>
        )}
        <div className="row-wrap qr-actions no-print">
          <Button look="primary" disabled={!link} onClick={() => void share()}>
            <Share2 size={18} aria-hidden="true" />
            {t('receive.share')}
          </Button>
          <Button disabled={!link} onClick={() => link && void copyAndSay(link)}>
            <Copy size={18} aria-hidden="true" />
            {t('receive.copy')}
          </Button>
          <Button disabled={!link} onClick={() => window.print()}>
            <Printer size={18} aria-hidden="true" />
            {t('receipt.print')}
          </Button>
        </div>
      </section>
      <div className="no-print">
        <TextField
          label={t('send.note')}
          value={note}
          dir="auto"
          maxLength={140}
          autoComplete="off"
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
    </div>
  );
}
