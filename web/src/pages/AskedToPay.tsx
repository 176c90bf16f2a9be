import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { HandCoins } from 'lucide-react';
import { getUserName } from '../api/endpoints';
import { useT } from '../i18n';
import { useRawSearch } from '../lib/search';
import { currency, knownCurrency } from '../money/currency';
import { payeeQuery, payLinkOf, type PayLink } from '../pay/link';
import { loadCurrency } from '../session/session';
import { Money } from '../ui/Money';

function Asked({ link }: { link: PayLink }) {
  const t = useT();
  const query = payeeQuery(link.to);
  const byId = query?.by === 'id';
  const { data } = useQuery({
    queryKey: ['payee-name', link.to],
    queryFn: () => getUserName(link.to),
    enabled: byId,
  });
  const name = byId ? data?.displayName : query?.by === 'username' ? `@${link.to}` : link.to;
  // Only what is certain: a link that cannot be paid is explained after the sign-in.
  if (!name || link.amountIsWrong) return null;
  return (
    <section className="notice notice-ok asked" aria-label={t('payLink.title')}>
      <HandCoins size={20} aria-hidden="true" />
      <div className="stack-s grow">
        <p>
          {t('payLink.asked')} <bdi className="strong">{name}</bdi>
          {byId && data && (
            <>
              {' '}
              <bdi dir="ltr">@{data.username}</bdi>
            </>
          )}
        </p>
        {link.amount !== null && (
          <p className="asked-amount fits">
            <Money fit amount={link.amount} currency={currency().code} />
          </p>
        )}
        {link.note && (
          <p>
            <bdi>{link.note}</bdi>
          </p>
        )}
      </div>
    </section>
  );
}

/** Before the sign-in that a payment link needs: who asks, and for what. */
export function AskedToPay() {
  const next = new URLSearchParams(useRawSearch()).get('next') ?? '';
  const isLink = next.startsWith('/pay?') || next.startsWith('/send?');
  const [known, setKnown] = useState(knownCurrency() !== null);
  useEffect(() => {
    if (isLink && !known)
      loadCurrency().then(
        () => setKnown(true),
        () => undefined,
      );
  }, [isLink, known]);
  const link = isLink && known ? payLinkOf(next, currency()) : null;
  return link && <Asked link={link} />;
}
