import { send } from '../api/http';
import { readJson, writeJson, local } from '../lib/store';
import { parseKeys, type PublicKeys } from './proof';

const kStored = 'instapay.receiptKeys';

/** The platform's published keys; those that were last seen where it cannot be reached. */
export async function receiptKeys(): Promise<PublicKeys> {
  try {
    const response = await send('/.well-known/receipt-jwks.json', {});
    if (!response.ok) throw new Error(`status ${response.status}`);
    const keys = parseKeys(await response.json());
    writeJson(local, kStored, { keys });
    return keys;
  } catch (error) {
    const kept = readJson(local, kStored);
    if (kept === null) throw error;
    return parseKeys(kept);
  }
}
