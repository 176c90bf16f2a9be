import type { Page } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { makePerson, signIn } from './support/people';
import { expect, test } from './support/test';

/** The most JavaScript that a page may fetch, in kB of gzip. The one place where it stands. */
const kMost = { signedOut: 90, home: 140 };

/** Counts all scripts that a page fetches, whoever asks for them, also those that it fetches ahead. */
class Weight {
  readonly order: string[] = [];
  private readonly bytes = new Map<string, number>();
  private readonly reading: Promise<void>[] = [];
  private waiting = 0;

  constructor(private readonly page: Page) {
    const isScript = (url: string) => new URL(url).pathname.endsWith('.js');
    page.on('request', (request) => {
      this.order.push(new URL(request.url()).pathname);
      if (isScript(request.url())) this.waiting += 1;
    });
    page.on('requestfailed', (request) => {
      if (isScript(request.url())) this.waiting -= 1;
    });
    page.on('requestfinished', (request) => {
      if (!isScript(request.url())) return;
      const read = async () => {
        const body = await (await request.response())?.body();
        if (body) this.bytes.set(new URL(request.url()).pathname, gzipSync(body, { level: 9 }).length);
        this.waiting -= 1;
      };
      this.reading.push(read());
    });
  }

  /** Once the page has nothing more to fetch. */
  async settle() {
    for (let before = -1; before < this.order.length;) {
      before = this.order.length;
      await this.page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 1_000 })));
      await expect.poll(() => this.waiting).toBe(0);
      await Promise.all(this.reading);
    }
  }

  get kB() {
    return [...this.bytes.values()].reduce((sum, each) => sum + each, 0) / 1000;
  }

  toString() {
    const heaviest = [...this.bytes].sort(([, a], [, b]) => b - a);
    return heaviest.map(([name, bytes]) => `${name} ${bytes}`).join('\n');
  }
}

const kSignedOut = [
  '/sign-in',
  '/register',
  '/forgot-password',
  '/reset-password#token=none',
  '/verify-email#token=none',
  '/change-email#token=none',
  '/undo-email#token=none',
];

for (const locale of ['en-GB', 'ar-EG'])
  test(`before the sign-in no page fetches more than ${kMost.signedOut} kB (${locale})`, async ({
    device,
    stack,
    guard,
  }) => {
    // The link that nobody has made.
    guard.allow(/status of 404/);
    const mona = await makePerson(stack, 'Mona Hassan');
    const asked = encodeURIComponent(`/pay?to=${mona.id}&amount=12.50`);
    for (const path of [...kSignedOut, `/sign-in?next=${asked}`, '/r/unknown']) {
      const page = await device({ locale });
      const weight = new Weight(page);
      await page.goto(path);
      await expect(page.locator('h1')).toBeVisible();
      await weight.settle();
      expect(weight.kB, `${path}\n${weight}`).toBeGreaterThan(0);
      expect(weight.kB, `${path}\n${weight}`).toBeLessThanOrEqual(kMost.signedOut);
      await page.close();
    }
  });

for (const locale of ['en-GB', 'ar-EG'])
  test(`home fetches no more than ${kMost.home} kB, and side by side (${locale})`, async ({ device, stack }) => {
    const first = await device({ locale });
    await signIn(first, await makePerson(stack, 'Mona Hassan'));
    const storageState = await first.context().storageState();
    await first.close();
    const page = await device({ locale, storageState });
    const weight = new Weight(page);
    await page.goto('/');
    await expect(page.getByTestId('balance')).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
    await weight.settle();
    expect(weight.kB, `home\n${weight}`).toBeLessThanOrEqual(kMost.home);
    // What shows it is on its way before the server is asked who this is.
    const asked = weight.order.findIndex((path) => path.startsWith('/api/'));
    const shown = weight.order.findIndex((path) => /\/Wallet-.*\.js$/.test(path));
    expect(shown).toBeGreaterThan(0);
    expect(asked).toBeGreaterThan(shown);
  });
