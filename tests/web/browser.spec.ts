import { makePerson, pay, signIn, tokenOf } from './support/people';
import { expect, test } from './support/test';

// What browsers, networks and people's settings do to the wallet.

test('storage that is refused takes nothing away but being kept', async ({
  stack,
  device,
  guard,
}) => {
  // Without storage every start asks for a session, also before there is one.
  guard.allow(/status of 401/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const page = await device();
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get: refuse });
    // Browsers that refuse storage refuse locks with it.
    navigator.locks.request = () =>
      Promise.reject(new DOMException('The request was denied.', 'SecurityError'));
  });
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}&amount=3`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  await page.getByRole('link', { name: 'Send', exact: true }).first().click();
  await page.getByLabel('E-mail or username').fill(omar.username);
  await page.goto('/settings');
  await page.getByRole('radio', { name: 'العربية' }).click({ force: true });
  await expect(page.getByRole('heading', { name: 'الإعدادات' })).toBeVisible();
});

test('the network is back: noticed behind an edge that keeps /health inside', async ({
  stack,
  page,
  guard,
}) => {
  guard.allow(/net::ERR_|status of 404/);
  const mona = await makePerson(stack, 'Mona');
  await page.route(/\/health/, (route) => route.fulfill({ status: 404, body: 'not here' }));
  await signIn(page, mona);
  const notice = page.getByText('You are offline. Everything continues when you are back.');
  await page.context().setOffline(true);
  await expect(notice).toBeVisible();
  const again = page.waitForResponse('**/api/users/me');
  await page.context().setOffline(false);
  await expect(notice).toBeHidden();
  // What is on the screen is read again, though nothing came over the stream.
  expect((await again).status()).toBe(200);
});

test('a payment link keeps & # % + in its note, also through sign-in and registering', async ({
  stack,
  page,
}) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const note = 'Rent & tea #3, 50%26 + 100% ?=/';
  const link = `/pay?${new URLSearchParams({ to: omar.username, amount: '45.5', note }).toString()}`;
  await page.goto(link);
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.getByRole('link', { name: 'Open a wallet' }).click();
  await expect(page).toHaveURL(/register\?next=/);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.locator('input[type=email]').fill(mona.email);
  await page.locator('input[autocomplete=current-password]').fill(mona.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByTestId('pay')).toContainText('45.50');
  await expect(page.getByText(note)).toBeVisible();
});

test('a filter by date means the days of the reader, as the headings do', async ({
  stack,
  device,
}) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await pay(stack, mona, omar, '1.00', 'across midnight');
  // Where it is another day than in UTC now.
  const early = new Date().getUTCHours() < 12;
  const timezoneId = early ? 'Etc/GMT+12' : 'Pacific/Kiritimati';
  const day = new Date(Date.now() + (early ? -12 : 14) * 3_600_000).toISOString().slice(0, 10);
  const page = await device({ timezoneId });
  await signIn(page, mona);
  await page.goto(`/activity?from=${day}&to=${day}`);
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await expect(page.getByText('across midnight')).toBeVisible();
  const other = new Date().toISOString().slice(0, 10);
  await page.goto(`/activity?from=${other}&to=${other}`);
  await expect(page.getByText('Nothing matches')).toBeVisible();

  const staff = await device({ timezoneId });
  await signIn(staff, stack.operator);
  await staff.goto(`/console/transactions?user=${mona.username}&from=${day}&to=${day}`);
  await expect(staff.getByText('across midnight')).toBeVisible();
});

test('the boxes of the filters say what is filtered, and an entry leads back to it', async ({
  stack,
  page,
}) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await pay(stack, mona, omar, '5.00', 'tea');
  await signIn(page, mona);
  await page.goto('/activity?q=tea&min=5.00&direction=out');
  await expect(page.getByLabel('At least')).toHaveValue('5.00');
  await page.getByRole('link', { name: /Omar/ }).click();
  await expect(page.getByRole('heading', { name: 'Receipt' })).toBeVisible();
  await page.reload();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page).toHaveURL(/q=tea/);
  await expect(page.getByLabel('Search people and notes')).toHaveValue('tea');

  await page.getByLabel('At least').fill('900');
  await page.getByLabel('At least').blur();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(/\/activity$/);
  await expect(page.getByLabel('At least')).toHaveValue('');
  await expect(page.getByLabel('Search people and notes')).toHaveValue('');
  await expect(page.getByRole('radio', { name: 'All' })).toBeChecked();
});

test('each step of Send begins at its top, with its title', async ({ stack, device }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const page = await device({
    viewport: { width: 360, height: 420 },
    hasTouch: true,
    isMobile: true,
  });
  await signIn(page, mona);
  const scrolled = () => page.evaluate(() => window.scrollY);
  const title = (name: string) => page.getByRole('heading', { name, level: 1 });
  await page.goto(`/send?to=${omar.username}&amount=1`);
  await page.getByRole('button', { name: 'Yes, continue' }).tap();
  await expect(title('How much?')).toBeFocused();
  expect(await scrolled()).toBe(0);
  await page.getByRole('button', { name: 'Review' }).tap();
  await expect(title('Check and send')).toBeFocused();
  expect(await scrolled()).toBe(0);
  await page.getByTestId('pay').tap();
  await expect(title('Sent')).toBeFocused();
  expect(await scrolled()).toBe(0);
});

test('the largest amounts, names and notes fit a small phone', async ({ stack, device }) => {
  const mona = await makePerson(
    stack,
    'Mona Abdelrahman El-Sayed Mostafa Hassan Ibrahim Abdelaziz',
  );
  const omar = await makePerson(stack, 'W'.repeat(64));
  const staff = await tokenOf(stack, stack.operator);
  await pay(stack, mona, omar, '1.00', 'a note that is as long as notes can be '.repeat(3).trim());
  const path = `/api/users/${omar.id}/balance`;
  await stack.api('PUT', path, { amount: '89999999998000', reason: 'much' }, staff, {
    'Idempotency-Key': 'much',
  });
  const paid = await pay(stack, omar, mona, '10000000000000.00', 'ق'.repeat(140));
  for (const locale of ['en-GB', 'ar-EG']) {
    const page = await device({ locale, viewport: { width: 360, height: 740 } });
    await signIn(page, omar);
    const check = async (where: string) => {
      await expect(page.locator('.money').first()).toBeVisible();
      const wrong = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const cut = Array.from(document.querySelectorAll<HTMLElement>('.when')).filter(
          (node) => node.scrollWidth > node.clientWidth + 1,
        );
        const outside = Array.from(
          document.querySelectorAll('.money, .pay-link, .qr-who > *'),
        ).filter((node) => {
          const box = node.getBoundingClientRect();
          const around = node.closest('.card, .hero, main')?.getBoundingClientRect();
          return around && (box.left < around.left - 1 || box.right > around.right + 1);
        });
        return [
          ...(scrollWidth > clientWidth ? ['the page is wider than the screen'] : []),
          ...cut.map((node) => `a time is cut: ${node.textContent}`),
          ...outside.map((node) => `out of its card: ${node.textContent}`),
        ];
      });
      expect(wrong, `${where} in ${locale}`).toEqual([]);
    };
    await page.goto('/receive');
    await page.locator('input[inputmode=decimal]').fill('90000000000000');
    await page.locator('input[maxlength="140"]').fill('ق'.repeat(140));
    await check('receive');
    for (const where of ['/', '/activity', `/activity/${paid}`, '/insights']) {
      await page.goto(where);
      await check(where);
    }
    await page.goto(`/send?to=${mona.username}&amount=70000000000000`);
    await page.locator('.payee-card button').click();
    await check('amount');
    await page.locator('form button[type=submit]').click();
    await check('review');
  }
});
