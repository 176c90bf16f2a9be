import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { look } from './support/look';
import { amounts, makePerson, signIn } from './support/people';
import { expect, test } from './support/test';
import { say as text } from './support/words';

// A second factor from its setting up to its end, as people of both languages see it.

function base32(text: string): Buffer {
  const bits = [...text].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'));
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** RFC 6238, of now and so many steps after it. */
function totp(secret: string, stepsLater = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsLater));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const codeField = (page: Page) => page.locator('input[autocomplete=one-time-code]');

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  test(`a second factor, ${variant}`, async ({ stack, device, guard }) => {
    guard.allow(/status of (401|403)/);
    const say = (group: string, name: string) =>
      text(locale === 'ar-EG' ? 'ar' : 'en', `${group}.${name}`);
    const button = (page: Page, group: string, name: string) =>
      page.getByRole('button', { name: say(group, name), exact: true });
    const options = { locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' as const };
    const mona = await makePerson(stack, locale === 'ar-EG' ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, locale === 'ar-EG' ? 'عمر' : 'Omar');

    // A device that was there before: it has shown no factor.
    const tablet = await device(options);
    await signIn(tablet, mona);

    const page = await device(options);
    await page.addInitScript(() => {
      window.print = () => document.body.setAttribute('data-printed', 'yes');
    });
    await signIn(page, mona);
    await page.goto('/settings');
    await page.getByRole('link', { name: say('security', 'title') }).click();
    await expect(page.getByText(say('security', 'off'))).toBeVisible();
    await look(page, 'security-off', variant);

    // Setting it up asks who it is, and for a code that the app shows.
    await button(page, 'security', 'setUp').click();
    await page.locator('input[autocomplete=current-password]').fill('not the password');
    await button(page, 'security', 'continue').click();
    await expect(page.getByText(say('fieldError', 'wrong_password'))).toBeVisible();
    await page.locator('input[autocomplete=current-password]').fill(mona.password);
    await button(page, 'security', 'continue').click();
    await expect(page.getByRole('img', { name: say('security', 'qr') })).toBeVisible();
    await look(page, 'security-set-up', variant);
    const secret = ((await page.locator('.secret').textContent()) ?? '').replace(/\s/g, '');
    await button(page, 'security', 'turnOn').click();
    await expect(page.getByText(say('fieldError', 'required'))).toBeVisible();
    await codeField(page).fill('000000');
    await button(page, 'security', 'turnOn').click();
    await expect(page.getByText(say('security', 'codeWrong'))).toBeVisible();
    await codeField(page).fill(totp(secret));
    await codeField(page).press('Enter');

    // Recovery codes: shown once, to be taken along.
    await expect(page.getByRole('heading', { name: say('security', 'codesTitle') })).toBeFocused();
    const codes = await page.locator('.recovery-codes li').allTextContents();
    expect(codes).toHaveLength(10);
    await look(page, 'security-codes', variant);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      button(page, 'security', 'download').click(),
    ]);
    const kept = readFileSync(await saved.path(), 'utf8');
    expect(codes.every((code) => kept.includes(code))).toBe(true);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await button(page, 'security', 'copy').click();
    await expect(page.locator('.toast')).toContainText(say('action', 'notCopied'));
    await expect(page.locator('.toast')).toHaveCount(0);
    await button(page, 'security', 'print').click();
    await expect(page.locator('body[data-printed]')).toBeAttached();
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.recovery-codes')).toBeVisible();
    await expect(button(page, 'security', 'print')).toBeHidden();
    await page.emulateMedia({ media: 'screen' });
    await button(page, 'security', 'codesKept').click();
    await expect(page.locator('.recovery-codes')).toHaveCount(0);

    // Which payments ask for it.
    await expect(page.locator('input[inputmode=decimal]')).toHaveAccessibleName(
      locale === 'ar-EG' ? /ج\.م/ : /EGP/,
    );
    await page.locator('input[inputmode=decimal]').fill('50');
    await page.getByRole('checkbox').check();
    await button(page, 'action', 'save').click();
    await expect(page.locator('.toast')).toContainText(say('settings', 'saved'));
    await look(page, 'security-on', variant);

    // Signing in takes two steps.
    await page.goto('/settings');
    await button(page, 'settings', 'signOut').last().click();
    await page.locator('input[type=email]').fill(mona.email);
    await page.locator('input[autocomplete=current-password]').fill(mona.password);
    await button(page, 'signIn', 'submit').click();
    await expect(codeField(page)).toBeVisible();
    await look(page, 'second-step', variant);
    await codeField(page).fill('000000');
    await codeField(page).press('Enter');
    await expect(page.getByText(say('security', 'codeWrong'))).toBeVisible();
    await codeField(page).fill(totp(secret, 1));
    await codeField(page).press('Enter');
    await expect(page.getByTestId('balance')).toBeVisible();

    // A payment waits for the factor and goes on after it, once, under its own key.
    const keys: (string | undefined)[] = [];
    tablet.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/api/transactions'))
        keys.push(request.headers()['idempotency-key']);
    });
    await tablet.goto(`/send?to=${omar.username}&amount=60`);
    await tablet.locator('.payee-card .btn-primary').click();
    await button(tablet, 'send', 'review').click();
    await tablet.getByTestId('pay').click();
    const dialog = tablet.getByRole('dialog', { name: say('security', 'stepUpTitle') });
    await expect(dialog).toBeVisible();
    await look(tablet, 'step-up', variant);
    await tablet.keyboard.press('Escape');
    await expect(tablet.getByText(say('error', 'step_up_required'))).toBeVisible();
    await expect(tablet.getByTestId('pay')).toBeFocused();
    expect(await amounts(stack, omar, 'in')).not.toContain('60.00');
    await tablet.getByTestId('pay').click();
    await codeField(tablet).fill('000000');
    await codeField(tablet).press('Enter');
    await expect(tablet.getByText(say('security', 'codeWrong'))).toBeVisible();
    await codeField(tablet).fill(codes[0] ?? '');
    await codeField(tablet).press('Enter');
    await expect(tablet.getByText(say('send', 'doneTitle'))).toBeVisible();
    expect((await amounts(stack, omar, 'in')).filter((amount) => amount === '60.00')).toHaveLength(1);
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.at(-1)).toBe(keys.at(-2));

    // And off again.
    await page.goto('/settings/security');
    await button(page, 'security', 'turnOff').click();
    await page.locator('input[autocomplete=current-password]').fill(mona.password);
    await codeField(page).fill(codes[1] ?? '');
    await button(page, 'security', 'turnOff').click();
    await expect(page.getByText(say('security', 'off'))).toBeVisible();
  });
}
