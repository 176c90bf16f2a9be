import { createECDH, randomBytes } from 'node:crypto';
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { look } from './support/look';
import { makePerson, pay, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say } from './support/words';

const kPath = '/api/users/me/push-subscriptions';
type Device = { id: string; current: boolean };

const card = (page: Page) => page.locator('section[aria-labelledby=push]');

/**
 * A browser whose push service answers: Debian's Chromium has none. Stubbed is the PushManager alone;
 * what it makes is of the form that browsers make.
 */
async function stubPushManager(page: Page, permission: NotificationPermission = 'granted') {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  const made = {
    endpoint: `https://updates.push.services.mozilla.com/wpush/v2/${randomBytes(24).toString('base64url')}`,
    p256dh: ecdh.getPublicKey().toString('base64url'),
    auth: randomBytes(16).toString('base64url'),
    permission,
  };
  await page.addInitScript((given) => {
    let subscription: object | null = null;
    // Browsers keep what they were told.
    const kept = sessionStorage.getItem('test.permission') as NotificationPermission | null;
    let asked = given.permission === 'denied' ? 'denied' : (kept ?? 'default');
    const make = (options: { applicationServerKey: Uint8Array<ArrayBuffer> }) => ({
      endpoint: given.endpoint,
      options: { applicationServerKey: options.applicationServerKey.buffer },
      unsubscribe: () => {
        subscription = null;
        return Promise.resolve(true);
      },
      toJSON: () => ({
        endpoint: given.endpoint,
        expirationTime: null,
        keys: { p256dh: given.p256dh, auth: given.auth },
      }),
    });
    const pushManager = {
      getSubscription: () => Promise.resolve(subscription),
      subscribe: (options: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
        subscription = make(options);
        return Promise.resolve(subscription);
      },
    };
    const registration = { pushManager };
    Object.defineProperty(navigator.serviceWorker, 'getRegistration', {
      value: () => Promise.resolve(registration),
    });
    Object.defineProperty(navigator.serviceWorker, 'ready', {
      value: Promise.resolve(registration),
    });
    Object.defineProperty(window.Notification, 'permission', { get: () => asked });
    Object.defineProperty(window.Notification, 'requestPermission', {
      value: () => {
        asked = given.permission;
        sessionStorage.setItem('test.permission', asked);
        return Promise.resolve(asked);
      },
    });
  }, made);
}

const devicesOf = async (stack: Stack, person: Person) =>
  (await stack.api<{ data: Device[] }>('GET', kPath, undefined, person.token)).body.data;

test('notices are turned on for this device, chosen, and turned off', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  await stubPushManager(page);
  await signIn(page, mona);
  await page.goto('/settings');
  await look(page, 'push-off', 'en');
  await card(page).getByRole('button', { name: say('en', 'push.turnOn') }).click();
  await expect(card(page).getByText(say('en', 'push.isOn'), { exact: true })).toBeVisible();
  expect(await devicesOf(stack, mona)).toHaveLength(1);
  await look(page, 'push-on', 'en');

  const kept = page.waitForResponse(/\/users\/me\/notices$/);
  await card(page).getByLabel(say('en', 'push.amounts'), { exact: true }).uncheck();
  await kept;
  await page.reload();
  await expect(card(page).getByLabel(say('en', 'push.amounts'), { exact: true })).not.toBeChecked();
  await expect(card(page).getByLabel(say('en', 'push.moneyIn'), { exact: true })).toBeChecked();

  await card(page).getByRole('button', { name: say('en', 'push.turnOff') }).click();
  await expect(card(page).getByRole('button', { name: say('en', 'push.turnOn') })).toBeVisible();
  expect(await devicesOf(stack, mona)).toEqual([]);
});

test('a device that was left is turned off from another, and signing in again goes on', async ({
  stack,
  page,
  device,
}) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const phone = await device({ viewport: { width: 320, height: 640 } });
  await stubPushManager(phone);
  await signIn(phone, mona);
  await phone.goto('/settings');
  await card(phone).getByRole('button', { name: say('en', 'push.turnOn') }).click();
  await expect(card(phone).getByText(say('en', 'push.isOn'), { exact: true })).toBeVisible();

  // What the browser keeps of itself is on after the next sign-in.
  await phone.goto('/settings');
  await phone.getByRole('button', { name: say('en', 'settings.signOut'), exact: true }).last().click();
  await expect(phone).toHaveURL(/sign-in/);
  await expect.poll(() => devicesOf(stack, mona)).toEqual([]);
  const registered = phone.waitForResponse(
    (answer) => answer.url().endsWith(kPath) && answer.request().method() === 'POST',
  );
  await signIn(phone, mona);
  expect((await registered).status()).toBe(200);

  await signIn(page, mona);
  await page.goto('/settings');
  await expect(card(page).getByRole('heading', { name: say('en', 'push.others') })).toBeVisible();
  await card(page).getByRole('button', { name: /^Turn off for .?Chrome/ }).click();
  await expect(card(page).getByRole('heading', { name: say('en', 'push.others') })).toHaveCount(0);
  expect(await devicesOf(stack, mona)).toEqual([]);
});

test('signing out where the server cannot be reached ends the subscription all the same', async ({
  stack,
  page,
  guard,
}) => {
  guard.allow(/ERR_FAILED/);
  const mona = await makePerson(stack, 'Mona Hassan');
  await stubPushManager(page);
  await signIn(page, mona);
  await page.goto('/settings');
  await card(page).getByRole('button', { name: say('en', 'push.turnOn') }).click();
  await expect(card(page).getByText(say('en', 'push.isOn'), { exact: true })).toBeVisible();
  const isSubscribed = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return Boolean(await registration?.pushManager.getSubscription());
    });
  expect(await isSubscribed()).toBe(true);
  await page.route('**/api/users/logout', (route) => route.abort());
  await page.getByRole('button', { name: say('en', 'settings.signOut'), exact: true }).last().click();
  await expect(page).toHaveURL(/sign-in/);
  await expect.poll(isSubscribed).toBe(false);
});

test('a browser that blocks notices says so, and what to do', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  await stubPushManager(page, 'denied');
  await signIn(page, mona);
  await page.goto('/settings');
  await expect(card(page).getByText(say('en', 'push.denied'))).toBeVisible();
  await expect(card(page).getByRole('button')).toHaveCount(0);
});

test('an iPhone is told to put the wallet on its home screen', async ({ stack, device }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const phone = await device({
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    viewport: { width: 390, height: 780 },
  });
  await phone.addInitScript(() => {
    delete (window as Partial<typeof window>).PushManager;
  });
  await signIn(phone, mona);
  await phone.goto('/settings');
  await expect(card(phone).getByText(say('en', 'push.install'))).toBeVisible();
});

test('in Arabic, on a narrow phone', async ({ stack, device }) => {
  const leila = await makePerson(stack, 'ليلى منصور');
  const page = await device({
    locale: 'ar-EG',
    viewport: { width: 360, height: 740 },
    reducedMotion: 'reduce',
  });
  await stubPushManager(page);
  await signIn(page, leila);
  await page.goto('/settings');
  await card(page).getByRole('button', { name: say('ar', 'push.turnOn') }).click();
  await expect(card(page).getByText(say('ar', 'push.isOn'), { exact: true })).toBeVisible();
  await look(page, 'push-on', 'arabic');
});

/** The service worker itself, with pushes that the browser's own tools deliver. */
async function worker(context: BrowserContext, page: Page): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await context.newCDPSession(page);
  const found = new Promise<string>((done) => {
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      const active = versions.find(({ status }) => status === 'activated');
      if (active) done(active.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  return { cdp, id: await found };
}

const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, tag, dir }) => ({
      title,
      body,
      tag,
      dir,
    }));
  });

test.describe('the service worker', () => {
  test.use({ serviceWorkers: 'allow', permissions: ['notifications'] });

  test('shows what is pushed, the newest of one thing, and once', async ({
    stack,
    page,
    context,
  }) => {
    const mona = await makePerson(stack, 'Mona Hassan');
    await signIn(page, mona);
    const { cdp, id } = await worker(context, page);
    const deliver = (data: unknown) =>
      cdp.send('ServiceWorker.deliverPushMessage', {
        origin: stack.url,
        registrationId: id,
        data: typeof data === 'string' ? data : JSON.stringify(data),
      });
    const asked = { title: 'Payment request', body: 'Omar asks', tag: 'r', id: '1', dir: 'ltr' };
    await deliver(asked);
    await expect.poll(() => shown(page)).toHaveLength(1);
    // A push that came twice, and one about the same thing.
    await deliver(asked);
    await deliver({ ...asked, body: 'Omar reminds', id: '2' });
    await expect.poll(() => shown(page)).toEqual([
      { title: 'Payment request', body: 'Omar reminds', tag: 'r', dir: 'ltr' },
    ]);
    await deliver({ title: 'مال', body: 'وصلك', tag: 'm', id: '3', dir: 'rtl', lang: 'ar' });
    await expect.poll(() => shown(page)).toHaveLength(2);
    // Nothing that can be read: something is shown all the same, as browsers demand.
    await deliver('no JSON');
    await expect
      .poll(async () => (await shown(page)).map(({ title }) => title))
      .toContain('Mini-InstaPay');
  });

  test('a tap leads to the page in the wallet that is open', async ({ stack, page, context }) => {
    const mona = await makePerson(stack, 'Mona Hassan');
    const omar = await makePerson(stack, 'Omar Sherif');
    const paid = await pay(stack, omar, mona, '12.50', 'Lunch');
    await signIn(page, mona);
    await worker(context, page);
    await page.evaluate(() => Object.assign(window, { stays: true }));
    const [own] = context.serviceWorkers();
    if (!own) throw new Error('no service worker');
    const tap = (url: string) =>
      own.evaluate(async (path) => {
        const scope = self as unknown as {
          registration: ServiceWorkerRegistration;
          dispatchEvent: (event: Event) => boolean;
        };
        await scope.registration.showNotification('x', { data: { url: path } });
        const [notification] = await scope.registration.getNotifications();
        const NotificationEvent = (
          self as unknown as { NotificationEvent: new (type: string, init: object) => Event }
        ).NotificationEvent;
        scope.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      }, url);
    await tap(`/activity/${paid}`);
    await expect(page).toHaveURL(new RegExp(`/activity/${paid}$`));
    expect(await page.evaluate(() => 'stays' in window), 'without a reload').toBe(true);
    // An address of elsewhere opens the wallet's own list.
    await tap('https://evil.example/phish');
    await expect(page).toHaveURL(/\/notifications$/);
  });
});
