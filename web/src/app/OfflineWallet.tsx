import { useT, useLocale } from '../i18n';
import { dateTime } from '../lib/dates';
import { useHiddenBalance } from '../lib/hiddenBalance';
import { payLink } from '../pay/link';
import type { Snapshot } from '../session/snapshot';
import { Money } from '../ui/Money';
import { Qr } from '../ui/Qr';
import '../styles/home.css';
import '../styles/receive.css';

/** What a wallet can be used for without its server: the last balance, and being paid. */
export default function OfflineWallet({ last }: { last: Snapshot }) {
  const t = useT();
  const locale = useLocale();
  const [hidden] = useHiddenBalance();
  const link = payLink(window.location.origin, { to: last.id, amount: null, note: '' });
  return (
    <div className="stack offline-wallet">
      <section className="hero lattice" aria-label={t('home.balance')}>
        <p className="hero-label">{t('home.balance')}</p>
        <p className="hero-amount fits" data-testid="last-balance">
          {hidden ? (
            <span aria-label={t('home.hidden')}>••••••</span>
          ) : (
            <Money fit amount={last.balance} currency={last.currency.code} />
          )}
        </p>
        <p className="hero-label">{t('offline.asOf', { time: dateTime(last.at, locale) })}</p>
      </section>
      <section className="card stack center qr-card" aria-label={t('nav.receive')}>
        <div>
          <p className="strong" dir="auto">
            {last.displayName}
          </p>
          <p className="muted small" dir="ltr">
            @{last.username}
          </p>
        </div>
        <Qr text={link} label={t('receive.qr', { name: last.displayName })} />
        <p className="muted small">{t('receive.scan')}</p>
      </section>
    </div>
  );
}
