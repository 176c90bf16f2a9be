import { QueryClient } from '@tanstack/react-query';
import { isTransient } from '../api/error';
import { onSession, session } from '../session/session';
import { connectivity, onConnectivity } from './connectivity';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      // What cannot be reached is tried again, and once more as soon as the server is back.
      retry: (failures, error) => isTransient(error) && failures < 4,
      retryDelay: (attempt) => Math.min(400 * 2 ** attempt, 5_000),
      // Requests are tried whatever the browser says of the network. That switches off the library's
      // own reading again after it was away, which is done below.
      networkMode: 'always',
      refetchOnReconnect: false,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

// Nothing of one person may be seen by the next.
onSession(() => {
  if (session().status === 'anonymous') queryClient.clear();
});

let before = connectivity();
onConnectivity(() => {
  const now = connectivity();
  if (now === 'ok' && before !== 'ok') void queryClient.invalidateQueries();
  before = now;
});
