import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { look } from './support/look';
import { balance, makePerson, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say, type Language } from './support/words';

const kZone = 'Africa/Cairo';
const kMinuteMs = 60_000;

/** As a clock on the wall of the zone shows it. */
function wall(moment: Date): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: kZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(moment);
  return text.replace(' ', 'T');
}

/** Plans by the API what is due when the next minute begins. */
async function planForNow(stack: Stack, payer: Person, to: Person, amount: string) {
  const made = await stack.api<{ id: string }>(
    'POST',
    '/api/schedules',
    {
      receiverId: to.id,
      amount,
      note: 'Allowance',
      startsAt: wall(new Date(Math.ceil((Date.now() + 2_000) / kMinuteMs) * kMinuteMs)),
      timeZone: kZone,
      repeats: 'monthly',
    },
    payer.token,
    { 'Idempotency-Key': randomUUID() },
  );
  expect(made.status, made.text).toBe(201);
  return made.body.id;
}

async function planByHand(page: Page, to: Person, language: Language) {
  const s = (key: string) => say(language, `schedules.${key}`);
  await page.goto(`/send?to=${to.username}&amount=120.50&note=Rent`);
  await page.locator('.payee-card button').click();
  await page.locator('form button[type=submit]').click();
  await page.getByRole('link', { name: s('later') }).click();
  await expect(page.getByRole('heading', { name: s('laterTitle') })).toBeVisible();
  await page.getByRole('radio', { name: s('repeats_monthly'), exact: true }).check();
  await page.getByLabel(s('firstDate')).fill('');
  await page.getByRole('button', { name: s('plan') }).click();
  await expect(page.locator('.field-error')).toHaveText(say(language, 'fieldError.required'));
  const year = new Date().getFullYear() + 1;
  await page.getByLabel(s('firstDate')).fill(`${year}-01-31`);
  await page.getByRole('radio', { name: s('ends_after'), exact: true }).check();
  await page.getByLabel(s('count')).fill('12');
  // Kept through a reload, as the rest of the payment is.
  await page.reload();
  await expect(page.getByLabel(s('firstDate'))).toHaveValue(`${year}-01-31`);
}

test('rent, planned, changed and ended; what was due is paid or waits', async ({ stack, page }) => {
  const s = (key: string) => say('en', `schedules.${key}`);
  const [mona, layla] = [
    await makePerson(stack, 'Mona Adel'),
    await makePerson(stack, 'Layla Mansour'),
  ];
  const paid = await planForNow(stack, mona, layla, '3.00');
  const poor = await planForNow(stack, mona, layla, '5000.00');
  await signIn(page, mona);
  await planByHand(page, layla, 'en');
  await look(page, 'send-later', 'light');
  await page.getByRole('button', { name: s('plan') }).click();
  await expect(
    page.getByText(/^\u2068?Every month on day 31\u2069? \(the last day in shorter months\)$/),
  ).toBeVisible();
  await expect(page).toHaveURL(/\/schedules\/[\da-f-]{36}$/);
  await expect(page.locator('ol.card > li')).toHaveCount(5);
  await expect(page.locator('ol.card > li').nth(1)).toContainText('28 Feb');
  await look(page, 'schedule', 'light');

  await page.getByRole('button', { name: /^Skip \u2068?31 Jan/ }).click();
  await expect(page.locator('ol.card > li').first()).toContainText('28 Feb');
  await expect(page.locator('ul.card > li').first()).toContainText(s('occurrence_skipped'));
  await page.getByRole('button', { name: s('pause') }).click();
  await expect(page.locator('.amount-head')).toContainText(s('status_paused'));
  await page.getByRole('button', { name: s('resume') }).click();
  await expect(page.locator('.amount-head')).toContainText(s('status_active'));

  await page.getByRole('button', { name: s('edit') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Amount/).fill('99.75');
  await dialog.getByRole('radio', { name: s('repeats_weekly'), exact: true }).check();
  await dialog.getByLabel(s('interval_weekly')).fill('2');
  await dialog.getByRole('button', { name: say('en', 'action.save') }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/^Every 2 weeks on /).first()).toBeVisible();
  await expect(page.locator('.amount-head')).toContainText('99.75');
  await page.getByRole('button', { name: s('cancel') }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: s('cancelYes') })
    .click();
  await expect(page.locator('.amount-head')).toContainText(s('status_cancelled'));
  await expect(page.getByRole('button', { name: s('pause') })).toHaveCount(0);

  // Meanwhile the minute has begun, or is about to.
  await expect.poll(() => balance(stack, layla), { timeout: kMinuteMs + 30_000 }).toBe('1003.00');
  await page.goto(`/schedules/${paid}`);
  await page.getByRole('link', { name: new RegExp(s('occurrence_paid')) }).click();
  await expect(page.locator('.receipt-amount')).toContainText('3.00');
  await page.getByRole('link', { name: say('en', 'action.back') }).click();
  await expect(page).toHaveURL(`/schedules/${paid}`);
  await page.goto(`/schedules/${poor}`);
  await expect(page.locator('.notice-warn')).toContainText(say('en', 'error.insufficient_funds'));
  await expect(page.locator('.notice-warn')).toContainText('It is tried again');
  await page.goto('/send');
  await page.getByRole('link', { name: s('title') }).click();
  await expect(page.locator('.schedule-item')).toHaveCount(3);
  await expect(page.locator('.schedule-item').nth(1)).toContainText(s('occurrence_waiting'));
  await look(page, 'schedules', 'light');
});

test('the same on a phone in Arabic', async ({ stack, device }) => {
  const s = (key: string) => say('ar', `schedules.${key}`);
  const phone = {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  };
  const page = await device({ ...phone, locale: 'ar-EG', colorScheme: 'dark' });
  const [mona, layla] = [
    await makePerson(stack, 'منى عادل'),
    await makePerson(stack, 'ليلى منصور'),
  ];
  await signIn(page, mona);
  await page.goto('/schedules');
  await expect(page.getByText(s('none'))).toBeVisible();
  await look(page, 'schedules-none', 'phone-arabic-dark');
  await planByHand(page, layla, 'ar');
  await look(page, 'send-later', 'phone-arabic-dark');
  await page.getByRole('button', { name: s('plan') }).click();
  await expect(page.getByRole('heading', { name: s('planned') })).toBeVisible();
  await look(page, 'schedule', 'phone-arabic-dark');
  await page.getByRole('button', { name: s('edit') }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'schedule-edit', 'phone-arabic-dark');
  await page.keyboard.press('Escape');
  await page.goto('/schedules');
  await expect(page.locator('.schedule-item')).toContainText('ليلى منصور');
  await look(page, 'schedules', 'phone-arabic-dark');
});
