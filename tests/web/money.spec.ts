import { amounts, balance, makePerson, signIn } from './support/people';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test('a typed amount is never guessed at', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  const amount = page.getByLabel(/^Amount/);
  for (const [text, message] of [
    ['0,500', /at most .*2.* digits/],
    ['12 50', /in groups of three/],
    ['1,00,000', /in groups of three/],
    ['1.2.3', 'such as 120.50'],
  ] as const) {
    await amount.fill(text);
    await page.getByRole('button', { name: 'Review' }).click();
    await expect(page.getByRole('alert').getByText(message)).toBeVisible();
    await expect(amount).toHaveValue(text);
  }
  await amount.fill('0,50');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
  expect(await amounts(stack, mona, 'out')).toEqual(['0.50']);
});

test('Arabic digits show as they are typed and keyed', async ({ stack, device }) => {
  const mona = await makePerson(stack, 'منى');
  const omar = await makePerson(stack, 'عمر');
  const page = await device({
    locale: 'ar-EG',
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}&amount=45.5`);
  await page.getByRole('button', { name: 'نعم' }).click();
  const amount = page.locator('#amount');
  await expect(amount).toHaveValue('٤٥٫٥٠');
  await amount.fill('١٬٠٠٠٫٢');
  await expect(amount).toHaveValue('١٬٠٠٠٫٢');
  await amount.fill('');
  const keypad = page.locator('.keypad');
  for (const key of ['١', '٢', '٫', '٥', '٠', '٩'])
    await keypad.getByText(key, { exact: true }).tap();
  await expect(amount).toHaveValue('١٢٫٥٠');
  await page.locator('form button[type=submit]').click();
  await page.getByTestId('pay').click();
  await expect(page.locator('.done')).toBeVisible();
  expect(await amounts(stack, mona, 'out')).toEqual(['12.50']);
});

test('the console and the filters read amounts as Send does', async ({ stack, page, device }) => {
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  await page.getByRole('button', { name: 'Adjust balance' }).click();
  await page.getByLabel('Reason').fill('goodwill');
  await page.getByLabel(/^Amount/).fill('0,500');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText(/at most .*2.* digits/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Set limits' }).click();
  await page.getByLabel(/^One transfer/).fill('12 50');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await expect(page.getByText(/in groups of three/)).toBeVisible();

  const hers = await device();
  await signIn(hers, mona);
  await hers.goto('/activity');
  await hers.getByRole('button', { name: 'Filters' }).click();
  const least = hers.getByLabel('At least');
  await least.fill('0,500');
  await least.press('Enter');
  await expect(hers.getByText(/at most .*2.* digits/)).toBeVisible();
  await least.fill('1,250');
  await least.blur();
  await expect(hers).toHaveURL(/min=1250\.00/);
  await expect(least).toHaveValue('1250.00');
});

for (const { code, shown, typed, refused, sent, rest } of [
  // Browsers believe that the dinar of Iraq has no digits; ISO 4217 and the server know three.
  {
    code: 'IQD',
    shown: '1,000.000',
    typed: '0,500',
    refused: '1,250',
    sent: '0.500',
    rest: '999.500',
  },
  {
    code: 'JPY',
    shown: '1,000',
    typed: '12',
    refused: '12.5',
    sent: '12',
    rest: '988',
  },
  {
    code: 'CLF',
    shown: '1,000.0000',
    typed: '0.0001',
    refused: '1,2345,',
    sent: '0.0001',
    rest: '999.9999',
  },
]) {
  test(`a payment in ${code}`, async ({ device }) => {
    test.setTimeout(180_000);
    const stack = await Stack.start({ env: { CURRENCY: code } });
    try {
      const mona = await makePerson(stack, 'Mona');
      const omar = await makePerson(stack, 'Omar');
      const page = await device({ baseURL: stack.url });
      await signIn(page, mona);
      await expect(page.getByTestId('balance')).toHaveText(new RegExp(`${shown}$`));
      await page.goto(`/send?to=${omar.username}`);
      await page.getByRole('button', { name: 'Yes, continue' }).click();
      await page.getByLabel(/^Amount/).fill(refused);
      await page.getByRole('button', { name: 'Review' }).click();
      await expect(page.getByRole('alert').getByText(/./)).toBeVisible();
      if (code === 'IQD') await expect(page.getByText('Write 1250.000 or 1.250.')).toBeVisible();
      await page.getByLabel(/^Amount/).fill(typed);
      await page.getByRole('button', { name: 'Review' }).click();
      await page.getByTestId('pay').click();
      await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible();
      expect(await amounts(stack, mona, 'out')).toEqual([sent]);
      expect(await balance(stack, mona)).toBe(rest);
      for (const path of ['/', '/activity', '/receive', '/insights']) {
        await page.goto(path);
        await expect(page.locator('h1')).toBeVisible();
        await expect(page.getByText('This page stopped working')).toBeHidden();
      }
      await page.close();
    } finally {
      await stack.stop();
    }
  });
}
