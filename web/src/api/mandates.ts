import { toWire, type Money } from '../money/money';
import { call } from './http';
import type { Schemas } from './json';

// What a payee may draw from a payer: what the tag `mandates` of api/openapi.yaml describes.

export type Mandate = Schemas['Mandate'];
export type MandateDetails = Schemas['MandateDetails'];
export type Draw = Schemas['Draw'];
export type Role = 'payer' | 'payee';

export type NewMandate = { from: string; perDraw: Money; perMonth: Money; note: string };
export type NewDraw = { amount: Money; note: string; dueOn: string };

const pathOf = (id: string) => `/api/mandates/${encodeURIComponent(id)}`;
const drawPath = (id: string) => pathOf('draws') + `/${encodeURIComponent(id)}`;

export const mandateBody = ({ from, perDraw, perMonth, note }: NewMandate) => ({
  ...{ from, perDraw: toWire(perDraw), perMonth: toWire(perMonth) },
  ...(note ? { note } : {}),
});
export const drawBody = ({ amount, note, dueOn }: NewDraw) => ({
  amount: toWire(amount),
  ...(note ? { note } : {}),
  ...(dueOn ? { dueOn } : {}),
});

export const createMandate = (asked: NewMandate, key: string) =>
  call('Mandate', 'POST', '/api/mandates', {
    body: mandateBody(asked),
    headers: { 'Idempotency-Key': key },
  });
export const listMandates = (role: Role, cursor: string | null) =>
  call('MandatePage', 'GET', '/api/mandates', { query: { role, cursor, limit: 20 } });
export const getMandate = (id: string) => call('MandateDetails', 'GET', pathOf(id));
export const acceptMandate = (id: string, timeZone: string) =>
  call('Mandate', 'POST', `${pathOf(id)}/accept`, { body: { timeZone } });
export const endMandate = (id: string, how: 'decline' | 'cancel') =>
  call('Mandate', 'POST', `${pathOf(id)}/${how}`);
export const createDraw = (id: string, asked: NewDraw, key: string) =>
  call('Draw', 'POST', `${pathOf(id)}/draws`, {
    body: drawBody(asked),
    headers: { 'Idempotency-Key': key },
  });
export const getDraw = (id: string) => call('Draw', 'GET', drawPath(id));
export const cancelDraw = (id: string) => call('Draw', 'POST', `${drawPath(id)}/cancel`);
