import { Lock } from 'lucide-react';
import { Link } from 'wouter';
import type { User } from '../api/types';
import { useLocale, useT } from '../i18n';
import { formatMoney } from '../money/money';
import '../styles/holds.css';

/** Beside the balance, while a part of it is held: what can be spent. */
export default function HeldMoney({ me, hidden }: { me: User; hidden: boolean }) {
  const t = useT();
  const locale = useLocale();
  const say = (amount: bigint) => (hidden ? '••••' : formatMoney(amount, me.currency, locale));
  return (
    <Link href="/holds" className="held-money" data-testid="held">
      <Lock size={16} aria-hidden="true" />
      <span className="grow">
        <strong>{t('holds.available', { available: say(me.available ?? me.balance) })}</strong>
        <span className="held-part">{t('holds.heldOf', { held: say(me.held ?? 0n) })}</span>
      </span>
    </Link>
  );
}
