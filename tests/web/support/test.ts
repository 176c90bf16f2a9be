import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { Stack } from './stack';

type Guard = {
  /** Console messages that this test provokes on purpose. */
  allow: (pattern: RegExp) => void;
  watch: (page: Page) => void;
};

type Fixtures = {
  guard: Guard;
  /** Another device: a context of its own, watched like the first. */
  device: (options?: BrowserContextOptions) => Promise<Page>;
};

export const test = base.extend<Fixtures, { stack: Stack }>({
  stack: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const stack = await Stack.start({ demo: true });
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ stack }, use) => use(stack.url),

  // Every test fails on a console error or an exception that it did not announce.
  guard: [
    async ({ context }, use) => {
      // Playwright's own word on what playwright.config.ts asks for.
      const allowed = [/Service Worker registration blocked by Playwright/];
      const seen: string[] = [];
      const watch = (page: Page) => {
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning')
            seen.push(`${message.text()} (${message.location().url})`);
        });
        page.on('pageerror', (error) => seen.push(`exception: ${error.message}`));
      };
      context.on('page', watch);
      await use({ allow: (pattern) => allowed.push(pattern), watch });
      expect(seen.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],

  device: async ({ browser, baseURL, guard }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({
        baseURL,
        locale: 'en-GB',
        timezoneId: 'Africa/Cairo',
        serviceWorkers: 'block',
        ...options,
      });
      contexts.push(context);
      context.on('page', guard.watch);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };
