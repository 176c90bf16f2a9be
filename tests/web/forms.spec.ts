import { makePerson, signIn, tokenOf } from './support/people';
import { expect, test } from './support/test';

// A reload in the middle of every form: what was typed is there (secrets are not, on purpose).

test('sign-in and register keep what was typed, but no password', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('someone@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('secret secret');
  await page.reload();
  await expect(page.getByLabel('E-mail')).toHaveValue('someone@example.com');
  await expect(page.getByRole('textbox', { name: 'Password' })).toHaveValue('');

  await page.goto('/register');
  await page.getByLabel('Your name').fill('Nour');
  await page.getByLabel('Username').fill('nour.h');
  await page.getByLabel('E-mail').fill('nour@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('secret secret');
  await page.reload();
  await expect(page.getByLabel('Your name')).toHaveValue('Nour');
  await expect(page.getByLabel('Username')).toHaveValue('nour.h');
  await expect(page.getByLabel('E-mail')).toHaveValue('nour@example.com');
  await expect(page.getByRole('textbox', { name: 'Password' })).toHaveValue('');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain('secret');
});

test('every step of Send survives a reload', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  await page.goto('/send');
  await page.getByLabel('E-mail or username').fill(omar.username);
  await page.reload();
  await expect(page.getByLabel('E-mail or username')).toHaveValue(omar.username);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByLabel(/^Amount/).fill('12.5');
  await page.getByLabel('Note (optional)').fill('rent');
  await page.reload();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('12.5');
  await expect(page.getByLabel('Note (optional)')).toHaveValue('rent');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.reload();
  await expect(page.getByTestId('pay')).toContainText('12.50');
  await expect(page.getByText('rent')).toBeVisible();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
});

test('profile, request and filters survive a reload', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await page.goto('/settings');
  await page.getByLabel('Your name').fill('Mona the second');
  await page.reload();
  await expect(page.getByLabel('Your name')).toHaveValue('Mona the second');
  await page.goto('/activity');
  await page.getByRole('radio', { name: 'In' }).check({ force: true });
  await page.getByLabel('Search people and notes').fill('opening');
  await expect(page).toHaveURL(/q=opening/);
  await page.reload();
  await expect(page.getByLabel('Search people and notes')).toHaveValue('opening');
  await expect(page.getByRole('radio', { name: 'In' })).toBeChecked();
  await page.goto('/receive');
  await page.getByLabel(/^Amount/).fill('75');
  await page.reload();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('75');
});

test('the operator’s adjustment survives a reload', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  await tokenOf(stack, stack.operator);
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  await page.getByRole('button', { name: 'Adjust balance' }).click();
  await page.getByLabel(/^Amount/).fill('10');
  await page.getByLabel('Reason').fill('goodwill');
  await page.reload();
  await page.getByRole('button', { name: 'Adjust balance' }).click();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('10');
  await expect(page.getByLabel('Reason')).toHaveValue('goodwill');
});
