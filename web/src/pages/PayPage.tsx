import { Link2Off } from 'lucide-react';
import { Redirect } from 'wouter';
import { useT } from '../i18n';
import { useRawSearch } from '../lib/search';
import { currency } from '../money/currency';
import { readPayLink } from '../pay/link';
import { ButtonLink } from '../ui/Button';
import { PageTitle } from '../ui/Page';
import { Empty } from '../ui/States';

/** A payment link: opens Send filled in, or says that the link names nobody. */
export default function PayPage() {
  const t = useT();
  const search = useRawSearch();
  const link = readPayLink(new URLSearchParams(search), currency());
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
