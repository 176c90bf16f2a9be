import { useState } from 'react';
import { FileSignature, HandCoins, Lock, QrCode, Store } from 'lucide-react';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { kNoteMax, plainText } from '../lib/text';
import { useDraft } from '../lib/useDraft';
import { formatMoney } from '../money/money';
import { payLink } from '../pay/link';
import { AmountField } from '../ui/AmountField';
import { Avatar } from '../ui/Avatar';
import { Button, ButtonLink } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { PersonTitle } from '../ui/Person';
import { Qr } from '../ui/Qr';
import { QrActions } from '../ui/QrActions';
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

  const amountField = (
    <AmountField
      label={(currency) => t('receive.amount', { currency })}
      value={amountText}
      error={empty ? undefined : amounts.problem(parsed)}
      onText={setAmountText}
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
            <PersonTitle person={me} />
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
        <QrActions
          link={link}
          text={
            amount === null
              ? t('receive.shareText')
              : t('receive.shareAmount', { amount: formatMoney(amount, me.currency, locale) })
          }
          card="/receive/card"
          file="payment-code"
        />
      </section>
      <div className="no-print">
        <TextField
          label={t('send.note')}
          value={note}
          dir="auto"
          maxLength={kNoteMax}
          autoComplete="off"
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <ButtonLink href="/requests/new" look="outline" block className="no-print">
        <HandCoins size={18} aria-hidden="true" />
        {t('requests.askSomebody')}
      </ButtonLink>
      <ButtonLink href="/mandates?side=payee" look="quiet" block className="no-print">
        <FileSignature size={18} aria-hidden="true" />
        {t('nav.mandates')}
      </ButtonLink>
      <ButtonLink href="/holds?side=received" look="quiet" block className="no-print">
        <Lock size={18} aria-hidden="true" />
        {t('nav.holds')}
      </ButtonLink>
    </div>
  );
}
