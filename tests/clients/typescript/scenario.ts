// The scenario with openapi-fetch over the types that openapi-typescript makes.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Schemas = components['schemas'];
const { API = '', NAME = '', OPERATOR_EMAIL = '', OPERATOR_PASSWORD = '' } = process.env;
const kPassword = 'correct horse battery';

const client = (token?: string) =>
  createClient<paths>({
    baseUrl: API,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
const anybody = client();

function must<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}
/** A report may also come as CSV, which is text. */
function report<T>(answer: { data?: T | string; error?: unknown }): T {
  const data = must(answer);
  if (typeof data === 'string') throw new Error('CSV came without being asked for');
  return data;
}
/** Every refusal is a Problem by its type: this would not compile otherwise. */
function refusal(answer: { error?: Schemas['Problem'] }): Schemas['Problem'] {
  if (answer.error === undefined) throw new Error('it was not refused');
  return answer.error;
}

const signIn = async (email: string, password: string): Promise<Schemas['Session']> =>
  must(await anybody.POST('/api/users/login', { body: { email, password } }));

async function person(letter: string): Promise<Schemas['Session']> {
  const username = NAME + letter;
  const email = `${username}@example.com`;
  must(await anybody.POST('/api/users/register', { body: { username, email, password: kPassword } }));
  return signIn(email, kPassword);
}
const refresh = (refreshToken: string) =>
  anybody.POST('/api/users/refresh', { body: { refreshToken } });

const payer = await person('a');
const payee = await person('b');
const fresh = must(await refresh(payer.refreshToken ?? ''));
const mine = client(fresh.accessToken);
const theirs = client(payee.accessToken);

const pay = (amount: string | number, key: string) =>
  mine.POST('/api/transactions', {
    params: { header: { 'Idempotency-Key': key } },
    body: {
      sender_email: payer.user.email,
      receiver_email: payee.user.email,
      amount,
      note: 'Tea',
    },
  });
const paid = must(await pay('12.345', 'first'));
const again = must(await pay(12.345, 'first'));
const refused = refusal(await pay('999999', 'second'));
const refund = must(
  await theirs.POST('/api/transactions/{id}/refund', {
    params: { path: { id: paid.id }, header: { 'Idempotency-Key': 'back' } },
    body: { amount: '2' },
  }),
);

const kinds: Schemas['TransactionKind'][] = [];
let pages = 0;
let cursor: string | null | undefined;
do {
  const page: Schemas['HistoryPage'] = must(
    await mine.GET('/api/transactions/user/{user_id}', {
      params: {
        path: { user_id: payer.user.id },
        query: { limit: 1, ...(cursor ? { cursor } : {}) },
      },
    }),
  );
  kinds.push(...page.data.map((item) => item.kind));
  cursor = page.nextCursor;
  pages += 1;
} while (cursor !== null);

const own = report<Schemas['UserReport']>(
  await mine.GET('/api/reports/users/{user_id}', {
    params: { path: { user_id: payer.user.id } },
  }),
);
const operator = await signIn(OPERATOR_EMAIL, OPERATOR_PASSWORD);
const traffic = report<Schemas['TransactionsReport']>(
  await client(operator.accessToken).GET('/api/reports/transactions', {
    params: { query: { startDate: '1970-01-01', endDate: '2999-12-31' } },
  }),
);

const refreshToken = fresh.refreshToken ?? '';
await anybody.POST('/api/users/logout', { body: { refreshToken } });
const ended = refusal(await refresh(refreshToken));

const text = (amount: number | undefined) => (amount ?? NaN).toFixed(3);
const same = refund.refundOf === paid.id ? 'True' : 'False';
console.log(
  JSON.stringify({
    paid: text(paid.amount),
    balance: text(paid.balance),
    replayed: again.id === paid.id,
    refused: `${refused.status} ${refused.code} ${text(refused.left)}`,
    refund: `${text(refund.amount)} ${text(refund.balance)} ${same}`,
    history: `${pages} ${kinds.join(' ')}`,
    'own report': `${text(own.net)} ${text(own.closingBalance)} ${own.groupBy}`,
    report: `${traffic.groupBy} ${traffic.series.length} ${traffic.currency}`,
    ended: `${ended.status} ${ended.code}`,
  }),
);
