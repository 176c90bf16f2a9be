import { WifiOff } from 'lucide-react';
import { useT } from '../i18n';
import { useConnectivity } from './connectivity';

/** Says above every page that the server is away. */
export function ConnectivityBanner() {
  const t = useT();
  const reach = useConnectivity();
  return (
    <div role="status">
      {reach !== 'ok' && (
        <div className="banner">
          <WifiOff size={18} aria-hidden="true" />
          {t(reach === 'offline' ? 'offline.banner' : 'offline.unreachable')}
        </div>
      )}
    </div>
  );
}
