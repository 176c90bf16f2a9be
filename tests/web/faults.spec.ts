import { amounts, balance, makePerson, signIn } from './support/people';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

// These end the server on purpose: they have a stack of their own.
test.describe('server faults', () => {
  let stack: Stack;
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    stack = await Stack.start();
  });
  test.afterAll(() => stack.stop());

  test('a server killed during a payment and restarted gives one payment', async ({
    device,
    guard,
  }) => {
    test.setTimeout(120_000);
    guard.allow(/net::ERR_|status of (401|50\d)/);
    const mona = await makePerson(stack, 'Mona');
    const omar = await makePerson(stack, 'Omar');
    const page = await device({ baseURL: stack.url, serviceWorkers: 'allow' });
    await signIn(page, mona);
    await page.goto(`/send?to=${omar.username}&amount=25.00`);
    await page.getByRole('button', { name: 'Yes, continue' }).click();
    await page.getByRole('button', { name: 'Review' }).click();
    await expect(page.getByTestId('pay')).toBeVisible();

    const sent = page.waitForRequest(
      (request) => request.url().endsWith('/api/transactions') && request.method() === 'POST',
    );
    await page.getByTestId('pay').click();
    await sent;
    await stack.kill();
    // On a fast machine the answer was quicker than the kill; either way it is one payment.
    await page.waitForTimeout(500);
    await stack.up();

    await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible({ timeout: 30_000 });
    expect(await amounts(stack, mona, 'out')).toEqual(['25.00']);
    expect(await balance(stack, mona)).toBe('975.00');
    expect(await balance(stack, omar)).toBe('1025.00');
  });

  test('a server that is down before the tap: the payment waits, says so, and is made once', async ({
    device,
    guard,
  }) => {
    test.setTimeout(120_000);
    guard.allow(/net::ERR_|status of (401|50\d)/);
    const mona = await makePerson(stack, 'Mona');
    const omar = await makePerson(stack, 'Omar');
    const page = await device({ baseURL: stack.url, serviceWorkers: 'allow' });
    await signIn(page, mona);
    await page.goto(`/send?to=${omar.username}&amount=9.99`);
    await page.getByRole('button', { name: 'Yes, continue' }).click();
    await page.getByRole('button', { name: 'Review' }).click();
    await expect(page.getByTestId('pay')).toBeVisible();
    await stack.kill();
    await page.getByTestId('pay').click();
    await expect(page.getByText('you are never charged twice')).toBeVisible();
    await expect(page.getByText('The server cannot be reached. Trying again…')).toBeVisible();
    await stack.up();
    await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('The server cannot be reached. Trying again…')).toBeHidden();
    expect(await amounts(stack, mona, 'out')).toEqual(['9.99']);
  });

  test('a page opened while the server is away comes by itself when it is back', async ({
    device,
    guard,
  }) => {
    test.setTimeout(120_000);
    guard.allow(/net::ERR_|status of (401|50\d)/);
    const mona = await makePerson(stack, 'Mona');
    const page = await device({ baseURL: stack.url, serviceWorkers: 'allow' });
    await signIn(page, mona);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await stack.kill();
    await page.reload();
    await expect(page.getByText('The server cannot be reached')).toBeVisible();
    // The last that is known, marked as such, and what one can be paid by.
    await expect(page.getByTestId('last-balance')).toHaveText(/1,000\.00/);
    await expect(page.getByText(/As of/)).toBeVisible();
    await expect(page.getByRole('img', { name: /QR code to pay .*Mona/ })).toBeVisible();
    await stack.up();
    await expect(page.getByTestId('balance')).toHaveText(/1,000\.00/, { timeout: 30_000 });
  });

  test('offline is said, and over by itself; the app can be installed', async ({ device, guard }) => {
    guard.allow(/net::ERR_/);
    const mona = await makePerson(stack, 'Mona');
    const page = await device({ baseURL: stack.url, serviceWorkers: 'allow' });
    await signIn(page, mona);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
      return (await fetch(link?.href ?? '')).json() as Promise<{ display: string; icons: object[] }>;
    });
    expect(manifest.display).toBe('standalone');
    expect(manifest.icons.length).toBeGreaterThan(1);
    const notice = page.getByText('You are offline. Everything continues when you are back.');
    await page.context().setOffline(true);
    await expect(notice).toBeVisible();
    await page.context().setOffline(false);
    await expect(notice).toBeHidden();
  });
});
