import type { Intent } from '../pay/intent';
import { toWire, type Money } from '../money/money';
import { pay } from './endpoints';
import { call, command } from './http';
import type { Schemas } from './json';

// Asking for money: what the tag `requests` of api/openapi.yaml describes.

export type RequestDetails = Schemas['RequestDetails'];
export type RequestEvent = Schemas['RequestEvent'];
export type RequestStatus = Schemas['RequestStatus'];
export type RequestSide = 'sent' | 'received';

export type NewRequest = {
  /** An id, an e-mail address or a username; null: whoever has the link. */
  to: string | null;
  amount: Money | null;
  note: string;
  expiresAt: string | null;
  uses: 'once' | 'many';
};

const pathOf = (id: string) => `/api/requests/${encodeURIComponent(id)}`;

export const createRequest = ({ to, amount, note, expiresAt, uses }: NewRequest, key: string) =>
  call('RequestDetails', 'POST', '/api/requests', {
    body: {
      ...(to === null ? {} : { to }),
      ...(amount === null ? {} : { amount: toWire(amount) }),
      ...(note === '' ? {} : { note }),
      ...(expiresAt === null ? {} : { expiresAt }),
      uses,
    },
    headers: { 'Idempotency-Key': key },
  });
export const listRequests = (
  direction: RequestSide,
  status: RequestStatus | null,
  cursor: string | null,
  limit = 20,
) => call('RequestPage', 'GET', '/api/requests', { query: { direction, status, cursor, limit } });
export const getRequest = (id: string) => call('RequestDetails', 'GET', pathOf(id));
export const getRequestByCode = (code: string) =>
  call('RequestDetails', 'GET', `/api/requests/by-code/${encodeURIComponent(code)}`);
export const listRequestPayments = (id: string, cursor: string | null) =>
  call('HistoryPage', 'GET', `${pathOf(id)}/payments`, { query: { cursor, limit: 20 } });
/** Needs no sign-in. */
export const getPaymentCodes = () => call('PaymentCodes', 'GET', '/api/requests/codes');
export const cancelRequest = (id: string) => call('RequestDetails', 'POST', `${pathOf(id)}/cancel`);
export const remindOfRequest = (id: string) =>
  call('RequestDetails', 'POST', `${pathOf(id)}/remind`);
export const declineRequest = (id: string, reason: string) =>
  call('RequestDetails', 'POST', `${pathOf(id)}/decline`, {
    body: reason === '' ? {} : { reason },
  });
export const payRequest = (intent: Intent, request: string) =>
  pay(`${pathOf(request)}/pay`, `${pathOf(request)}/authorization`, intent, {
    amount: intent.amount,
  });

export const getRequestSettings = () => call('RequestSettings', 'GET', '/api/requests/settings');
export const setRequestSettings = (fromAnyone: boolean) =>
  call('RequestSettings', 'PUT', '/api/requests/settings', { body: { fromAnyone } });
export const listBlocks = () =>
  call('BlockPage', 'GET', '/api/requests/blocks', { query: { limit: 100 } });
export const block = (userId: string) =>
  command('PUT', `/api/requests/blocks/${encodeURIComponent(userId)}`);
export const unblock = (userId: string) =>
  command('DELETE', `/api/requests/blocks/${encodeURIComponent(userId)}`);
