import { Compass } from 'lucide-react';
import { useT } from '../i18n';
import { ButtonLink } from '../ui/Button';
import { Empty } from '../ui/States';
import { PageTitle } from '../ui/Page';

export function NotFoundPage() {
  const t = useT();
  return (
    <div className="stack">
      <PageTitle>{t('notFound.title')}</PageTitle>
      <Empty
        icon={Compass}
        title={t('notFound.lost')}
        action={<ButtonLink href="/">{t('notFound.home')}</ButtonLink>}
      />
    </div>
  );
}
