import { useEffect } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link2Off } from 'lucide-react';
import { Redirect, useLocation } from 'wouter';
import { findPayee } from '../api/endpoints';
import { isStatus } from '../api/error';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { useRawSearch } from '../lib/search';
import { plainText } from '../lib/text';
import { currency } from '../money/currency';
import { toWire } from '../money/money';
import { newIntent } from '../pay/intent';
import { payeeQuery, readPayLink, type PayLink } from '../pay/link';
import { ButtonLink } from '../ui/Button';
import { PageTitle } from '../ui/Page';
import { BlockSkeleton, Empty, Failed } from '../ui/States';
import { useAmounts } from '../ui/useAmounts';
import { emptyDraft, startDraft } from './send/draft';

function Broken({ title, children }: { title: string; children?: string }) {
  const t = useT();
  return (
    <div className="stack">
      <PageTitle>{t('payLink.title')}</PageTitle>
      <Empty
        icon={Link2Off}
        title={title}
        action={<ButtonLink href="/send">{t('nav.send')}</ButtonLink>}
      >
        {children}
      </Empty>
    </div>
  );
}

/** A link that says who gets how much: everything is known but whether the reader agrees. */
function Review({ me, link }: { me: User; link: PayLink & { amount: bigint } }) {
  const t = useT();
  const amounts = useAmounts();
  const [, navigate] = useLocation();
  const query = payeeQuery(link.to) ?? { by: 'id', value: link.to };
  const payee = useQuery({
    queryKey: ['payee', query],
    queryFn: () => findPayee(query),
    staleTime: 0,
  });
  const found = payee.data;
  const payable = found !== undefined && found.id !== me.id;
  useEffect(() => {
    if (!payable) return;
    const { id, username, displayName } = found;
    const to = { id, username, displayName };
    const { amount } = link;
    const note = plainText(link.note);
    const draft = { ...emptyDraft(me.id), payee: to, amount: amounts.text(amount), note };
    const intent = newIntent({
      userId: me.id,
      payee: to,
      amount: toWire(amount),
      currency: me.currency,
      note,
    });
    startDraft({ ...draft, intent });
    navigate('/send/review', { replace: true });
    // Once, when the payee is known.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [payable]);
  if (payee.isError)
    return isStatus(payee.error, 404, 422) ? (
      <Broken title={t('send.linkUnknown')} />
    ) : (
      <Failed error={payee.error} onRetry={() => void payee.refetch()} />
    );
  if (found && !payable) return <Broken title={t('payLink.own')}>{t('payLink.ownBody')}</Broken>;
  return <BlockSkeleton />;
}

/** A payment link: opens the review, or Send where it leaves the amount to the payer. */
export default function PayPage({ me }: { me: User }) {
  const t = useT();
  const search = useRawSearch();
  const link = readPayLink(new URLSearchParams(search), currency());
  if (!link) return <Broken title={t('payLink.broken')}>{t('payLink.brokenBody')}</Broken>;
  if (link.amountIsWrong)
    return <Broken title={t('payLink.noAmount')}>{t('payLink.noAmountBody')}</Broken>;
  if (link.amount === null) return <Redirect to={`/send?${search}`} replace />;
  return <Review me={me} link={{ ...link, amount: link.amount }} />;
}
