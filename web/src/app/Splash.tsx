import { CloudOff } from 'lucide-react';
import { Suspense, lazy, useEffect, useState } from 'react';
import { useT, withTexts } from '../i18n';
import { restore } from '../session/session';
import { readSnapshot } from '../session/snapshot';
import { Button } from '../ui/Button';
import { Empty } from '../ui/States';
import { Mark } from '../ui/Mark';
import { useConnectivity } from './connectivity';

const OfflineWallet = lazy(withTexts(['wallet'], () => import('./OfflineWallet')));

export function Splash() {
  return (
    <div className="splash" aria-hidden="true">
      <Mark />
    </div>
  );
}

/** A session may exist but the server is away: it is not thrown out, it is asked again. */
export function Unreachable() {
  const t = useT();
  const reach = useConnectivity();
  const [last] = useState(readSnapshot);
  useEffect(() => {
    if (reach === 'ok') void restore();
  }, [reach]);
  return (
    <main className={last ? 'page offline-page' : 'splash'}>
      {last && (
        <Suspense fallback={null}>
          <OfflineWallet last={last} />
        </Suspense>
      )}
      <Empty
        icon={CloudOff}
        title={t('offline.title')}
        action={<Button onClick={() => void restore()}>{t('action.tryAgain')}</Button>}
      >
        {t('offline.body')}
      </Empty>
    </main>
  );
}
