import { useEffect, useState } from 'react';
import { HandCoins } from 'lucide-react';
import { getUserName } from '../api/open';
import { getRequestLink, isOpen } from '../api/open';
import { useT } from '../i18n';
import { useAnswer } from '../lib/useAnswer';
import { currency, knownCurrency } from '../money/currency';
import type { Money as Amount } from '../money/money';
import { payeeQuery, payLinkOf, type PayLink } from '../pay/link';
import { loadCurrency } from '../session/session';
import { Money } from '../ui/Money';

type Props = {
  name: string;
  username?: string | undefined;
  amount: Amount | null;
  note: string;
};

function Asking({ name, username, amount, note }: Props) {
  const t = useT();
  return (
    <section className="notice notice-ok asked" aria-label={t('payLink.title')}>
      <HandCoins size={20} aria-hidden="true" />
      <div className="stack-s grow">
        <p>
          {t('payLink.asked')} <bdi className="strong">{name}</bdi>
          {username && (
            <>
              {' '}
              <bdi dir="ltr">@{username}</bdi>
            </>
          )}
        </p>
        {amount !== null && (
          <p className="asked-amount fits">
            <Money fit amount={amount} currency={currency().code} />
          </p>
        )}
        {note && (
          <p>
            <bdi>{note}</bdi>
          </p>
        )}
      </div>
    </section>
  );
}

function ByLink({ link }: { link: PayLink }) {
  const query = payeeQuery(link.to);
  const byId = query?.by === 'id';
  const { data } = useAnswer(link.to, async () => (byId ? getUserName(link.to) : null));
  const name = byId ? data?.displayName : query?.by === 'username' ? `@${link.to}` : link.to;
  // Only what is certain: a link that cannot be paid is explained after the sign-in.
  if (!name || link.amountIsWrong) return null;
  return (
    <Asking
      name={name}
      username={byId ? data?.username : undefined}
      amount={link.amount}
      note={link.note}
    />
  );
}

function ByRequest({ code }: { code: string }) {
  const { data } = useAnswer(code, () => getRequestLink(code));
  if (!data || !isOpen(data)) return null;
  return <Asking name={data.payeeName} amount={data.amount} note={data.note ?? ''} />;
}

/** What the payment link at `next` asks for, once the currency is known. */
export default function Asked({ next }: { next: string }) {
  const [known, setKnown] = useState(knownCurrency() !== null);
  useEffect(() => {
    if (!known)
      loadCurrency().then(
        () => setKnown(true),
        () => undefined,
      );
  }, [known]);
  if (!known) return null;
  const code = /^\/r\/([\w-]+)$/.exec(next)?.[1];
  if (code !== undefined) return <ByRequest code={code} />;
  const link = payLinkOf(next, currency());
  return link && <ByLink link={link} />;
}
