import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { useT } from '../i18n';
import { restore } from '../session/session';
import { Button } from '../ui/Button';
import { Empty } from '../ui/States';
import { Mark } from '../ui/Mark';
import { useConnectivity } from './connectivity';

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
  useEffect(() => {
    if (reach === 'ok') void restore();
  }, [reach]);
  return (
    <main className="splash">
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
