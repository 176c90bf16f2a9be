import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { look } from './support/look';
import { amounts, balance, makePerson, pay, signIn, type Person } from './support/people';
import type { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say, type Language } from './support/words';

// Asking for money, from both sides, by a link and by a code: one way through it in each language.

const kPix =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000' +
  '5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D';
const kLocales = { en: 'en-GB', ar: 'ar-EG' } as const;
const kLanguages = ['en', 'ar'] as const;

const phone = (language: Language) =>
  ({
    locale: kLocales[language],
    viewport: { width: 390, height: 844 },
    reducedMotion: 'reduce',
  }) as const;

/** Asks by the API, as another device would. */
async function ask(stack: Stack, payee: Person, fields: Record<string, unknown>) {
  const made = await stack.api<{ id: string; code: string | null }>('POST', '/api/requests', fields, payee.token);
  expect(made.status, made.text).toBe(201);
  return made.body;
}

const button = (page: Page, language: Language, key: string) =>
  page.getByRole('button', { name: say(language, key), exact: true });
const text = (page: Page, language: Language, key: string) =>
  page.getByText(say(language, key), { exact: true });

for (const language of kLanguages) {
  test(`a person is asked, and pays, declines, or is not asked any more (${language})`, async ({
    stack,
    device,
    guard,
  }) => {
    guard.allow(/status of (404|409|422)|ERR_FAILED/);
    const mona = await makePerson(stack, language === 'ar' ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, 'Omar Sherif');
    await pay(stack, omar, mona, '1.00');
    await pay(stack, mona, omar, '1.00');
    const payee = await device(phone(language));
    const payer = await device(phone(language));
    await signIn(payee, mona);
    await signIn(payer, omar);

    // A person is asked; who is asked sees it at once.
    await payee.goto('/receive');
    await payee.locator('a[href="/requests/new"]').click();
    await button(payee, language, 'requests.submit').click();
    await expect(payee.locator('.field-error')).toHaveCount(1);
    await payee.getByRole('button', { name: 'Omar Sherif' }).click();
    await expect(payee.locator('input[inputmode=email]')).toHaveValue(omar.username);
    await expect(payee.locator('.payee-chip')).toContainText('Omar Sherif');
    await payee.locator('input[inputmode=decimal]').fill('12.50');
    await payee.locator('input[maxlength="140"]').fill('Tea & قهوة');
    await look(payee, 'requests-ask', language);
    await button(payee, language, 'requests.submit').click();
    await expect(payee.locator('.badge-warn')).toBeVisible();
    await button(payee, language, 'requests.remind').click();
    await expect(button(payee, language, 'requests.remind')).toHaveCount(0);
    await look(payee, 'requests-own', language);

    // They pay it once, however often they tap, and though the answer is lost on its way.
    await payer.locator('a.notice-link').click();
    await expect(payer.locator('a.request')).toHaveCount(1);
    await look(payer, 'requests', language);
    await payer.locator('a.request').click();
    await expect(text(payer, language, 'requests.youPay')).toBeVisible();
    await expect(payer.getByText('Tea & قهوة')).toBeVisible();
    await expect(payer.locator('input[inputmode=decimal]')).toHaveCount(0);
    await look(payer, 'requests-pay', language);
    await payer.route(
      '**/api/requests/*/pay',
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      { times: 1 },
    );
    await payer.getByTestId('pay').dblclick();
    await expect(payer.locator('.done')).toBeVisible();
    await look(payer, 'requests-paid', language);
    expect(await amounts(stack, omar, 'out')).toEqual(['12.50', '1.00']);
    await expect(payee.locator('.badge-ok')).toBeVisible();
    const asked = payee.url();
    await payee.locator('a[href^="/activity/"]').click();
    await expect(payee.getByText('Tea & قهوة')).toBeVisible();
    // The receipt leads to the request, and Back to where the receipt was opened.
    await payee.getByRole('link', { name: say(language, 'requests.show') }).click();
    await expect(payee).toHaveURL(asked);
    await payee.locator('a[href^="/activity/"]').click();
    await expect(payee.getByRole('link', { name: say(language, 'requests.show') })).toBeVisible();
    await look(payee, 'requests-receipt', language);
    await payee.getByRole('link', { name: say(language, 'action.back') }).click();
    await expect(payee).toHaveURL(asked);

    // Another is declined for good: with a reason, and a block that can be taken back.
    const declined = await ask(stack, mona, { to: omar.id, amount: '3.00' });
    await payer.goto(`/requests/${declined.id}`);
    await button(payer, language, 'requests.decline').click();
    const dialog = payer.getByRole('dialog');
    await dialog.getByRole('textbox').fill('Not mine');
    await look(payer, 'requests-decline', language);
    await dialog.getByRole('button', { name: say(language, 'requests.declineAndBlock') }).click();
    await expect(payer.locator('.badge-danger')).toBeVisible();
    await payee.goto(`/requests/${declined.id}`);
    await expect(payee.getByText('Not mine')).toBeVisible();
    await payer.goto('/requests');
    await expect(payer.locator('a.request')).toHaveCount(0);
    await button(payer, language, 'requests.unblock').click();
    await expect(payer.locator('a.request')).toHaveCount(2);
    await payer.locator('select').selectOption('declined');
    await expect(payer.locator('a.request')).toHaveCount(1);
    await payer.locator('select').selectOption('expired');
    await expect(text(payer, language, 'requests.noneOf')).toBeVisible();

    // One is taken back while the payer looks at it.
    const cancelled = await ask(stack, mona, { to: omar.id, amount: '2.00' });
    await payer.goto(`/requests/${cancelled.id}`);
    await expect(payer.getByTestId('pay')).toBeVisible();
    await payee.goto(`/requests/${cancelled.id}`);
    await button(payee, language, 'requests.cancel').click();
    await payee.getByRole('dialog').getByRole('button', { name: say(language, 'requests.cancel') }).click();
    await expect(text(payee, language, 'requests.own_cancelled')).toBeVisible();
    await expect(payer.getByTestId('pay')).toHaveCount(0);
    await expect(text(payer, language, 'requests.ended_cancelled')).toBeVisible();
  });

  test(`a link is shown, scanned and paid (${language})`, async ({ stack, device, guard }) => {
    guard.allow(/status of (404|409)/);
    const shop = await makePerson(stack, language === 'ar' ? 'مقهى النيل' : 'Nile Café');
    const omar = await makePerson(stack, 'Omar Sherif');
    const lina = await makePerson(stack, 'Lina');
    const payee = await device(phone(language));
    await signIn(payee, shop);
    await payee.goto('/requests/new');
    await payee.getByRole('radio', { name: say(language, 'requests.wayLink') }).check();
    await payee.locator('input[inputmode=decimal]').fill('20');
    await payee.locator('select').selectOption('7');
    await button(payee, language, 'requests.submitLink').click();
    await expect(payee.locator('svg.qr')).toBeVisible();
    await look(payee, 'requests-link', language);
    const files: Record<string, string> = {};
    for (const kind of ['svg', 'png']) {
      const file = payee.waitForEvent('download');
      await button(payee, language, `qr.${kind}`).click();
      expect((await file).suggestedFilename()).toBe(`payment-request.${kind}`);
      files[kind] = await (await file).path();
    }
    const link = `/r/${((await payee.locator('.pay-link').textContent()) ?? '').split('/r/')[1]}`;
    const back = payee.url();
    await payee.locator('a[href$="/card"]').click();
    await look(payee, 'counter-card', language);
    await payee.locator('input[type=file]').setInputFiles(files['png'] ?? '');
    await expect(payee.locator('.counter-logo img')).toBeVisible();
    await payee.emulateMedia({ media: 'print' });
    const paper = await payee.locator('.counter-card').boundingBox();
    // 105 × 148 mm.
    expect([Math.round(paper?.width ?? 0), Math.round(paper?.height ?? 0)]).toEqual([397, 559]);
    await payee.emulateMedia({ media: 'screen' });
    await payee.goto(back);

    // Somebody without a session sees who asks for what, and goes on to it.
    const stranger = await device(phone(language));
    await stranger.goto(link);
    await expect(stranger.getByText(shop.displayName)).toBeVisible();
    await look(stranger, 'requests-public', language);
    // Of what a preview reads, nothing tells of the request.
    const head = (await (await stranger.request.get(link)).text()).split('<body')[0];
    expect(head).toContain('og:title');
    expect(head).not.toContain(link.slice(3));

    // Another finds the code in a picture, and is slower.
    const payer = await device(phone(language));
    await signIn(payer, omar);
    await payer.locator('a[href="/scan"]').click();
    await look(payer, 'scan', language);
    await payer.getByRole('textbox').fill(kPix);
    await button(payer, language, 'scan.go').click();
    await expect(text(payer, language, 'scan.code_pix')).toBeVisible();
    await payer.locator('input[type=file]').setInputFiles(files['png'] ?? '');
    await expect(payer.getByTestId('pay')).toBeVisible();
    await expect(payer.getByText(say(language, 'requests.firstTime').split('{{')[0] ?? '')).toBeVisible();

    await stranger.getByRole('link', { name: say(language, 'requests.signInToPay') }).click();
    await expect(stranger.locator('.asked')).toContainText(shop.displayName);
    await stranger.locator('input[type=email]').fill(lina.email);
    await stranger.locator('input[autocomplete=current-password]').fill(lina.password);
    await stranger.locator('form button[type=submit]').click();
    await expect(text(stranger, language, 'requests.youPay')).toBeVisible();
    // The other page hears of it only when it is too late.
    await payer.route('**/api/transactions/stream', (route) => route.abort());
    await stranger.getByTestId('pay').click();
    await expect(stranger.locator('.done')).toBeVisible();
    await payer.getByTestId('pay').click();
    await expect(text(payer, language, 'error.request_already_paid')).toBeVisible();
    await look(payer, 'requests-late', language);
    expect(await balance(stack, lina)).toBe('980.00');
    expect(await balance(stack, omar)).toBe('1000.00');
    await expect(payee.locator('.badge-ok')).toBeVisible();

    const late = await device(phone(language));
    await late.goto(link);
    await expect(text(late, language, 'requests.link_paid')).toBeVisible();
    await look(late, 'requests-public-paid', language);
    await late.goto('/r/AAAAAAAAAAAAAAAAAAAAAA');
    await expect(text(late, language, 'requests.unknown')).toBeVisible();
  });
}

test('a code on a counter is found by the camera, and paid again and again', async ({
  stack,
  device,
  guard,
}) => {
  guard.allow(/Service Worker registration blocked/);
  const shop = await makePerson(stack, 'Nile Café');
  const omar = await makePerson(stack, 'Omar Sherif');
  const { id } = await ask(stack, shop, { uses: 'many', note: 'Lunch' });
  const till = await device({ ...phone('en'), viewport: { width: 1280, height: 900 } });
  await signIn(till, shop);
  await till.goto(`/requests/${id}`);
  const file = till.waitForEvent('download');
  await button(till, 'en', 'qr.png').click();
  const png = readFileSync(await (await file).path()).toString('base64');

  const payer = await device(phone('en'));
  // The camera sees the card, somewhat small and aslant.
  await payer.addInitScript((picture) => {
    navigator.mediaDevices.getUserMedia = async () => {
      const image = new Image();
      image.src = `data:image/png;base64,${picture}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = 640;
      canvas.height = 480;
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      const draw = () => {
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.fillStyle = '#998';
        context.fillRect(0, 0, 640, 480);
        context.setTransform(1, 0.12, -0.1, 1, 220, 110);
        context.drawImage(image, 0, 0, 240, 240);
        requestAnimationFrame(draw);
      };
      draw();
      const stream = canvas.captureStream(10);
      Object.assign(window, { camera: stream.getVideoTracks()[0] });
      return stream;
    };
  }, png);
  await signIn(payer, omar);
  // The camera is off, and the code opened once, though the page that pays is long in coming.
  let come = () => {};
  const arrived = new Promise<void>((done) => {
    come = done;
  });
  await payer.route('**/assets/RequestsPages-*.js', async (route) => {
    await arrived;
    await route.continue();
  });
  const visited = await payer.evaluate(() => history.length);
  await payer.goto('/scan');
  await expect
    .poll(() =>
      payer.evaluate(() => (window as never as { camera?: MediaStreamTrack }).camera?.readyState),
    )
    .toBe('ended');
  expect(await payer.evaluate(() => history.length)).toBe(visited + 2);
  come();
  await expect(payer.getByText('Lunch')).toBeVisible();
  for (const [amount, left] of [
    ['7.25', '992.75'],
    ['2.75', '990.00'],
  ] as const) {
    await payer.goto('/scan');
    await expect(payer.getByText('Lunch')).toBeVisible();
    await payer.locator('input[inputmode=decimal]').fill('5000');
    await expect(payer.locator('.field-error')).toBeVisible();
    await payer.locator('input[inputmode=decimal]').fill(amount);
    await payer.getByTestId('pay').click();
    await expect(payer.locator('.done')).toBeVisible();
    expect(await balance(stack, omar)).toBe(left);
  }
  await expect(till.locator('a.entry')).toHaveCount(2);
  await look(till, 'requests-many', 'desktop');
});
