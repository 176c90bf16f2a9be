import { call, kMoneyTimeoutMs } from '../api/http';
import type { Schemas } from '../api/json';
import { toWire, type Money } from '../money/money';

// Money set aside for somebody: what the tag `holds` of api/openapi.yaml describes.

export type Hold = Schemas['Hold'];
export type HoldSide = 'sent' | 'received';

const pathOf = (id: string) => `/api/holds/${encodeURIComponent(id)}`;

export const listHolds = (direction: HoldSide, cursor: string | null) =>
  call('HoldPage', 'GET', '/api/holds', { query: { direction, cursor, limit: 20 } });
export const getHold = (id: string) => call('Hold', 'GET', pathOf(id));
export const releaseHold = (id: string) => call('Hold', 'POST', `${pathOf(id)}/release`);
export const captureHold = (id: string, amount: Money, final: boolean, key: string) =>
  call('Transaction', 'POST', `${pathOf(id)}/capture`, {
    body: { amount: toWire(amount), final },
    headers: { 'Idempotency-Key': key },
    timeoutMs: kMoneyTimeoutMs,
  });
