import { Link2Off } from 'lucide-react';
import { Redirect, useSearch } from 'wouter';
import type { User } from '../api/types';
import { useT } from '../i18n';
import { currencyDigits } from '../money/money';
import { readPayLink } from '../pay/link';
import { ButtonLink } from '../ui/Button';
import { PageTitle } from '../ui/Page';
import { Empty } from '../ui/States';

/** A payment link: opens Send filled in, or says that the link names nobody. */
export default function PayPage({ me }: { me: User }) {
  const t = useT();
  const search = useSearch();
  const link = readPayLink(new URLSearchParams(search), currencyDigits(me.currency));
  if (link) return <Redirect to={`/send?${search}`} replace />;
  return (
    <div className="stack">
      <PageTitle>{t('payLink.title')}</PageTitle>
      <Empty
        icon={Link2Off}
        title={t('payLink.broken')}
        action={<ButtonLink href="/send">{t('nav.send')}</ButtonLink>}
      >
        {t('payLink.brokenBody')}
      </Empty>
    </div>
  );
}
