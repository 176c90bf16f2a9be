import type {
  ActionKind,
  Direction,
  GroupBy,
  PasskeyAssertion,
  PasskeyRegistration,
  Role,
  TransactionKind,
  UserStatus,
} from './types';
import type { Intent } from '../pay/intent';
import type { PayeeQuery } from '../pay/link';
import { toWire, type Money, type WireAmount } from '../money/money';
import { callOrPropose } from './approvals';
import { call, command, file, kMoneyTimeoutMs, read, request } from './http';
import type { Schemas } from './json';

const enc = encodeURIComponent;

export type HistoryFilter = {
  q?: string | undefined;
  direction?: Direction | undefined;
  counterparty?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  minAmount?: WireAmount | undefined;
  maxAmount?: WireAmount | undefined;
};
type Range = { startDate: string; endDate: string; groupBy?: GroupBy; tz?: string };

/** A hundred pages take a second, and others may be printing. */
const kFileTimeoutMs = 60_000;

export const getMe = (signal?: AbortSignal) => call('User', 'GET', '/api/users/me', { signal });
export const getUser = (id: string) => call('User', 'GET', `/api/users/${enc(id)}`);
export const findPayee = ({ by, value }: PayeeQuery) =>
  call('FoundUser', 'GET', `/api/users/${by === 'id' ? '' : `by-${by}/`}${enc(value)}`);
const keyed = (key?: string) => (key ? { headers: { 'Idempotency-Key': key } } : {});
export const updateUser = (
  id: string,
  fields: {
    displayName?: string;
    username?: string;
    status?: UserStatus;
    restTo?: string;
    role?: Role;
    reason?: string;
  },
  key?: string,
) => callOrPropose('User', 'PATCH', `/api/users/${enc(id)}`, { body: fields, ...keyed(key) });
export const changePassword = (id: string, currentPassword: string, newPassword: string) =>
  command('PUT', `/api/users/${enc(id)}/password`, { currentPassword, newPassword });
export const freezeWallet = () => call('User', 'POST', '/api/users/me/freeze');
/** Without a password: who has a second factor shows that. */
export const unfreezeWallet = (password: string | null) =>
  call('User', 'POST', '/api/users/me/unfreeze', { body: password === null ? {} : { password } });
export const closeWallet = (restTo: string | null, password: string) =>
  call('User', 'POST', '/api/users/me/close', {
    body: restTo === null ? { password } : { restTo, password },
  });
export const getFactors = () => call('Factors', 'GET', '/api/users/me/factors');
export const beginTotp = (password: string) =>
  call('TotpEnrolment', 'POST', '/api/users/me/factors/totp', { body: { password } });
export const confirmTotp = (code: string) =>
  call('RecoveryCodes', 'POST', '/api/users/me/factors/totp/confirmation', { body: { code } });
/** Without a code, a factor is asked for that was not shown just now. */
const withCode = (password: string, code: string) => (code ? { password, code } : { password });
export const renewRecoveryCodes = (password: string, code: string) =>
  call('RecoveryCodes', 'POST', '/api/users/me/factors/recovery-codes', {
    body: withCode(password, code),
  });
export const removeFactors = (password: string, code: string) =>
  command('POST', '/api/users/me/factors/removal', withCode(password, code));
const kPasskeys = '/api/users/me/factors/passkeys';
export const beginPasskey = (password: string) =>
  call('PasskeyCreationOptions', 'POST', `${kPasskeys}/options`, { body: { password } });
export const addPasskey = (name: string, passkey: PasskeyRegistration) =>
  call('AddedPasskey', 'POST', kPasskeys, { body: { name, passkey } });
export const renamePasskey = (id: string, name: string) =>
  call('Passkey', 'PATCH', `${kPasskeys}/${enc(id)}`, { body: { name } });
export const removePasskey = (id: string, password: string) =>
  command('POST', `${kPasskeys}/${enc(id)}/removal`, { password });
export const setStepUpRules = (above: Money | null, newPayees: boolean) =>
  call('Factors', 'PUT', '/api/users/me/factors/step-up', {
    body: { above: above === null ? null : toWire(above), newPayees },
  });
export const stepUp = (shown: { code: string } | { passkey: PasskeyAssertion } | { pin: string }) =>
  call('StepUp', 'POST', '/api/users/me/step-up', { body: shown });
export const stepUpOptions = () =>
  call('PasskeyAssertionOptions', 'POST', '/api/users/me/step-up/options');
export const getEmailChange = () => call('EmailChange', 'GET', '/api/users/me/email-change');
export const askEmailChange = (email: string, password: string) =>
  call('EmailChange', 'POST', '/api/users/me/email-change', { body: { email, password } });
export const cancelEmailChange = () => command('DELETE', '/api/users/me/email-change');
export const sendVerification = (id: string) =>
  command('POST', `/api/users/${enc(id)}/verification-mail`);
export const listSessions = (id: string) =>
  call('SessionList', 'GET', `/api/users/${enc(id)}/sessions`);
export const endSession = (id: string, session: string) =>
  command('DELETE', `/api/users/${enc(id)}/sessions/${enc(session)}`);
export const getLimits = (id: string) =>
  call('SendingLimits', 'GET', `/api/users/${enc(id)}/limits`);
export const setLimits = (
  id: string,
  body: { perTransfer: Money | null; perDay: Money | null; reason: string },
  key: string,
) =>
  callOrPropose('SendingLimits', 'PUT', `/api/users/${enc(id)}/limits`, {
    body: {
      perTransfer: body.perTransfer === null ? null : toWire(body.perTransfer),
      perDay: body.perDay === null ? null : toWire(body.perDay),
      reason: body.reason,
    },
    ...keyed(key),
  });
export const listUsers = (q: string, cursor: string | null) =>
  call('UserPage', 'GET', '/api/users', { query: { q, cursor, limit: 20 } });
export const getBalance = (id: string, at: string) =>
  call('Balance', 'GET', `/api/users/${enc(id)}/balance`, { query: { at } });
export const eraseUser = (id: string, reason: string, key: string) =>
  callOrPropose('User', 'POST', `/api/users/${enc(id)}/erasure`, {
    body: { reason },
    ...keyed(key),
  });
export const exportUser = (id: string, format: 'json' | 'csv') =>
  file(`/api/users/${enc(id)}/export`, {
    query: { format },
    headers: { Accept: format === 'csv' ? 'text/csv' : 'application/json' },
  });
export const adjustBalance = (id: string, amount: Money, reason: string, key: string) =>
  callOrPropose('BalanceAdjustment', 'PUT', `/api/users/${enc(id)}/balance`, {
    body: { amount: toWire(amount), ...(reason ? { reason } : {}) },
    headers: { 'Idempotency-Key': key },
    timeoutMs: kMoneyTimeoutMs,
  });

/** A payment, which its payer may approve with a passkey. */
export function pay(path: string, authorization: string, { key }: Intent, body: object) {
  const headers = { 'Idempotency-Key': key };
  return call('CompletedTransfer', 'POST', path, {
    body,
    headers,
    timeoutMs: kMoneyTimeoutMs,
    approving: () => call('PaymentAuthorizationOptions', 'POST', authorization, { body, headers }),
  });
}

export function createTransfer(intent: Intent, senderEmail: string) {
  const body = {
    sender_email: senderEmail,
    // Who was reviewed, whatever their names are by now.
    receiver_id: intent.payee.id,
    amount: intent.amount,
    ...(intent.note ? { note: intent.note } : {}),
  };
  return pay('/api/transactions', '/api/transactions/authorization', intent, body);
}
export type BatchAnswer = Schemas['TransferBatchResult'] & {
  /** The same was asked before: nothing was paid again. */
  replayed: boolean;
};
/** Pays all of them or none. */
export async function payBatch(
  lines: { payeeId: string; amount: WireAmount; note: string }[],
  key: string,
): Promise<BatchAnswer> {
  const response = await request('POST', '/api/transactions/batch', {
    body: {
      atomic: true,
      transfers: lines.map(({ payeeId, amount, note }) => ({
        receiver_id: payeeId,
        amount,
        ...(note ? { note } : {}),
      })),
    },
    headers: { 'Idempotency-Key': key },
    timeoutMs: kMoneyTimeoutMs,
  });
  const answer = await read(response, 'TransferBatchResult');
  return { ...answer, replayed: response.headers.get('Idempotent-Replayed') === 'true' };
}
export type NewSchedule = {
  receiverId: string;
  amount: WireAmount;
  note?: string;
  startsAt: string;
  timeZone: string;
  repeats: Schemas['ScheduleRepeats'];
  interval?: number;
  endsOn: string | null;
  count: number | null;
};
export type ScheduleChange = Partial<Omit<NewSchedule, 'receiverId' | 'note'>> & {
  note?: string | null;
};
export const createSchedule = (body: NewSchedule, key: string) =>
  call('Schedule', 'POST', '/api/schedules', { body, headers: { 'Idempotency-Key': key } });
export const listSchedules = (cursor: string | null) =>
  call('SchedulePage', 'GET', '/api/schedules', { query: { cursor, limit: 20 } });
export const getSchedule = (id: string) =>
  call('ScheduleDetails', 'GET', `/api/schedules/${enc(id)}`);
export const updateSchedule = (id: string, body: ScheduleChange) =>
  call('Schedule', 'PATCH', `/api/schedules/${enc(id)}`, { body });
export const changeSchedule = (id: string, change: 'pause' | 'resume' | 'cancel') =>
  call('Schedule', 'POST', `/api/schedules/${enc(id)}/${change}`);
export const skipOccurrence = (id: string, number: number) =>
  call('Schedule', 'POST', `/api/schedules/${enc(id)}/skip`, { body: { number } });
export const refundTransfer = (id: string, amount: Money, note: string, key: string) =>
  call('CompletedTransfer', 'POST', `/api/transactions/${enc(id)}/refund`, {
    body: { amount: toWire(amount), ...(note ? { note } : {}) },
    headers: { 'Idempotency-Key': key },
    timeoutMs: kMoneyTimeoutMs,
  });
export const getTransaction = (id: string) =>
  call('TransactionDetail', 'GET', `/api/transactions/${enc(id)}`);
export const receiptPdf = (id: string, query: { lang: 'en' | 'ar'; tz: string }) =>
  file(`/api/transactions/${enc(id)}/receipt.pdf`, { query, headers: { Accept: '*/*' } });
export const listHistory = (
  userId: string,
  filter: HistoryFilter,
  cursor: string | null,
  limit = 20,
  signal?: AbortSignal,
) =>
  call('HistoryPage', 'GET', `/api/transactions/user/${enc(userId)}`, {
    query: { ...filter, cursor, limit },
    signal,
  });

export const listPayees = (userId: string, limit: number) =>
  call('PayeeList', 'GET', `/api/transactions/user/${enc(userId)}/payees`, { query: { limit } });

export type TransactionSearch = {
  q?: string | undefined;
  user?: string | undefined;
  kind?: TransactionKind | undefined;
  from?: string | undefined;
  to?: string | undefined;
  minAmount?: WireAmount | undefined;
  maxAmount?: WireAmount | undefined;
};
export const searchTransactions = (search: TransactionSearch, cursor: string | null) =>
  call('TransactionPage', 'GET', '/api/transactions', {
    query: { ...search, cursor, limit: 25 },
  });

export const reportUser = (id: string, range: Range) =>
  call('UserReport', 'GET', `/api/reports/users/${enc(id)}`, { query: range });
export type StatementFormat = 'pdf' | 'csv' | 'camt053' | 'mt940' | 'ofx';
export const statementOf = (
  id: string,
  query: Range & { format: StatementFormat; lang: 'en' | 'ar' },
) =>
  file(`/api/reports/users/${enc(id)}/statement`, {
    query,
    headers: { Accept: '*/*' },
    timeoutMs: kFileTimeoutMs,
  });
export const reportTransactions = (range: Range & { kind?: string }) =>
  call('TransactionsReport', 'GET', '/api/reports/transactions', { query: range });
export const reportSystem = (range: Range) =>
  call('SystemReport', 'GET', '/api/reports/system', { query: range });
export type ActionSearch = {
  actor?: string | undefined;
  subject?: string | undefined;
  kind?: ActionKind | undefined;
  from?: string | undefined;
  to?: string | undefined;
};
export const listActions = (search: ActionSearch, cursor: string | null, limit = 25) =>
  call('ActionPage', 'GET', '/api/reports/actions', { query: { ...search, cursor, limit } });
export const actionsCsv = (search: ActionSearch) =>
  file('/api/reports/actions', {
    query: { ...search, format: 'csv' },
    headers: { Accept: 'text/csv' },
  });
export const reportLedger = () => call('LedgerReport', 'GET', '/api/reports/ledger');
export const reportServices = () => call('ServicesReport', 'GET', '/api/reports/services');
