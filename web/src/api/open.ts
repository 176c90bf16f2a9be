import { loadCurrency } from '../session/session';
import { call, command, errorOf, read, request, send, urlOf } from './http';
import { decode, type Schemas } from './json';

// What is asked for without a sign-in. The pages before it load nothing else of the API.

const enc = encodeURIComponent;

export const getUserName = (id: string) => call('PublicUser', 'GET', `/api/users/${enc(id)}/name`);
export const getSupport = () => call('Support', 'GET', '/api/support');
export const askForPasswordReset = (email: string, language: 'en' | 'ar') =>
  command('POST', '/api/users/password-reset', { email, language });
export const resetPassword = (token: string, password: string) =>
  command('POST', '/api/users/password-reset/confirm', { token, password });
/** The address that is theirs now. No amount is in the answer, and the currency may not be known yet. */
export const verifyEmail = async (token: string): Promise<string> => {
  const response = await request('POST', '/api/users/verify-email', { body: { token } });
  return decode(await response.text(), 'VerifiedEmail', null).email;
};
/** By the link of a mail; the address that is theirs now. */
export const followEmailLink = async (what: 'confirm' | 'undo', token: string): Promise<string> => {
  const response = await request('POST', `/api/users/email-change/${what}`, { body: { token } });
  return decode(await response.text(), 'ConfirmedEmail', null).email;
};

export type RequestLink = Schemas['RequestLink'];
type RequestStatus = Schemas['RequestStatus'];
export type EndedStatus = Exclude<RequestStatus, 'open' | 'partly_paid'>;
/** How it has ended; null while it can still be paid. */
export const endOf = ({ status }: { status: RequestStatus }): EndedStatus | null =>
  status === 'open' || status === 'partly_paid' ? null : status;
export const isOpen = (request: { status: RequestStatus }) => endOf(request) === null;

/** What a link shows to anybody, signed in or not. */
export async function getRequestLink(code: string): Promise<RequestLink> {
  await loadCurrency();
  const path = `/api/requests/links/${encodeURIComponent(code)}`;
  const response = await send(urlOf(path), { headers: { Accept: 'application/json' } });
  if (!response.ok) throw await errorOf(response);
  return read(response, 'RequestLink');
}
