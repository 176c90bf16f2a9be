import type { Page } from '@playwright/test';
import { look } from './support/look';
import { makePerson, pay, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say } from './support/words';

const bellOf = (page: Page) => page.locator('a[href="/notifications"]:visible');

const streamOf = (page: Page) =>
  page.waitForResponse((answer) => answer.url().endsWith('/stream') && answer.status() === 200);

/** Somebody who has read what there was, such as the first money. */
async function readsAll(stack: Stack, person: Person) {
  const path = '/api/notifications';
  const { body } = await stack.api<{ upTo: string }>('GET', path, undefined, person.token);
  const done = await stack.api('PUT', `${path}/read`, { upTo: body.upTo }, person.token);
  expect(done.status, done.text).toBe(200);
}

test('money comes: the bell says so at once, and reading it counts everywhere', async ({
  stack,
  page,
  device,
}) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'Omar Sherif');
  // Signing in on a new device would be told as well: there is nothing of it on the first two.
  const phone = await device({ viewport: { width: 320, height: 640 } });
  await signIn(phone, mona);
  const open = streamOf(page);
  await signIn(page, mona);
  await open;
  await page.goto('/notifications');
  await expect(page.locator('.notification').first()).toBeVisible();
  await readsAll(stack, mona);
  const reopened = streamOf(page);
  await page.goto('/');
  await reopened;
  await expect(bellOf(page)).toHaveAccessibleName('Notifications');

  const id = await pay(stack, omar, mona, '12.50', 'Lunch');
  await expect(bellOf(page)).toHaveAccessibleName('Notifications, 1 unread');
  await expect(bellOf(page)).toContainText('1');
  await phone.goto('/');
  await expect(bellOf(phone)).toHaveAccessibleName('Notifications, 1 unread');
  await look(phone, 'bell', '320');

  await bellOf(page).click();
  const row = page.locator('.notification').first();
  await expect(row).toContainText(/Omar Sherif.? sent you .?EGP\s12\.50/);
  await expect(row).toContainText('Lunch');
  await expect(row).toContainText('Unread');
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await expect(bellOf(page)).toHaveAccessibleName('Notifications');
  await look(page, 'notifications', 'en');
  await row.click();
  await expect(page).toHaveURL(new RegExp(`/activity/${id}$`));

  // The other device asks again when somebody comes back to it.
  await phone.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(bellOf(phone)).toHaveAccessibleName('Notifications');
});

test('another tab learns of it without a reload', async ({ stack, context }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const first = await context.newPage();
  const open = streamOf(first);
  await signIn(first, mona);
  await open;
  await expect(bellOf(first)).toHaveAccessibleName(/ unread$/);
  const second = await context.newPage();
  await second.goto('/notifications');
  await expect(second.locator('.notification').first()).toBeVisible();
  await expect(bellOf(first)).toHaveAccessibleName('Notifications');
});

test('what is mailed is kept', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  await signIn(page, mona);
  const card = page.locator('section[aria-labelledby=notices]');
  const box = (key: string) => card.getByLabel(say('en', `notifications.${key}`), { exact: true });
  const kept = () => page.waitForResponse(/\/users\/me\/notices$/);
  await page.goto('/settings');
  await expect(box('moneyIn')).not.toBeChecked();
  let answer = kept();
  await box('moneyIn').check();
  await answer;
  await box('largePayments').check();
  await card.getByRole('button', { name: 'Save' }).click();
  await expect(card.getByText('Enter an amount.')).toBeVisible();
  await card.locator('input[inputmode=decimal]').fill('1,000.50');
  answer = kept();
  await card.getByRole('button', { name: 'Save' }).click();
  await answer;
  await expect(card.getByRole('button', { name: 'Save' })).toHaveCount(0);
  answer = kept();
  await box('dailySummary').check();
  await answer;

  await page.reload();
  await expect(box('moneyIn')).toBeChecked();
  await expect(box('requests')).not.toBeChecked();
  await expect(box('dailySummary')).toBeChecked();
  await expect(card).toContainText('Africa/Cairo');
  await expect(card.locator('input[inputmode=decimal]')).toHaveValue('1000.50');
  answer = kept();
  await box('largePayments').uncheck();
  await answer;
  await page.reload();
  await expect(box('moneyIn')).toBeChecked();
  await expect(box('largePayments')).not.toBeChecked();
});

test('where no mail is sent it is said, and staff have a bell too', async ({ stack, page }) => {
  await page.route('**/api/users/me/notices', async (route) => {
    const answer = await route.fetch();
    const settings = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: { ...settings, mails: false } });
  });
  await signIn(page, stack.operator);
  await expect(bellOf(page)).toHaveCount(1);
  await page.goto('/settings');
  await expect(page.getByText(say('en', 'notifications.noMails'))).toBeVisible();
  const box = page.getByLabel(say('en', 'notifications.moneyIn'), { exact: true });
  await expect(box).toBeDisabled();
});

test('in Arabic, on a narrow phone', async ({ stack, device }) => {
  const leila = await makePerson(stack, 'ليلى منصور');
  const omar = await makePerson(stack, 'عمر الشريف');
  await pay(stack, omar, leila, '5.00', 'قهوة');
  const asked = await stack.api(
    'POST',
    '/api/requests',
    { to: leila.username, amount: '7.25' },
    omar.token,
    { 'Idempotency-Key': crypto.randomUUID() },
  );
  expect(asked.status, asked.text).toBe(201);
  const page = await device({
    locale: 'ar-EG',
    viewport: { width: 360, height: 740 },
    reducedMotion: 'reduce',
  });
  await signIn(page, leila);
  await expect(bellOf(page)).toHaveAccessibleName(/غير مقروء/);
  await look(page, 'bell', 'arabic');
  await bellOf(page).click();
  await expect(page.getByText('وصلك', { exact: false }).first()).toBeVisible();
  await expect(page.locator('.notification').filter({ hasText: 'طلب دفع' })).toBeVisible();
  await look(page, 'notifications', 'arabic');
  await page.goto('/settings');
  await expect(page.getByText(say('ar', 'notifications.mails'))).toBeVisible();
  await look(page, 'settings-mails', 'arabic');
});
