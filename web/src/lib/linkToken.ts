import { useEffect, useState } from 'react';

/** What follows the '#' of a link in a mail; it leaves the address bar and the history at once. */
export function useLinkToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    if (token) window.history.replaceState(null, '', window.location.pathname);
  }, [token]);
  return token;
}
