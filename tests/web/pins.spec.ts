import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { look } from './support/look';
import { amounts, makePerson, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say as text } from './support/words';

// A PIN from its setting to its end: small payments take it, large ones and five wrong ones do not.

const kPin = '482915';
const kWrong = '482916';
const kArabicPin = '٤٨٢٩١٥';

function base32(secret: string): Buffer {
  const bits = [...secret].map((c) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

function totp(secret: string): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Sets up an app on this device; gives the recovery codes. */
async function enrol(stack: Stack, person: Person, token: string): Promise<string[]> {
  const begun = await stack.api<{ secret: string }>(
    'POST',
    '/api/users/me/factors/totp',
    { password: person.password },
    token,
  );
  const done = await stack.api<{ recoveryCodes: string[] }>(
    'POST',
    '/api/users/me/factors/totp/confirmation',
    { code: totp(begun.body.secret) },
    token,
  );
  expect(done.status, done.text).toBe(200);
  return done.body.recoveryCodes;
}

/** As if what was shown had been shown ten minutes ago. */
function letTimePass(stack: Stack, { id }: Person) {
  stack.sql(
    `UPDATE sessions SET factor_at = factor_at - interval '10 minutes' WHERE user_id = '${id}'`,
  );
  stack.sql(
    `UPDATE session_pins SET proven_at = proven_at - interval '10 minutes' WHERE user_id = '${id}'`,
  );
}

const codeField = (page: Page) => page.locator('input[autocomplete=one-time-code]');

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  test(`a PIN, ${variant}`, async ({ stack, device, guard }) => {
    guard.allow(/status of (401|403|422)/);
    const arabic = locale === 'ar-EG';
    const say = (group: string, name: string) => text(arabic ? 'ar' : 'en', `${group}.${name}`);
    const mona = await makePerson(stack, arabic ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, arabic ? 'عمر' : 'Omar');
    const page = await device({
      locale,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce' as const,
    });
    const button = (name: string) =>
      page.getByRole('button', { name: say('security', name), exact: true });
    const card = page.locator('section[aria-labelledby=pin]');
    const field = (name: string) => page.getByLabel(say('security', name), { exact: true });
    const send = async (amount: number) => {
      await page.goto(`/send?to=${omar.username}&amount=${amount}`);
      await page.locator('.payee-card .btn-primary').click();
      await page.getByRole('button', { name: say('send', 'review'), exact: true }).click();
      await page.getByTestId('pay').click();
    };

    const codes = await enrol(stack, mona, await signIn(page, mona));
    await page.goto('/settings/security');
    await page.locator('section[aria-labelledby=rules] input[inputmode=decimal]').fill('50');
    await page.locator('section[aria-labelledby=rules] button[type=submit]').click();
    await expect(page.locator('.toast')).toContainText(say('settings', 'saved'));

    // Set on this device: not what is tried first, and the same twice.
    const setTo = async (first: string, second: string) => {
      await field('pinNew').fill(first);
      await field('pinAgain').fill(second);
      await card.locator('button[type=submit]').click();
    };
    await button('pinSet').click();
    await card.locator('input[autocomplete=current-password]').fill(mona.password);
    await setTo(kPin, kWrong);
    await expect(card.getByText(say('security', 'pinDiffers'))).toBeVisible();
    await setTo('123456', '123456');
    await expect(card.getByText(say('security', 'pinWeak'))).toBeVisible();
    await look(page, 'pin-set', variant);
    await setTo(arabic ? kArabicPin : kPin, arabic ? kArabicPin : kPin);
    await expect(page.locator('.toast', { hasText: say('security', 'pinSaved') })).toBeVisible();
    await expect(card.locator('.item-title')).toContainText(say('security', 'pinThisDevice'));
    await look(page, 'pin-on', variant);

    // A small payment takes it; a wrong one says how many are left.
    letTimePass(stack, mona);
    await send(60);
    await expect(field('pinOfDevice')).toBeFocused();
    await look(page, 'pin-step-up', variant);
    await field('pinOfDevice').fill(kWrong);
    await field('pinOfDevice').press('Enter');
    await expect(page.getByText(arabic ? /بقيت ٤ محاولات/ : /4 attempts are left/)).toBeVisible();
    await field('pinOfDevice').fill(arabic ? kArabicPin : kPin);
    await field('pinOfDevice').press('Enter');
    await expect(page.getByText(say('send', 'doneTitle'))).toBeVisible();
    expect(await amounts(stack, omar, 'in')).toContain('60.00');

    // A large one asks for another factor, although the PIN was shown just now.
    await send(250);
    await expect(page.getByText(say('security', 'pinAbove'))).toBeVisible();
    await look(page, 'pin-above', variant);
    await codeField(page).fill(codes[0] ?? '');
    await codeField(page).press('Enter');
    await expect(page.getByText(say('send', 'doneTitle'))).toBeVisible();
    expect(await amounts(stack, omar, 'in')).toContain('250.00');

    // And asks for it at once where nothing was shown.
    letTimePass(stack, mona);
    await send(250);
    await expect(codeField(page)).toBeVisible();
    await expect(page.getByText(say('security', 'pinAbove'))).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(page.getByText(say('error', 'step_up_required'))).toBeVisible();

    // Five wrong ones lock it; another factor still pays.
    await send(70);
    for (const left of [4, 3, 2, 1]) {
      await field('pinOfDevice').fill(kWrong);
      await field('pinOfDevice').press('Enter');
      await expect(field('pinOfDevice')).toHaveValue('');
      const number = new Intl.NumberFormat(locale).format(left);
      if (left > 2) await expect(page.locator('.field-error')).toContainText(number);
      else await expect(page.locator('.field-error')).toBeVisible();
    }
    await field('pinOfDevice').fill(kWrong);
    await field('pinOfDevice').press('Enter');
    await expect(page.getByText(say('security', 'pinLocked'))).toBeVisible();
    await look(page, 'pin-locked', variant);
    await codeField(page).fill(codes[1] ?? '');
    await codeField(page).press('Enter');
    await expect(page.getByText(say('send', 'doneTitle'))).toBeVisible();
    expect(await amounts(stack, omar, 'in')).toContain('70.00');

    // It is told, and removed.
    await page.goto('/settings/security');
    await expect(card.getByText(say('security', 'pinLocked'))).toBeVisible();
    await card.locator('.btn-danger').click();
    await expect(page.locator('.toast', { hasText: say('security', 'pinRemoved') })).toBeVisible();
    await expect(button('pinSet')).toBeVisible();
  });
}
