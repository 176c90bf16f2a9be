import type { BrowserContextOptions } from '@playwright/test';
import { look } from './support/look';
import { makePerson, pay, signIn, type Person } from './support/people';
import { expect, test } from './support/test';

// Every page in every look: nothing axe finds fault with, nothing wider than the screen, and a
// picture for people to look at.

const kPhone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const kLooks: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 860 } },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  arabic: { viewport: { width: 1280, height: 860 }, locale: 'ar-EG' },
  phone: { ...kPhone, deviceScaleFactor: 2 },
  'phone-arabic-dark': { ...kPhone, deviceScaleFactor: 2, locale: 'ar-EG', colorScheme: 'dark' },
};

for (const [variant, options] of Object.entries(kLooks)) {
  test(`every page, ${variant}`, async ({ stack, device, guard }) => {
    test.setTimeout(600_000);
    guard.allow(/status of 404/);
    // Animations would leave half-faded colours for axe to measure.
    const still = { ...options, reducedMotion: 'reduce' } as const;
    const demo = stack.demo;
    if (!demo) throw new Error('serve --demo printed no credentials');

    const door = await device(still);
    await door.goto('/sign-in');
    await look(door, 'sign-in', variant);
    await door.goto('/register');
    await door.locator('form button[type=submit]').click();
    await look(door, 'register', variant);

    const page = await device(still);
    await signIn(page, demo);
    await look(page, 'home', variant);
    const payee: Person = await makePerson(stack, variant.includes('arabic') ? 'ليلى منصور' : 'Layla Mansour');
    for (const [name, path] of [
      ['activity', '/activity?from=2020-01-01'],
      ['insights', '/insights'],
      ['receive', '/receive'],
      ['settings', '/settings'],
      ['mandates', '/mandates'],
      ['mandate-new', '/mandates/new'],
      ['send-1-payee', `/send?to=${payee.username}&amount=120.50&note=Lunch`],
      ['not-found', '/nowhere'],
      ['pay-link-broken', '/pay'],
      ['activity-empty', '/activity?q=zzzzzz'],
    ] as const) {
      await page.goto(path);
      await look(page, name, variant);
    }
    await page.goto('/insights');
    await page.locator('details summary').first().click();
    await look(page, 'insights-table', variant);
    await page.goto(`/send?to=${payee.username}&amount=120.50&note=Lunch`);
    await page.locator('.payee-card button').click();
    await expect(page.locator('.keypad')).toHaveCount(options.hasTouch ? 1 : 0);
    await look(page, 'send-2-amount', variant);
    await page.locator('form button[type=submit]').click();
    await expect(page.getByTestId('pay')).toBeVisible();
    await look(page, 'send-3-review', variant);
    await page.getByTestId('pay').click();
    await expect(page.locator('.done-mark')).toBeVisible();
    await look(page, 'send-4-done', variant);

    const fresh = await makePerson(stack, 'New Here');
    const id = await pay(stack, payee, fresh, '40.00', 'Concert tickets');
    const other = await device(still);
    await signIn(other, fresh);
    await look(other, 'home-new', variant);
    await other.goto(`/activity/${id}`);
    await look(other, 'receipt', variant);
    await other.locator('.receipt > .row-wrap button').first().click();
    await expect(other.getByRole('dialog')).toBeVisible();
    await look(other, 'refund', variant);

    const desk = await device(still);
    await signIn(desk, stack.operator);
    for (const [name, path] of [
      ['console', '/console'],
      ['console-users', '/console/users'],
      ['console-user', `/console/users/${fresh.id}`],
      ['console-transactions', '/console/transactions'],
      ['console-actions', '/console/actions'],
      ['console-ledger', '/console/ledger'],
    ] as const) {
      await desk.goto(path);
      await look(desk, name, variant);
    }
    await desk.goto(`/console/users/${fresh.id}`);
    await desk.locator('.two .row-wrap button').first().click();
    await expect(desk.getByRole('dialog')).toBeVisible();
    await look(desk, 'console-adjust', variant);
  });
}
