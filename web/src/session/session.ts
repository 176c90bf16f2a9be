import { useSyncExternalStore } from 'react';
import { errorOf, read, send } from '../api/http';
import { ApiError } from '../api/error';
import { decodeCurrency } from '../api/json';
import type { Session, User } from '../api/types';
import { forgetDrafts, local } from '../lib/store';
import { knownCurrency, setCurrency } from '../money/currency';
import { leavePush } from './leavePush';
import { forgetSnapshot, takeSnapshot } from './snapshot';
import { onTabMessage, tellTabs, withLock } from './tabs';

// The access token lives in this module's memory only; the refresh token in an HttpOnly cookie that
// no script can read. Storage holds one flag: whether a session may exist, to spare a useless 401.

type SessionState =
  | { status: 'restoring' }
  | { status: 'unreachable' }
  | { status: 'anonymous'; reason: 'none' | 'ended' | 'signed-out' }
  | { status: 'active'; user: User };

const kFlag = 'instapay.session';
const kLock = 'instapay.refresh';
const kRenewBeforeMs = 20_000;
const kCookieTransport = { 'Content-Type': 'application/json', 'X-Session-Transport': 'cookie' };

let state: SessionState = { status: 'restoring' };
let token: string | null = null;
let expiresAt = 0;
// Never more than a quarter of a token's life, however short that is.
let renewBeforeMs = kRenewBeforeMs;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function set(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

export const session = () => state;
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export const useSession = () => useSyncExternalStore(onSession, session);

const flag = (value: boolean) => local.write(kFlag, value ? '1' : null);
// Where nothing is kept, every start asks the server.
export const mayHaveSession = () => local.read(kFlag) !== null || !local.lasts();

let asking: Promise<void> | null = null;
/** Before anybody is signed in: no amount can be read without it. Asked until it is answered. */
export async function loadCurrency(): Promise<void> {
  if (knownCurrency()) return;
  await (asking ??= askCurrency().finally(() => {
    asking = null;
  }));
}
async function askCurrency(): Promise<void> {
  const response = await send('/api/currency', { headers: { Accept: 'application/json' } });
  if (!response.ok) throw await errorOf(response);
  setCurrency(decodeCurrency(await response.text()));
}

function begin(newToken: string, newExpiresAt: number, user: User) {
  token = newToken;
  expiresAt = newExpiresAt;
  renewBeforeMs = Math.min(kRenewBeforeMs, (newExpiresAt - Date.now()) / 4);
  set({ status: 'active', user });
}

function end(reason: 'none' | 'ended' | 'signed-out') {
  token = null;
  expiresAt = 0;
  flag(false);
  forgetSnapshot();
  // What happens to one person is not shown to who has the browser next, also where the server
  // cannot be reached.
  void leavePush();
  set({ status: 'anonymous', reason });
}

function accept(answer: Session) {
  flag(true);
  begin(answer.accessToken, Date.now() + answer.expiresIn * 1000, answer.user);
  tellTabs({ type: 'token', token: answer.accessToken, expiresAt, user: answer.user });
}

async function post(path: string, body: unknown): Promise<Response> {
  return send(path, { method: 'POST', headers: kCookieTransport, body: JSON.stringify(body) });
}

/** Renews the token unless another tab did meanwhile. False: the session has ended. */
function refresh(stale: string | null): Promise<boolean> {
  refreshing ??= withLock(kLock, async () => {
    if (token && token !== stale && expiresAt > Date.now()) return true;
    const response = await post('/api/users/refresh', {});
    if (response.ok) {
      await loadCurrency();
      accept(await read(response, 'Session'));
      return true;
    }
    const error = await errorOf(response);
    if (response.status !== 401 && response.status !== 403) throw error;
    end(state.status === 'restoring' ? 'none' : 'ended');
    tellTabs({ type: 'signed-out' });
    return false;
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** A token good for a while yet, or null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (token === null) return null;
  if (expiresAt - Date.now() > renewBeforeMs) return token;
  const stale = token;
  return (await refresh(stale)) ? token : null;
}

/** After a 401 with this token: true when there is now another to try with. */
export async function refreshAfter(stale: string | null): Promise<boolean> {
  return stale !== null && (await refresh(stale));
}

export async function restore(): Promise<void> {
  if (!mayHaveSession()) return end('none');
  try {
    await Promise.all([loadCurrency(), refresh(null)]);
  } catch {
    set({ status: 'unreachable' });
  }
}

/** One of the ways to sign in, whose answer is a session. */
export async function signInAt(path: string, body: unknown): Promise<void> {
  await loadCurrency();
  const response = await post(path, body);
  if (!response.ok) throw await errorOf(response);
  accept(await read(response, 'Session'));
}

/** What to ask a passkey, of who is not signed in. */
export async function optionsAt(path: string, body: unknown = {}) {
  const response = await post(path, body);
  if (!response.ok) throw await errorOf(response);
  return read(response, 'PasskeyAssertionOptions');
}

export const signIn = (email: string, password: string) =>
  signInAt('/api/users/login', { email, password });

/** The second step, after a sign-in that was answered `second_factor_required`. */
export const signInWithFactor = (challenge: string, code: string) =>
  signInAt('/api/users/login/factor', { challenge, code });

/** A new access token of this session, which knows of a factor that was just shown. */
export function renew(newToken: string, expiresIn: number): void {
  if (state.status !== 'active') return;
  const { user } = state;
  begin(newToken, Date.now() + expiresIn * 1000, user);
  tellTabs({ type: 'token', token: newToken, expiresAt, user });
}

export async function register(fields: {
  username: string;
  email: string;
  password: string;
  displayName?: string;
  language: 'en' | 'ar';
}): Promise<void> {
  const response = await send('/api/users/register', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  });
  if (!response.ok) throw await errorOf(response);
  await signIn(fields.email, fields.password);
}

/** Ends the session here and in every tab, at the server as well when it can be reached. */
export async function signOut(): Promise<void> {
  const bearer = token;
  // What was being written leaves with the person; a session that ends by itself keeps it.
  forgetDrafts();
  end('signed-out');
  tellTabs({ type: 'signed-out' });
  try {
    await send('/api/users/logout', {
      method: 'POST',
      headers: { ...kCookieTransport, ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) },
      body: '{}',
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** The signed-in user as last read, so that every part of the page shows the same. */
export function updateUser(user: User) {
  if (state.status !== 'active' || state.user.id !== user.id) return;
  takeSnapshot(user);
  set({ status: 'active', user });
}

onTabMessage((message) => {
  if (message.type === 'token') {
    if (state.status === 'active' && state.user.id !== message.user.id) {
      // Another person signed in in another tab: nothing of the first may stay on the screen.
      window.location.assign('/');
      return;
    }
    const { token: theirs, expiresAt: until, user } = message;
    loadCurrency().then(
      () => begin(theirs, until, user),
      () => set({ status: 'unreachable' }),
    );
  } else if (message.type === 'signed-out' && state.status === 'active') {
    end('signed-out');
  }
});
