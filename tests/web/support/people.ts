import { expect, type Page } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import type { Stack } from './stack';

export type Person = {
  id: string;
  username: string;
  displayName: string;
  email: string;
  password: string;
  token: string;
};

export async function makePerson(stack: Stack, displayName: string): Promise<Person> {
  const username = `u${randomBytes(6).toString('hex')}`;
  const fields = {
    username,
    displayName,
    email: `${username}@example.com`,
    password: randomBytes(8).toString('hex'),
  };
  const made = await stack.api<{ id: string }>('POST', '/api/users/register', fields);
  expect(made.status, made.text).toBe(201);
  return { ...fields, id: made.body.id, token: await tokenOf(stack, fields) };
}

export async function tokenOf(
  stack: Stack,
  { email, password }: { email: string; password: string },
): Promise<string> {
  const answer = await stack.api<{ accessToken: string }>('POST', '/api/users/login', {
    email,
    password,
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.accessToken;
}

/** Pays by the API, as another device of the payer would. */
export async function pay(stack: Stack, from: Person, to: Person, amount: string, note?: string) {
  const answer = await stack.api<{ id: string }>(
    'POST',
    '/api/transactions',
    { sender_email: from.email, receiver_email: to.email, amount, ...(note ? { note } : {}) },
    from.token,
  );
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}

/** What the server says; one that has just come back may say 503 for a moment. */
async function read(stack: Stack, person: Person, path: string): Promise<string> {
  let text = '';
  await expect
    .poll(
      async () => {
        const answer = await stack.api('GET', path, undefined, person.token);
        text = answer.text;
        return answer.status;
      },
      { message: path },
    )
    .toBe(200);
  return text;
}

/** Amounts of one direction, exactly as the server writes them (never through a float). */
export async function amounts(stack: Stack, person: Person, direction: 'in' | 'out') {
  const path = `/api/transactions/user/${person.id}?direction=${direction}&limit=100`;
  const text = await read(stack, person, path);
  return [...text.matchAll(/"amount"\s*:\s*([\d.]+)/g)].map((match) => match[1]);
}

export async function balance(stack: Stack, person: Person): Promise<string | undefined> {
  const text = await read(stack, person, '/api/users/me');
  return /"balance"\s*:\s*([\d.-]+)/.exec(text)?.[1];
}

/** Signs in by the form; gives the page's own access token, which storage never has. */
export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string },
  path = '/sign-in',
): Promise<string> {
  await page.goto(path);
  const answer = page.waitForResponse('**/api/users/login');
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('form button[type=submit]').click();
  const { accessToken } = (await (await answer).json()) as { accessToken: string };
  await expect(page.locator('#main')).toBeVisible();
  return accessToken;
}

/** A session that was ended: services learn of it within seconds. */
export async function refused(stack: Stack, token: string) {
  await expect
    .poll(async () => (await stack.api('GET', '/api/users/me', undefined, token)).status)
    .toBe(401);
}
