import { readFile } from 'node:fs/promises';
import { amounts, balance, makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';

test('activity: endless, by day, searched, filtered, saved as CSV', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'عمر الشريف');
  const nour = await makePerson(stack, 'Nour');
  for (let index = 0; index < 24; index += 1) await pay(stack, mona, omar, '1.25', `note ${index}`);
  await pay(stack, nour, mona, '88.00', 'قهوة الصباح');
  await signIn(page, mona);
  await page.goto('/activity');
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await page.mouse.wheel(0, 4_000);
  // 24 + 1 + the opening balance.
  await expect(page.locator('a.item')).toHaveCount(26);
  await expect(page.getByText('That is everything.')).toBeVisible();

  // Back from a receipt is back at the entry that was opened, by the page's own link and by the
  // browser's, from wherever it was opened.
  const early = page.locator('a.item', { hasText: 'note 1' }).last();
  const href = await early.getAttribute('href');
  for (const back of [
    () => page.getByRole('link', { name: 'Back' }).click(),
    () => page.goBack(),
  ]) {
    await early.click();
    await expect(page.getByRole('heading', { name: 'Receipt' })).toBeVisible();
    await back();
    await expect(page.locator(`a.item[href="${href}"]`)).toBeFocused();
    await expect(page.locator(`a.item[href="${href}"]`)).toBeInViewport();
  }
  // Back from a step of Send to another is none to the page that is opened after it.
  await page.getByRole('link', { name: 'Send', exact: true }).first().click();
  await page.getByLabel('E-mail or username').fill(omar.username);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.goBack();
  await page.getByRole('link', { name: 'Activity' }).first().click();
  await expect(page.locator(`a.item[href="${href}"]`)).toBeVisible();
  await expect(page.locator('#main')).toBeFocused();
  await page.getByRole('link', { name: 'Home' }).first().click();
  await page.locator('a.item').first().click();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByTestId('balance')).toBeVisible();
  await page.goto('/activity');

  await page.getByLabel('Search people and notes').fill(`@${nour.username}`);
  await expect(page.locator('a.item')).toHaveCount(1);
  await page.getByLabel('Search people and notes').fill('قهوة');
  await expect(page.locator('a.item')).toHaveCount(1);
  await expect(page.locator('a.item')).toContainText('Nour');
  await page.getByLabel('Search people and notes').fill('');
  await expect(page.locator('a.item')).not.toHaveCount(1);

  // One person's alone, under their name, also when there is nothing to be found.
  await page.goto(`/activity?with=${nour.id}`);
  await expect(page.locator('.chip')).toContainText('Nour');
  await page.getByRole('radio', { name: 'Out' }).check({ force: true });
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await expect(page.locator('.chip')).toContainText('Nour');
  await page.goto('/activity');

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('At least').fill('٨٠');
  await page.getByLabel('At most').fill('100');
  await page.getByLabel('At most').blur();
  await expect(page.locator('a.item')).toHaveCount(1);

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const csv = await readFile(await file.path(), 'utf8');
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  expect(csv.trim().split('\r\n')).toHaveLength(2);
  expect(csv).toMatch(/,in,transfer,completed,Nour,.*,قهوة الصباح,88\.00,EGP,/);

  await page.getByLabel('Search people and notes').fill('nothing at all');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page.locator('a.item').first()).toBeVisible();
});

test('a receipt, refunds in parts, and one by an operator', async ({ stack, page, device }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const id = await pay(stack, omar, mona, '40.00', 'tickets');
  await signIn(page, mona);
  await page.goto(`/activity/${id}`);
  await expect(page.getByRole('heading', { name: 'Receipt' })).toBeVisible();
  await expect(page.getByText(id)).toBeVisible();
  await page.getByRole('button', { name: 'Refund' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel(/^Amount/)).toHaveValue('40.00');
  await dialog.getByLabel(/^Amount/).fill('40.01');
  await dialog.getByRole('button', { name: 'Refund' }).click();
  await expect(dialog.getByText('more than is left')).toBeVisible();
  await dialog.getByLabel(/^Amount/).fill('15.00');
  await dialog.getByRole('button', { name: 'Refund' }).dblclick();
  await expect(dialog).toBeHidden();
  await expect.poll(() => balance(stack, mona)).toBe('1025.00');
  expect(await amounts(stack, mona, 'out')).toEqual(['15.00']);
  // 15 are given back, 25 are left, and everything that shows the payment says so.
  const receipt = page.locator('.receipt');
  await expect(receipt).toContainText('Partly refunded');
  await expect(receipt.locator('dl > div', { hasText: 'Refunded' })).toContainText('15.00');
  await page.getByRole('button', { name: 'Refund' }).click();
  await expect(dialog.getByLabel(/^Amount/)).toHaveValue('25.00');
  await dialog.getByLabel(/^Amount/).fill('25.01');
  await dialog.getByRole('button', { name: 'Refund' }).click();
  await expect(dialog.getByText(/more than is left to refund: .*25\.00/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  // An operator gives the rest back, with a reason that the log keeps; the receiver's page follows.
  const staff = await device();
  await signIn(staff, stack.operator);
  await staff.goto(`/console/users/${mona.id}`);
  await expect(staff.getByTestId('user-balance')).toHaveText(/1,025\.00/);
  await staff.getByRole('link', { name: 'Transactions', exact: true }).click();
  await staff.getByLabel('User', { exact: true }).fill(mona.username);
  await staff.getByRole('button', { name: 'Search' }).click();
  await staff.getByRole('row', { name: /tickets/ }).getByRole('link').first().click();
  await staff.getByRole('button', { name: 'Refund' }).click();
  await staff.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
  await expect(staff.getByRole('dialog').getByText('This is needed.')).toBeVisible();
  await staff.getByRole('dialog').getByLabel('Reason').fill('Cancelled show');
  await staff.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
  await expect(staff.getByRole('dialog')).toBeHidden();
  await expect(staff.getByRole('button', { name: 'Refund' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Refund' })).toHaveCount(0);
  await page.goto('/activity');
  await expect(page.locator('a.item', { hasText: 'tickets' })).toContainText('Refunded');
  await staff.getByRole('link', { name: 'Back' }).click();
  await expect(staff).toHaveURL(/console\/transactions\?user=/);
  await staff.keyboard.press('Control+k');
  await staff.getByRole('combobox', { name: /^People, payments/ }).fill(mona.id);
  await staff.getByRole('option', { name: /^User/ }).click();
  await expect(staff.getByTestId('user-balance')).toHaveText(/1,000\.00/);
  await staff.goto('/console/actions');
  await expect(staff.locator('.actions li').first()).toContainText('Cancelled show');
});

test('someone else’s transaction is not found', async ({ stack, page, guard }) => {
  guard.allow(/status of 404/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const nour = await makePerson(stack, 'Nour');
  const id = await pay(stack, omar, nour, '1.00');
  await signIn(page, mona);
  await page.goto(`/activity/${id}`);
  await expect(page.getByText('There is nothing at this address.')).toBeVisible();
});

test('my QR code and link carry the amount', async ({ stack, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await page.goto('/receive');
  await expect(page.getByRole('img', { name: /QR code to pay/ })).toBeVisible();
  await page.getByLabel(/^Amount/).fill('75');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${stack.url}/pay?to=${mona.id}&amount=75.00`);

  // An amount that cannot be read has no code: it would ask for any amount.
  await page.getByLabel(/^Amount/).fill('12.345');
  await expect(page.getByRole('img', { name: /QR code to pay/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Copy link' })).toBeDisabled();
  await page.getByLabel(/^Amount/).fill('34.50');
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('This browser does not let us copy.')).toBeVisible();

  // At a till: who paid and how much, as soon as it is there, then the next customer.
  const omar = await makePerson(stack, 'Omar Sherif');
  await page.getByRole('button', { name: 'Shop' }).click();
  await expect(page.getByRole('img', { name: /QR code to pay/ })).toBeInViewport();
  await pay(stack, omar, mona, '34.50');
  await expect(page.locator('.shop-received')).toContainText(/34\.50.*from.*Omar Sherif/s);
  await page.getByRole('button', { name: 'Next customer' }).click();
  await expect(page.getByLabel(/^Amount/)).toHaveValue('');
  await pay(stack, omar, mona, '1.00');
  await expect(page.locator('.shop-received')).toContainText('1.00');
  // What is not a customer's is told as it is elsewhere.
  const id = await pay(stack, mona, omar, '2.25');
  const given = await stack.api('POST', `/api/transactions/${id}/refund`, {}, omar.token, {
    'Idempotency-Key': id,
  });
  expect(given.status, given.text).toBe(201);
  await expect(page.locator('.toast').filter({ hasText: '2.25' })).toBeVisible();
  await expect(page.locator('.shop-received')).toContainText('1.00');
  await page.getByRole('button', { name: 'Close shop mode' }).click();
  await expect(page.getByRole('heading', { name: 'Receive' })).toBeVisible();
});

test('insights add up and have a table behind each chart', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await pay(stack, mona, omar, '10.10');
  await pay(stack, mona, omar, '20.20');
  await pay(stack, omar, mona, '5.05');
  await signIn(page, mona);
  await page.goto('/insights');
  await expect(page.locator('.tile').nth(1)).toContainText('30.30');
  await expect(page.locator('.tile').nth(1)).toContainText('2 payments');
  const chart = page.getByRole('figure', { name: 'Money in and out' });
  await expect(chart.getByRole('img')).toBeVisible();
  await chart.getByText('Show as a table').click();
  await expect(chart.getByRole('table')).toContainText('30.30');
  await page.getByRole('radio', { name: 'Month' }).check({ force: true });
  await expect(page.locator('.tile').nth(1)).toContainText('30.30');
  await expect(page.getByText('The last 12 months')).toBeVisible();

  // A person leads to what was exchanged with them, and not with others of their name.
  const namesake = await makePerson(stack, 'Omar');
  await pay(stack, mona, namesake, '1.00');
  await page.getByRole('link', { name: /Omar.*3 payments/ }).click();
  await expect(page.locator('a.item')).toHaveCount(3);
  await page.getByRole('button', { name: 'Show everybody' }).click();
  await expect(page.locator('a.item')).toHaveCount(5);
});

test('Arabic: right to left, Arabic numerals and plurals, names in both scripts', async ({
  stack,
  device,
}) => {
  const mona = await makePerson(stack, 'منى حسن');
  const omar = await makePerson(stack, 'Omar Sherif');
  await pay(stack, omar, mona, '2.00', 'Lunch');
  const page = await device({
    locale: 'ar-EG',
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await signIn(page, mona);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
  await expect(page.getByTestId('balance')).toHaveText(/١٬٠٠٢٫٠٠/);
  await page.goto(`/send?to=${omar.username}`);
  await page.getByRole('button', { name: 'نعم، تابع' }).click();
  await expect(page.locator('.amount-currency')).toHaveText('ج.م.');
  await page.getByLabel(/^المبلغ/).fill('٩٠٠٠');
  // The currency's own full stop ends the sentence.
  await expect(page.getByRole('alert').getByText('ينقصك')).toHaveText(/[^.]\.[\u061c\u200f\u2069]*$/);
  await page.getByLabel(/^المبلغ/).fill('');
  const keys = page.locator('.keypad button');
  for (const key of ['٣', '٤']) await keys.filter({ hasText: key }).tap();
  await expect(page.getByLabel(/^المبلغ/)).toHaveValue('٣٤');
  await page.getByLabel(/^المبلغ/).fill('١٢٫٥٠');
  await page.getByRole('button', { name: 'مراجعة' }).click();
  await expect(page.getByTestId('pay')).toContainText('١٢٫٥٠');
  await page.getByTestId('pay').click();
  await expect(page.getByRole('heading', { name: 'تم الإرسال' })).toBeVisible();
  expect(await amounts(stack, mona, 'out')).toEqual(['12.50']);
  await page.goto('/insights');
  await expect(page.getByText('دفعة واحدة').first()).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
});

test('on a phone the page’s own keypad types the amount', async ({ stack, device }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  const page = await device({
    viewport: { width: 360, height: 592 },
    hasTouch: true,
    isMobile: true,
  });
  await signIn(page, mona);
  await page.goto(`/send?to=${omar.username}`);
  await page.getByRole('button', { name: 'Yes, continue' }).tap();
  const keypad = page.getByRole('group', { name: 'Amount keypad' });
  // All of it is on a small screen, with nothing over it.
  const review = page.getByRole('button', { name: 'Review' });
  await expect(keypad.getByRole('button', { name: 'Erase' })).toBeInViewport({ ratio: 1 });
  await expect(review).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  const gap = await keypad.evaluate((node) => {
    const bar = document.querySelector('.send-bar');
    return (bar?.getBoundingClientRect().top ?? 0) - node.getBoundingClientRect().bottom;
  });
  expect(gap).toBeGreaterThanOrEqual(0);
  for (const key of ['1', '2', 'Decimal point', '5', '0', '9', 'Erase', '5'])
    await keypad.getByRole('button', { name: key, exact: true }).tap();
  // The third digit after the point was not taken; Erase took the 0.
  await expect(page.getByRole('textbox', { name: /^Amount/ })).toHaveValue('12.55');
  for (const path of ['/', '/activity', '/receive', '/insights', '/settings', '/send']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
});

test('language and theme are kept', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await page.goto('/settings');
  await page.getByRole('radio', { name: 'Dark' }).click({ force: true });
  await page.getByRole('radio', { name: 'العربية' }).click({ force: true });
  await expect(page.getByRole('heading', { name: 'الإعدادات' })).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('radio', { name: 'English' }).click({ force: true });
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});
