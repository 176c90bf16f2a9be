import type { Page } from '@playwright/test';
import { amounts, makePerson, refused, signIn, tokenOf } from './support/people';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test('registers, signs out, signs in; a wrong password is told', async ({ page, guard }) => {
  guard.allow(/status of (401|409)/);
  const name = `new${Date.now().toString(36)}`;
  await page.goto('/register');
  await page.getByLabel('Your name').fill('نور حسن');
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('E-mail').fill(`${name}@example.com`);
  await page.getByRole('textbox', { name: 'Password' }).fill('short');
  await page.getByRole('button', { name: 'Open my wallet' }).click();
  await expect(page.getByText('At least 8 characters.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await page.getByRole('button', { name: 'Open my wallet' }).click();
  await expect(page.getByRole('heading', { name: /Hello/ })).toContainText('نور حسن');

  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).last().click();
  await expect(page).toHaveURL(/sign-in/);
  await page.getByLabel('E-mail').fill(`${name}@example.com`);
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('The e-mail or the password is wrong.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByTestId('balance')).toBeVisible();

  await page.context().clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.goto('/register');
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('E-mail').fill(`${name}@example.com`);
  await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await page.getByRole('button', { name: 'Open my wallet' }).click();
  await expect(page.getByText(/already an account|is taken/)).toBeVisible();
});

test('a reload stays signed in; signing out reaches every tab', async ({ stack, context }) => {
  const mona = await makePerson(stack, 'Mona');
  const first = await context.newPage();
  await signIn(first, mona);
  await first.reload();
  await expect(first.getByTestId('balance')).toBeVisible();
  const second = await context.newPage();
  await second.goto('/settings');
  await expect(second.getByRole('heading', { name: 'Settings' })).toBeVisible();
  // Two tabs that reload at once do not log each other out.
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([first.reload(), second.reload()]);
    await expect(first.getByTestId('balance')).toBeVisible();
    await expect(second.getByRole('heading', { name: 'Settings' })).toBeVisible();
  }
  await second.getByRole('button', { name: 'Sign out' }).last().click();
  await expect(second).toHaveURL(/sign-in/);
  await expect(first).toHaveURL(/sign-in/);
});

test('sessions are listed; one ended elsewhere asks to sign in and goes on where it was', async ({
  stack,
  page,
  device,
  guard,
}) => {
  guard.allow(/status of 401/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const ofPage = await signIn(page, mona);
  const phone = await device();
  await signIn(phone, mona);
  await tokenOf(stack, mona);

  await page.goto(`/send?to=${omar.username}&amount=8.80`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByLabel('Note (optional)').fill('half written');
  await page.getByRole('button', { name: 'Review' }).click();

  await phone.goto('/settings');
  // All but this device, and the last button, which signs this one out.
  const others = phone.getByRole('button', { name: 'Sign out', exact: true });
  await expect(phone.getByText('This device', { exact: true })).toBeVisible();
  await expect(phone.getByText('Signed in').first()).toBeVisible();
  const before = await others.count();
  await others.first().click();
  await expect(others).toHaveCount(before - 1);
  await phone.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(others).toHaveCount(1);
  await refused(stack, ofPage);
  // The page may learn it from its stream before the tap.
  await page.getByTestId('pay').click({ timeout: 2_000 }).catch(() => undefined);
  await expect(page.getByText('Your session ended.')).toBeVisible();
  await page.locator('input[type=email]').fill(mona.email);
  await page.locator('input[autocomplete=current-password]').fill(mona.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  // Where it was; a payment that was tapped already is brought to its end by itself.
  const sent = page.getByRole('heading', { name: 'Sent' });
  await expect(page.getByTestId('pay').or(sent)).toBeVisible();
  if (await page.getByTestId('pay').isVisible())
    await page.getByTestId('pay').click({ timeout: 2_000 }).catch(() => undefined);
  await expect(sent).toBeVisible();
  // The phone ended the session of mona.token too.
  const now = { ...mona, token: await tokenOf(stack, mona) };
  expect(await amounts(stack, now, 'out')).toEqual(['8.80']);
});

test('changing the password ends the other sessions', async ({ stack, page, device, guard }) => {
  guard.allow(/status of (401|403|422)/);
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  const phone = await device();
  const ofPhone = await signIn(phone, mona);
  await page.goto('/settings');
  await page.getByRole('textbox', { name: 'Current password' }).fill('not this one');
  await page.getByRole('textbox', { name: 'New password' }).fill('a new password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('That is not your password.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Current password' }).fill(mona.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Password changed.')).toBeVisible();
  await refused(stack, ofPhone);
  await phone.goto('/activity');
  await expect(phone).toHaveURL(/sign-in/);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('profile changes are kept', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await page.goto('/settings');
  await page.getByLabel('Your name').fill('منى حسن');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Your name')).toHaveValue('منى حسن');
});

const kTtlMs = 3_000;

test.describe('short tokens', () => {
  let stack: Stack;
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    stack = await Stack.start({ env: { ACCESS_TOKEN_TTL_S: String(kTtlMs / 1000) } });
  });
  test.afterAll(() => stack.stop());

  test('a token that expires in the middle of work is renewed unseen', async ({ device, guard }) => {
    // A stream or request may meet the expiry itself: 401, then the new token.
    guard.allow(/status of 401/);
    const mona = await makePerson(stack, 'Mona');
    const omar = await makePerson(stack, 'Omar');
    const page = await device({ baseURL: stack.url });
    await signIn(page, mona);
    await expired(page, () => page.goto('/send'));
    await page.getByLabel('E-mail or username').fill(omar.username);
    await page.keyboard.press('Enter');
    await expired(page, () => page.getByRole('button', { name: 'Yes, continue' }).click());
    await page.getByLabel(/^Amount/).fill('4.40');
    await expired(page, () => page.getByRole('button', { name: 'Review' }).click());
    await page.getByTestId('pay').click();
    await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
    expect(await amounts(stack, { ...mona, token: await tokenOf(stack, mona) }, 'out')).toEqual([
      '4.40',
    ]);
  });

  test('several tabs renew without logging each other out', async ({ device, guard }) => {
    guard.allow(/status of 401/);
    const mona = await makePerson(stack, 'Mona');
    const first = await device({ baseURL: stack.url });
    await signIn(first, mona);
    const second = await first.context().newPage();
    await second.goto('/activity');
    for (let round = 0; round < 3; round += 1) {
      await expired(first);
      await Promise.all([
        first.getByRole('link', { name: 'Activity' }).first().click(),
        second.getByRole('link', { name: 'Home' }).first().click(),
      ]);
      await expect(second.getByTestId('balance')).toBeVisible();
      await Promise.all([
        first.getByRole('link', { name: 'Home' }).first().click(),
        second.getByRole('link', { name: 'Activity' }).first().click(),
      ]);
      await expect(first.getByTestId('balance')).toBeVisible();
    }
  });
});

/** Does something and lets the access token that the page then has run out. */
async function expired(page: Page, act: () => Promise<unknown> = () => Promise.resolve()) {
  await act();
  // Nothing tells that a token has expired: the clock does.
  await page.waitForTimeout(kTtlMs + 500);
}
