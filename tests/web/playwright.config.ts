import { defineConfig } from '@playwright/test';

// Debian's own Chromium: nothing is downloaded. Without the background flags it would knock at
// hosts that a closed network refuses.
const kChromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const kChromiumFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: '.',
  outputDir: '../../web/test-results',
  // Each worker has a stack and a browser of its own; a test waits for half of its time.
  workers: 2,
  // Limits, not expectations: the machine may have other work.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: !!process.env.CI,
  reporter: [['list'], ['./support/summary.ts']],
  use: {
    launchOptions: { executablePath: kChromium, args: kChromiumFlags },
    locale: 'en-GB',
    // A request that goes by a service worker may pass a route() of the page by; tests of the worker
    // itself allow it.
    serviceWorkers: 'block',
    timezoneId: 'Africa/Cairo',
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
});
