import { amounts, balance, makePerson, signIn, tokenOf } from './support/people';
import { expect, test } from './support/test';

test('finds the payee by e-mail, confirms, pays, shows a receipt', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'Omar Sherif');
  await signIn(page, mona);
  await page.getByRole('link', { name: 'Send', exact: true }).first().click();
  await page.getByLabel('E-mail or username').fill(omar.email.toUpperCase());
  await page.keyboard.press('Enter');
  await expect(page.getByText('Is this who you mean?')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Omar Sherif' })).toBeVisible();
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByLabel(/^Amount/).fill('0.10');
  await page.getByLabel('Note (optional)').fill('Lunch & \u2068قهوة\u2069 <b>');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByText('Lunch & قهوة <b>')).toBeVisible();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  await page.getByRole('link', { name: 'See receipt' }).click();
  await expect(page.getByRole('heading', { name: 'Receipt' })).toBeVisible();
  await expect(page.getByText('Lunch & قهوة <b>')).toBeVisible();
  // On paper: the issuer, both sides and the reference, in ink whatever the theme, and no balance.
  await page.evaluate(() => {
    document.documentElement.dataset['theme'] = 'dark';
    window.dispatchEvent(new Event('beforeprint'));
  });
  await page.emulateMedia({ media: 'print' });
  const sheet = page.locator('.print-sheet');
  await expect(sheet).toContainText(/Mini-InstaPay.*Receipt.*0\.10.*Mona Hassan.*Omar Sherif.*Reference/s);
  await expect(sheet).not.toContainText('999.90');
  await expect(sheet).toHaveCSS('color', 'rgb(0, 0, 0)');
  await expect(page.locator('#root')).toBeHidden();
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: null });
  await expect(sheet).toHaveCount(0);
  expect(await amounts(stack, mona, 'out')).toEqual(['0.10']);
  expect(await balance(stack, mona)).toBe('999.90');
});

test('a double click pays once', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}&amount=7.77`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').dblclick();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  // Back to the review and once more: still the same payment.
  await page.goBack();
  await page.waitForTimeout(300);
  expect(await amounts(stack, mona, 'out')).toEqual(['7.77']);
});

test('a lost answer is asked for again with the same key', async ({ stack, page, guard }) => {
  guard.allow(/net::ERR_/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  const keys: (string | undefined)[] = [];
  await page.route('**/api/transactions', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 1) return route.continue();
    // The server does the work; its answer never arrives.
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.goto(`/send?to=${omar.username}&amount=12.34`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
  expect(await amounts(stack, mona, 'out')).toEqual(['12.34']);
});

test('a reload while the payment is on its way pays once and says so', async ({
  stack,
  page,
  guard,
}) => {
  guard.allow(/net::ERR_/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  let held = 0;
  await page.route('**/api/transactions', async (route) => {
    if (route.request().method() !== 'POST' || held > 0) return route.continue();
    held += 1;
    await route.fetch();
    // No answer: the page is reloaded while it waits.
  });
  await page.goto(`/send?to=${omar.username}&amount=3.21`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await expect.poll(() => held).toBe(1);
  await expect.poll(() => amounts(stack, mona, 'out')).toEqual(['3.21']);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  expect(await amounts(stack, mona, 'out')).toEqual(['3.21']);
});

test('refusals say why', async ({ stack, page, guard }) => {
  guard.allow(/status of (404|422|403)/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);

  await page.goto('/send');
  const payee = page.getByLabel('E-mail or username');
  await payee.fill('not an address');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('Enter an e-mail or a username.')).toBeVisible();
  await payee.fill('nobody@example.com');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText(/Nobody here has this name or address: .*nobody@example\.com/)).toBeVisible();
  await payee.fill(mona.email);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('That is you.')).toBeVisible();

  await payee.fill(`@${omar.username}`);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  const amount = page.getByLabel(/^Amount/);
  for (const [text, message] of [
    ['', 'Enter an amount.'],
    ['0', 'more than zero'],
    ['1.234', /at most .*2.* digits/],
    ['1e3', 'such as 120.50'],
    ['-5', 'such as 120.50'],
    ['1000.01', /EGP.0\.01.* short/],
  ] as const) {
    await amount.fill(text);
    await page.getByRole('button', { name: 'Review' }).click();
    await expect(page.getByRole('alert').getByText(message)).toBeVisible();
  }
  // What the wallet knows already stands there before the review is asked for.
  const staff = await tokenOf(stack, stack.operator);
  const limits = { perTransfer: '800.00', perDay: '5000.00', reason: 'Test' };
  await stack.api('PUT', `/api/users/${mona.id}/limits`, limits, staff);
  await page.reload();
  await expect(page.getByText(/At most .*800\.00.* at once/)).toBeVisible();
  for (const [text, message] of [
    ['1000.01', /at most .*800\.00.* at once/],
    ['800.01', /at most .*800\.00.* at once/],
  ] as const) {
    await amount.fill(text);
    await expect(page.getByRole('alert').getByText(message)).toBeVisible();
  }
  await amount.fill('799');
  await expect(page.getByRole('alert').getByText(/./)).toHaveCount(0);

  // The money goes elsewhere between the review and the tap: the server's reason is shown.
  await amount.fill('600');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByTestId('pay')).toBeVisible();
  await stack.api(
    'POST',
    '/api/transactions',
    { sender_email: mona.email, receiver_email: omar.email, amount: '700.00' },
    mona.token,
  );
  await page.getByTestId('pay').click();
  await expect(page.getByRole('alert').getByText(/EGP.300\.00.* short/)).toBeVisible();
  expect(await balance(stack, mona)).toBe('300.00');
});

test('a frozen wallet cannot send and says so', async ({ stack, page, guard }) => {
  guard.allow(/status of (403|422)/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}&amount=5`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  const operator = await stack.api<{ accessToken: string }>(
    'POST',
    '/api/users/login',
    stack.operator,
  );
  const frozen = await stack.api(
    'PATCH',
    `/api/users/${mona.id}`,
    { status: 'frozen' },
    operator.body.accessToken,
  );
  expect(frozen.status, frozen.text).toBe(200);
  await page.getByTestId('pay').click();
  const said = page.getByText('Your wallet is frozen. You cannot send money now.');
  await expect(said).toBeVisible();
  // From then on it is said before anything is filled in, with a way to help.
  const support = page.getByRole('link', { name: 'Contact support' });
  await page.goto('/send');
  await expect(said).toBeVisible();
  await expect(support).toHaveAttribute('href', 'mailto:help@example.com');
  await expect(page.getByLabel('E-mail or username')).toHaveCount(0);
  await page.goto('/');
  await expect(page.getByText('Your wallet was frozen by whoever runs this platform')).toBeVisible();
  await expect(support).toBeVisible();
});

test('a freeze leaves a payment that is on its way in sight', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  let answer = () => {};
  const mayAnswer = new Promise<void>((done) => (answer = done));
  await page.route('**/api/transactions', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch();
    await mayAnswer;
    await route.fulfill({ response });
  });
  await page.goto(`/send?to=${omar.username}&amount=6.54`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await expect.poll(() => amounts(stack, mona, 'out')).toEqual(['6.54']);
  const staff = await tokenOf(stack, stack.operator);
  const frozen = await stack.api('PATCH', `/api/users/${mona.id}`, { status: 'frozen' }, staff);
  expect(frozen.status, frozen.text).toBe(200);
  // Back from where there is no network it reads again how the wallet stands.
  const told = page.waitForResponse(
    async (response) =>
      response.url().endsWith('/api/users/me') && (await response.text()).includes('"frozen"'),
  );
  await page.evaluate(() => {
    for (const name of ['offline', 'online']) window.dispatchEvent(new Event(name));
  });
  await told;
  await expect(page.getByTestId('pay')).toBeVisible();
  answer();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  await page.getByRole('link', { name: 'Done' }).click();
  await page.goto('/send');
  await expect(page.getByText('Your wallet is frozen. You cannot send money now.')).toBeVisible();
});

test('a payment link says who asks for what, and leads through the sign-in to the review', async ({
  stack,
  page,
}) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar Sherif');
  await page.goto(`/pay?to=${omar.id}&amount=45.5&note=Taxi`);
  await expect(page).toHaveURL(/sign-in\?next=/);
  const asked = page.getByRole('region', { name: 'Payment link' });
  await expect(asked).toContainText('Omar Sherif');
  await expect(asked).toContainText('45.50');
  await expect(asked).toContainText('Taxi');
  await page.locator('input[type=email]').fill(mona.email);
  await page.locator('input[autocomplete=current-password]').fill(mona.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByTestId('pay')).toContainText('45.50');
  await expect(page.getByText('Taxi')).toBeVisible();
  await page.getByRole('link', { name: 'Change' }).click();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('45.50');

  // Without an amount it is the payer's to say; one that cannot be read is not a free one.
  await page.goto(`/pay?to=${omar.username}`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('');
  for (const path of ['pay', 'send']) {
    await page.goto(`/${path}?to=${omar.username}&amount=12.345`);
    await expect(page.getByText('The amount of this link cannot be read')).toBeVisible();
  }
  await page.goto(`/pay?to=${mona.id}&amount=5`);
  await expect(page.getByText('This link is your own')).toBeVisible();
});

test('the whole payment by keyboard alone', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  await page.goto('/send');
  await page.getByLabel('E-mail or username').focus();
  await page.keyboard.type(omar.username);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Yes, continue' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel(/^Amount/)).toBeFocused();
  await page.keyboard.type('2.50');
  await page.keyboard.press('Enter');
  const button = page.getByTestId('pay');
  await expect(button).toBeVisible();
  for (let tab = 0; tab < 15; tab += 1) {
    if (await button.evaluate((node) => node === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
});
