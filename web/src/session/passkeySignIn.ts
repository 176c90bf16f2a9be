import { showPasskey } from '../lib/passkey';
import { loadCurrency, optionsAt, signInAt } from './session';

const kOptions = '/api/users/login/passkey/options';
const kSignIn = '/api/users/login/passkey';
/** Before its challenge is too old, what waits in autofill begins anew. */
const kSpareMs = 30_000;

let waiting: AbortController | null = null;

function either(...signals: AbortSignal[]): AbortSignal {
  const both = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) both.abort();
    signal.addEventListener('abort', () => both.abort());
  }
  return both.signal;
}

function stopWaiting() {
  waiting?.abort();
  waiting = null;
}

/** Asks for a passkey of whoever is there, and signs them in. */
export async function signInWithPasskey(): Promise<void> {
  // A browser asks for one at a time.
  stopWaiting();
  await loadCurrency();
  const { publicKey } = await optionsAt(kOptions);
  await signInAt(kSignIn, { passkey: await showPasskey(publicKey) });
}

/**
 * Lets the browser offer passkeys where the e-mail is typed, until it is stopped. What goes wrong
 * before a person has chosen one is nobody's concern: the button is there.
 */
export function offerInAutofill(onRefused: (why: unknown) => void): () => void {
  const mine = new AbortController();
  stopWaiting();
  waiting = mine;
  const wait = async () => {
    if (!('isConditionalMediationAvailable' in PublicKeyCredential)) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable())) return;
    await loadCurrency();
    while (!mine.signal.aborted) {
      const { publicKey, expiresIn } = await optionsAt(kOptions);
      const tooOld = AbortSignal.timeout(expiresIn * 1000 - kSpareMs);
      const passkey = await showPasskey(publicKey, {
        mediation: 'conditional',
        signal: either(mine.signal, tooOld),
      }).catch(() => null);
      if (!passkey) {
        if (tooOld.aborted) continue;
        // Refused by the browser itself: asking again at once would go on for ever.
        return;
      }
      try {
        return await signInAt(kSignIn, { passkey });
      } catch (error) {
        onRefused(error);
      }
    }
  };
  wait().catch(() => {});
  return () => {
    mine.abort();
    if (waiting === mine) waiting = null;
  };
}

/** The second step, after a password. */
export async function showSecondFactor(challenge: string): Promise<void> {
  const { publicKey } = await optionsAt('/api/users/login/factor/options', { challenge });
  const passkey = await showPasskey(publicKey);
  await signInAt('/api/users/login/factor', { challenge, passkey });
}
