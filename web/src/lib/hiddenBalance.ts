import { useState } from 'react';
import { local } from './store';

const kKey = 'instapay.hidden';

/** Whether the balance is hidden on this device: until its owner shows it again. */
export function useHiddenBalance() {
  const [hidden, setHidden] = useState(() => local.read(kKey) !== null);
  const set = (next: boolean) => {
    local.write(kKey, next ? '1' : null);
    setHidden(next);
  };
  return [hidden, set] as const;
}
