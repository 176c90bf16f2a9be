import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** `./bench web`: one page after the other, on a machine that does nothing else. */
export default defineConfig(tests, {
  testMatch: 'measure.ts',
  workers: 1,
  timeout: 1_800_000,
  reporter: 'line',
  use: { trace: 'off', screenshot: 'off' },
});
