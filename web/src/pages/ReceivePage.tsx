import { Copy, Share2 } from 'lucide-react';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { formatMoney } from '../money/money';
import { useDraft } from '../lib/useDraft';
import { payLink } from '../pay/link';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Money } from '../ui/Money';
import { PageTitle } from '../ui/Page';
import { Qr } from '../ui/Qr';
import { toast } from '../ui/toast';
import { useAmounts } from '../ui/useAmounts';
import '../styles/receive.css';
import { plainText } from '../lib/text';

export default function ReceivePage({ me }: { me: User }) {
  const t = useT();
  const locale = useLocale();
  const [amountText, setAmountText] = useDraft<string>('receive.amount', '');
  const [note, setNote] = useDraft<string>('receive.note', '');
  const amounts = useAmounts();
  const parsed = amounts.read(amountText);
  const amount = parsed.ok ? parsed.minor : null;
  const empty = !parsed.ok && parsed.error === 'required';
  const link = payLink(window.location.origin, { to: me.id, amount, note: plainText(note) });

  const copy = async () => {
    await navigator.clipboard.writeText(link);
    toast(<span>{t('action.copied')}</span>);
  };
  const share = async () => {
    const text =
      amount !== null
        ? t('receive.shareAmount', { amount: formatMoney(amount, me.currency, locale) })
        : t('receive.shareText');
    try {
      if ('share' in navigator) await navigator.share({ title: 'Mini-InstaPay', text, url: link });
      else await copy();
    } catch {
      // The person closed the sheet.
    }
  };

  return (
    <div className="stack-l receive">
      <PageTitle>{t('receive.title')}</PageTitle>
      <section className="card stack center qr-card">
        <div className="row qr-who">
          <Avatar name={me.displayName} seed={me.id} />
          <div className="grow">
            <span className="item-title entry-name">
              <bdi>{me.displayName}</bdi>
            </span>
            <span className="item-sub" dir="ltr">
              @{me.username}
            </span>
          </div>
        </div>
        <Qr text={link} label={t('receive.qr', { name: me.displayName })} />
        {amount !== null ? (
          <p className="qr-amount fits">
            <Money fit amount={amount} currency={me.currency} />
          </p>
        ) : (
          <p className="muted small">{t('receive.scan')}</p>
        )}
        <p className="pay-link" dir="ltr">
          {link.replace(/^https?:\/\//, '')}
        </p>
        <div className="row-wrap qr-actions no-print">
          <Button look="primary" onClick={() => void share()}>
            <Share2 size={18} aria-hidden="true" />
            {t('receive.share')}
          </Button>
          <Button onClick={() => void copy()}>
            <Copy size={18} aria-hidden="true" />
            {t('receive.copy')}
          </Button>
        </div>
      </section>
      <section className="stack" aria-labelledby="ask">
        <h2 id="ask">{t('receive.ask')}</h2>
        <TextField
          label={t('receive.amount', { currency: me.currency })}
          value={amountText}
          inputMode="decimal"
          autoComplete="off"
          dir="ltr"
          error={empty ? undefined : amounts.problem(parsed)}
          onChange={(event) => setAmountText(event.target.value)}
        />
        <TextField
          label={t('send.note')}
          value={note}
          dir="auto"
          maxLength={140}
          autoComplete="off"
          onChange={(event) => setNote(event.target.value)}
        />
      </section>
    </div>
  );
}
