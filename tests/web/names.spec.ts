import { balance, makePerson, pay, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';

const rename = (stack: Stack, person: Person, fields: object) =>
  stack.api('PATCH', `/api/users/${person.id}`, fields, person.token);

test('a stranger who takes the name after the review gets nothing', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const real = await makePerson(stack, 'Real Payee');
  const stranger = await makePerson(stack, 'Stranger');
  await signIn(page, mona);
  await page.goto(`/send?to=${real.username}&amount=25`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByTestId('pay')).toBeVisible();

  const moved = `${real.username}.moved`;
  expect((await rename(stack, real, { username: moved })).status).toBe(200);
  const taken = await rename(stack, stranger, {
    username: real.username,
    displayName: 'Real Payee',
  });
  expect(taken.status).toBe(409);

  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  await expect(page.getByText('This person is now called')).toBeVisible();
  await expect(page.getByText(`@${moved}`)).toBeVisible();
  expect(await balance(stack, real)).toBe('1025.00');
  expect(await balance(stack, stranger)).toBe('1000.00');
});

test('a draft and a link lead to the same person after a rename', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const real = await makePerson(stack, 'Real Payee');
  await signIn(page, mona);
  await page.goto(`/send?to=${real.username}&amount=5`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  const moved = `${real.username}.m`;
  expect((await rename(stack, real, { username: moved })).status).toBe(200);
  await page.reload();
  await expect(page.getByText('changed their name')).toBeVisible();
  await expect(page.getByText(`@${moved}`)).toBeVisible();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();

  await page.goto(`/pay?to=${real.id}&amount=6`);
  await expect(page.getByText(`@${moved}`)).toBeVisible();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  expect(await balance(stack, real)).toBe('1011.00');
});

for (const { language, renamed, alike } of [
  {
    language: 'en',
    renamed: /changed their name/,
    alike: /paid somebody else/,
  },
  {
    language: 'ar',
    renamed: /غيّر هذا الشخص اسمه/,
    alike: /سبق أن دفعت لشخص آخر/,
  },
])
  test(`who pays is warned of new names and of names that look alike (${language})`, async ({
    stack,
    page,
  }) => {
    const mona = await makePerson(stack, 'Mona');
    const omar = await makePerson(stack, 'Omar Sherif');
    const other = await makePerson(stack, 'Somebody');
    await pay(stack, mona, omar, '1');
    // The first letter is Cyrillic.
    expect((await rename(stack, other, { displayName: 'Оmar Sherif' })).status).toBe(200);
    await page.addInitScript((code) => localStorage.setItem('instapay.language', code), language);
    await signIn(page, mona);
    await page.goto(`/send?to=${other.username}&amount=1`);
    await expect(page.getByText(renamed)).toBeVisible();
    await expect(page.getByText(alike)).toContainText(`@${omar.username}`);
    await page.locator('.payee-card button').click();
    await page.locator('form button[type=submit]').click();
    await expect(page.getByTestId('pay')).toBeVisible();
    await expect(page.getByText(renamed)).toBeVisible();
    await expect(page.getByText(alike)).toContainText(`@${omar.username}`);
  });
