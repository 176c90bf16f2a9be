import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { look } from './support/look';
import { balance, makePerson, pay, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say } from './support/words';

const kDayMs = 86_400_000;

async function hold(stack: Stack, payer: Person, payee: Person, amount: string, note: string) {
  const made = await stack.api<{ id: string }>(
    'POST',
    '/api/holds',
    {
      receiver_id: payee.id,
      amount,
      note,
      expiresAt: new Date(Date.now() + kDayMs).toISOString(),
    },
    payer.token,
    { 'Idempotency-Key': randomUUID() },
  );
  expect(made.status, made.text).toBe(201);
  return made.body.id;
}

test('what is held is not there to spend; its payee takes a part, then the last of it', async ({
  stack,
  page,
  device,
  guard,
}) => {
  const s = (key: string) => say('en', `holds.${key}`);
  const [mona, layla] = [
    await makePerson(stack, 'Mona Adel'),
    await makePerson(stack, 'Layla Mansour'),
  ];
  await signIn(page, mona);
  await expect(page.getByTestId('balance')).toContainText('1,000.00');
  await expect(page.getByTestId('held')).toHaveCount(0);
  // It appears while the page is open.
  const deposit = await hold(stack, mona, layla, '300.00', 'Car 7');
  await expect(page.getByTestId('held')).toContainText('700.00');
  await expect(page.getByTestId('held')).toContainText('300.00');
  await look(page, 'home-held', 'light');
  await page.goto(`/send?to=${layla.username}`);
  await page.locator('.payee-card button').click();
  await expect(page.getByText('700.00').first()).toBeVisible();
  await page.goto('/');
  await page.getByTestId('held').click();
  await expect(page.getByRole('heading', { name: say('en', 'nav.holds') })).toBeVisible();
  await look(page, 'holds', 'light');
  await page.getByRole('link', { name: /Layla Mansour/ }).click();
  await expect(page.getByText(/You cannot take it back before\.$/)).toBeVisible();
  await expect(page.getByRole('button', { name: s('capture') })).toHaveCount(0);

  // Its payee, on a phone, in Arabic.
  const a = (key: string) => say('ar', `holds.${key}`);
  const phone = await device({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    locale: 'ar-EG',
    colorScheme: 'dark',
  });
  await signIn(phone, layla);
  await phone.goto('/send');
  await phone.getByRole('link', { name: say('ar', 'nav.holds') }).click();
  await expect(phone.getByText(a('noneSent'))).toBeVisible();
  await phone.getByRole('radio', { name: a('received') }).check({ force: true });
  await look(phone, 'holds', 'phone-arabic-dark');
  await phone.getByRole('link', { name: /Mona Adel/ }).click();
  await phone.getByRole('button', { name: a('capture') }).click();
  const dialog = phone.getByRole('dialog');
  await dialog.locator('input[inputmode=decimal]').fill('300.01');
  await dialog.getByRole('button', { name: a('captureSubmit') }).click();
  await expect(dialog.locator('.field-error')).toBeVisible();
  await look(phone, 'hold-capture', 'phone-arabic-dark');
  await dialog.locator('input[inputmode=decimal]').fill('120');
  await dialog.getByRole('checkbox').uncheck();
  await dialog.getByRole('button', { name: a('captureSubmit') }).click();
  await expect(dialog).toBeHidden();
  await expect(phone.getByText(a('taken'))).toBeVisible();
  await look(phone, 'hold', 'phone-arabic-dark');
  await expect.poll(() => balance(stack, layla)).toBe('1120.00');
  // The payer sees it at once.
  await expect(page.getByText(s('left'))).toBeVisible();
  await look(page, 'hold', 'light');

  await phone.getByRole('button', { name: a('capture') }).click();
  await dialog.locator('input[inputmode=decimal]').fill('30');
  await dialog.getByRole('button', { name: a('captureSubmit') }).click();
  await expect(phone.locator('.amount-head')).toContainText(a('status_captured'));
  await expect(page.locator('.amount-head')).toContainText(s('status_captured'));
  await page.goto('/');
  await expect(page.getByTestId('balance')).toContainText('850.00');
  await expect(page.getByTestId('held')).toHaveCount(0);

  // Back finds the side that was looked at, and then where that was opened from.
  const back = phone.getByRole('link', { name: say('ar', 'action.back') });
  await back.click();
  await expect(phone.getByRole('radio', { name: a('received') })).toBeChecked();
  await back.click();
  await expect(phone).toHaveURL('/send');

  // A capture leads to its hold and back, and can be refunded by its receiver.
  await page.goto('/activity');
  await page.getByRole('link', { name: /120\.00/ }).click();
  await page.getByRole('link', { name: s('show') }).click();
  await expect(page).toHaveURL(`/holds/${deposit}`);

  const second = await hold(stack, mona, layla, '50.00', 'Again');
  await pay(stack, mona, layla, '1.00');
  await phone.goto(`/holds/${second}`);
  await phone.getByRole('button', { name: a('release') }).click();
  await dialog.getByRole('button', { name: a('releaseYes') }).click();
  await expect(phone.locator('.amount-head')).toContainText(a('status_released'));
  await page.goto('/receive');
  await page.getByRole('link', { name: say('en', 'nav.holds') }).click();
  await expect(page.getByText(s('noneReceived'))).toBeVisible();
  await page.getByRole('radio', { name: s('sent') }).check({ force: true });
  await expect(page.locator('.item').first()).toContainText(s('status_released'));

  // What was read stays while reading it again fails: the list, and on the phone the hold.
  guard.allow(/status of 400/);
  const refuse = (shown: Page) =>
    shown.route('**/api/holds{?,/}*', (route) => route.fulfill({ status: 400, body: '{}' }));
  await Promise.all([refuse(page), refuse(phone)]);
  for (const note of ['Third', 'Fourth']) {
    const again = [page, phone].map((shown) => shown.waitForResponse('**/api/holds{?,/}*'));
    await hold(stack, mona, layla, '7.00', note);
    await Promise.all(again);
    await expect(page.locator('.item').first()).toContainText(s('status_released'));
    await expect(phone.locator('.amount-head')).toContainText(a('status_released'));
  }
});
