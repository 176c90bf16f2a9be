import type { Schemas } from './json';

// Names for what api/openapi.yaml describes, with money as whole minor units (see json.ts).

export type Role = Schemas['Role'];
export type UserStatus = Schemas['UserStatus'];
export type Direction = Schemas['Direction'];
export type TransactionKind = Schemas['TransactionKind'];
export type GroupBy = Schemas['GroupBy'];
export type User = Schemas['User'];
export type PublicUser = Schemas['PublicUser'];
export type FoundUser = Schemas['FoundUser'];
export type Session = Schemas['Session'];
export type Factors = Schemas['Factors'];
export type Passkey = Schemas['Passkey'];
export type PasskeyAssertion = Schemas['PasskeyAssertion'];
export type PasskeyRegistration = Schemas['PasskeyRegistration'];
export type TotpEnrolment = Schemas['TotpEnrolment'];
export type SessionInfo = Schemas['SessionInfo'];
export type Transaction = Schemas['TransactionFields'];
export type CompletedTransfer = Schemas['CompletedTransfer'];
export type HistoryItem = Schemas['HistoryPage']['data'][number];
export type TransactionDetail = Schemas['TransactionDetail'];
export type TransactionsReport = Schemas['TransactionsReport'];
export type UserReport = Schemas['UserReport'];
export type SystemReport = Schemas['SystemReport'];
export type LedgerReport = Schemas['LedgerReport'];
export type ServiceHealth = Schemas['ServicesReport']['data'][number];
export type Action = Schemas['Action'];
export type ActionKind = Schemas['ActionKind'];
export type Limits = Schemas['SendingLimits'];
export type FieldError = Schemas['FieldError'];
export type Problem = Schemas['Problem'];

export type Page<T> = { data: T[]; hasMore: boolean; nextCursor: string | null };
