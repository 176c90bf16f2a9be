import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';

const kFolder = fileURLToPath(new URL('../screenshots/', import.meta.url));
const kTall = 2_400;
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Nothing axe finds fault with, nothing wider than the screen, and a picture for people. */
export async function look(page: Page, name: string, variant: string) {
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
  // Playwright makes the folder.
  await page.screenshot({ path: `${kFolder}${name}-${variant}.png` });
  await page.setViewportSize(screen);
  const { violations } = await new AxeBuilder({ page }).withTags(kTags).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
  );
  expect.soft(found, `${name} ${variant}`).toEqual([]);
}
