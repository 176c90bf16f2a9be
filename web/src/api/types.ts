import type { components } from './schema.gen';
import type { Exact } from './json';
import type { Money } from '../money/money';

// Names for what api/openapi.yaml describes, with money as decimal strings (see parseJson).
type Schemas = components['schemas'];

export type Role = Schemas['Role'];
export type UserStatus = Schemas['UserStatus'];
export type Direction = Schemas['Direction'];
export type TransactionKind = Schemas['TransactionKind'];
export type GroupBy = Schemas['GroupBy'];
export type User = Exact<Schemas['User']>;
export type PublicUser = Exact<Schemas['PublicUser']>;
export type Session = Omit<Exact<Schemas['Session']>, 'refreshToken'>;
export type SessionInfo = Exact<Schemas['SessionInfo']>;
export type Transaction = Exact<Schemas['TransactionFields']>;
export type CompletedTransfer = Transaction & { balance: Money };
export type BalanceAdjustment = Exact<Schemas['BalanceAdjustment']>;
export type HistoryItem = Transaction & {
  direction: Direction;
  balanceAfter: Money;
  counterparty: PublicUser | null;
};
export type TransactionsReport = Exact<Schemas['TransactionsReport']>;
export type UserReport = Exact<Schemas['UserReport']>;

export type Page<T> = { data: T[]; hasMore: boolean; nextCursor: string | null };

export type TransactionDetail = Transaction & {
  sender: PublicUser | null;
  receiver: PublicUser | null;
  refundOf?: string | null;
  refunded?: Money;
  refundable?: Money;
};

export type Limits = {
  userId: string;
  currency: string;
  perTransfer: Money | null;
  perDay: Money | null;
  usedToday: Money;
  leftToday: Money | null;
  resetsAt: string;
};

export type SystemSeriesPoint = {
  periodStart: string;
  activeUsers: number;
  medianAmount: Money;
  p95Amount: Money;
};
export type SystemReport = Exact<Schemas['SystemReport']> & { series?: SystemSeriesPoint[] };

export type LedgerReport = {
  asOf: string;
  books: { balanced: boolean; sumOfBalances: Money; accounts: number; entries: number } | null;
  lastAudit: {
    at: string;
    verdict: 'balanced' | 'difference';
    durationMs: number;
    transfers: number;
    detail: string | null;
  } | null;
  chains:
    | {
        chainId: string | number;
        seq: number;
        batches: number;
        transfers: number;
        head: string;
        lastCommitAt: string | null;
      }[]
    | null;
  queue: {
    depth: number;
    max: number;
    inFlight: number | null;
    batchAvg: number | null;
    commitP50Ms: number | null;
    commitP99Ms: number | null;
  } | null;
  conflicts: {
    versionConflicts: number;
    retries: number;
    unknownOutcomes: number;
    resolved: number;
    replays: number;
  } | null;
};

export type ServiceHealth = {
  service: string;
  status: 'ok' | 'down';
  ready: boolean;
  version: string | null;
  latencyMs: number | null;
  checks: Record<string, string>;
};

export type FieldError = { field: string; code: string; detail: string };
export type Problem = {
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id?: string;
  /** Of a refused amount: what the rule allows, what is left of it, and when all of it is again. */
  limit?: Money;
  left?: Money;
  resetsAt?: string;
  errors?: FieldError[];
};
