import { useEffect } from 'react';
import { useLocation } from 'wouter';
import type { User } from '../api/types';
import { local } from '../lib/store';
import { kPushMark } from '../session/leavePush';

// What the service worker (public/sw.js) and the wallet say to each other about pushes.
type Message = { type: 'open'; path: string } | { type: 'subscription' };

const resume = () => import('./push');

/** Opens what was tapped on without loading the page anew, and keeps this browser registered. */
export function usePush({ id }: User) {
  const [, navigate] = useLocation();
  useEffect(() => {
    // Nearly nobody has it: those load nothing.
    const goOn = () => {
      if (local.read(kPushMark) === null) return;
      // Without a network, the next start does it.
      void resume()
        .then((push) => push.resume(id))
        .catch(() => undefined);
    };
    goOn();
    const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : null;
    const hear = ({ data, ports }: MessageEvent<Message>) => {
      if (data.type === 'subscription') return goOn();
      navigate(data.path);
      ports[0]?.postMessage(true);
    };
    workers?.addEventListener('message', hear);
    return () => workers?.removeEventListener('message', hear);
  }, [id, navigate]);
}
