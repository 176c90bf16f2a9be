import AxeBuilder from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from '@playwright/test';
import { makePerson, pay, signIn, type Person } from './support/people';
import { expect, test } from './support/test';

// Every page in every look: nothing axe finds fault with, nothing wider than the screen, and a
// picture for people to look at.

const kFolder = fileURLToPath(new URL('./screenshots/', import.meta.url));
const kPhone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const kLooks: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 860 } },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  arabic: { viewport: { width: 1280, height: 860 }, locale: 'ar-EG' },
  phone: { ...kPhone, deviceScaleFactor: 2 },
  'phone-arabic-dark': { ...kPhone, deviceScaleFactor: 2, locale: 'ar-EG', colorScheme: 'dark' },
};
const kTall = 2_400;
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function look(page: Page, name: string, variant: string) {
  await expect(page.locator('h1').first()).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  const { wide, high } = await page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight } = document.documentElement;
    return { wide: scrollWidth - clientWidth, high: scrollHeight };
  });
  expect.soft(wide, `${name} ${variant} scrolls sideways`).toBeLessThanOrEqual(0);
  // A tall screen shows the whole page. (Playwright's fullPage would end the emulation of touch.)
  const screen = page.viewportSize();
  if (!screen) throw new Error('a page without a viewport');
  await page.setViewportSize({ ...screen, height: Math.max(screen.height, Math.min(high, kTall)) });
  await page.screenshot({ path: `${kFolder}${name}-${variant}.png` });
  await page.setViewportSize(screen);
  const { violations } = await new AxeBuilder({ page }).withTags(kTags).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
  );
  expect.soft(found, `${name} ${variant}`).toEqual([]);
}

for (const [variant, options] of Object.entries(kLooks)) {
  test(`every page, ${variant}`, async ({ stack, device, guard }) => {
    test.setTimeout(600_000);
    guard.allow(/status of 404/);
    await mkdir(kFolder, { recursive: true });
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
