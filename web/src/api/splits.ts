import { toWire, type Money } from '../money/money';
import { call } from './http';
import type { Schemas } from './json';

// Splitting a sum among people: what the tag `splits` of api/openapi.yaml describes.

export type Split = Schemas['Split'];
export type SplitDetails = Schemas['SplitDetails'];
export type SplitMode = Schemas['SplitMode'];

type Part = { shares?: number; amount?: Money };
export type NewSplit = {
  amount: Money;
  payment: string | null;
  note: string;
  mode: SplitMode;
  people: ({ to: string } & Part)[];
  own: Part | null;
};

const pathOf = (id: string) => `/api/splits/${encodeURIComponent(id)}`;

/** The body; what is no part of the mode is not in it. */
export function bodyOf({ amount, payment, note, mode, people, own }: NewSplit) {
  const wire = (part: Money | undefined) => (part === undefined ? undefined : toWire(part));
  return {
    amount: toWire(amount),
    ...(payment === null ? {} : { payment }),
    ...(note === '' ? {} : { note }),
    mode,
    people: people.map(({ to, shares, amount: part }) => ({ to, shares, amount: wire(part) })),
    ...(own ? { includeMe: true, myShares: own.shares, myAmount: wire(own.amount) } : {}),
  };
}

export const createSplit = (split: NewSplit, key: string) =>
  call('SplitDetails', 'POST', '/api/splits', {
    body: bodyOf(split),
    headers: { 'Idempotency-Key': key },
  });
export const listSplits = (cursor: string | null) =>
  call('SplitPage', 'GET', '/api/splits', { query: { cursor, limit: 20 } });
export const getSplit = (id: string) => call('SplitDetails', 'GET', pathOf(id));
export const cancelSplit = (id: string) => call('SplitDetails', 'POST', `${pathOf(id)}/cancel`);
