import { balance, makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';

test('a user has no console', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await expect(page.getByRole('link', { name: 'Operator console' })).toHaveCount(0);
  await page.goto('/console/users');
  await expect(page.getByTestId('balance')).toBeVisible();
});

test('the operator finds a user, adjusts with a reason and a confirmation, freezes', async ({
  stack,
  page,
}) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  await signIn(page, stack.operator);
  await page.goto('/console/users');
  await page.getByLabel('Search by name or e-mail').fill(mona.username);
  await page.getByRole('link', { name: mona.username }).click();
  await expect(page.getByTestId('user-balance')).toHaveText(/1,000\.00/);

  await page.getByRole('button', { name: 'Adjust balance' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Take away' }).check({ force: true });
  // More than there is: said before the last tap.
  await dialog.getByLabel(/^Amount/).fill('1000.01');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByText(/The wallet holds .*1,000\.00/)).toBeVisible();
  await dialog.getByLabel(/^Amount/).fill('250.25');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByText('This is needed.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('Chargeback 42');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByText(/749\.75/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Confirm' }).dblclick();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('user-balance')).toHaveText(/749\.75/);
  expect(await balance(stack, mona)).toBe('749.75');

  await page.getByRole('button', { name: 'Freeze' }).click();
  await dialog.getByLabel('Reason').fill('Card reported stolen');
  await dialog.getByRole('button', { name: 'Freeze' }).click();
  await expect(page.locator('.badge', { hasText: 'Frozen' })).toBeVisible();
  await page.getByRole('button', { name: 'Unfreeze' }).click();
  await dialog.getByLabel('Reason').fill('Card replaced');
  await dialog.getByRole('button', { name: 'Unfreeze' }).click();
  await expect(page.locator('.badge', { hasText: 'Active' })).toBeVisible();
});

test('the operator sets limits; a refusal says what is left', async ({
  stack,
  page,
  device,
  guard,
}) => {
  guard.allow(/status of 422/);
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'Omar');
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  const profile = page.getByRole('region', { name: 'Profile' });
  await expect(profile.getByText('No limit')).toHaveCount(2);
  await page.getByRole('button', { name: 'Set limits' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^One transfer/).fill('ten');
  await dialog.getByRole('button', { name: 'Save limits' }).click();
  await expect(dialog.getByText('such as 120.50')).toBeVisible();
  await dialog.getByLabel(/^One transfer/).fill('50');
  await dialog.getByLabel('Reason').fill('New customer');
  await dialog.getByLabel(/^A day/).fill('80');
  // What was typed outlives a reload.
  await page.reload();
  await page.getByRole('button', { name: 'Set limits' }).click();
  await expect(dialog.getByLabel(/^A day/)).toHaveValue('80');
  await dialog.getByRole('button', { name: 'Save limits' }).click();
  await expect(dialog).toBeHidden();
  await expect(profile.getByText(/50\.00/)).toBeVisible();
  await expect(profile.getByText(/80\.00/)).toBeVisible();

  const payer = await device();
  await signIn(payer, mona);
  await payer.goto(`/send?to=${omar.username}&amount=40`);
  await payer.getByRole('button', { name: 'Yes, continue' }).click();
  await payer.getByRole('button', { name: 'Review' }).click();
  await expect(payer.getByTestId('pay')).toBeVisible();
  // Another device was quicker: the refusal itself says what is left.
  await pay(stack, mona, omar, '45.00');
  await payer.getByTestId('pay').click();
  await expect(payer.getByRole('alert').getByText(/still send .*35\.00/)).toBeVisible();
  // From the amount on it is known.
  await payer.goto(`/send?to=${omar.username}&amount=60`);
  await payer.getByRole('button', { name: 'Yes, continue' }).click();
  await expect(payer.getByRole('alert').getByText(/at most .*50\.00.* at once/)).toBeVisible();
  await payer.goto('/settings');
  await expect(payer.getByRole('region', { name: 'Limits' })).toContainText('35.00');

  await page.getByRole('button', { name: 'Set limits' }).click();
  await dialog.getByLabel(/^One transfer/).fill('');
  await dialog.getByLabel(/^A day/).fill('');
  await dialog.getByLabel('Reason').fill('Known by now');
  await dialog.getByRole('button', { name: 'Save limits' }).click();
  await expect(profile.getByText('No limit')).toHaveCount(2);
});

test('an auditor sees but is offered no change', async ({ stack, page }) => {
  const auditor = await makePerson(stack, 'Audit Person');
  const mona = await makePerson(stack, 'Mona');
  const operator = await stack.api<{ accessToken: string }>(
    'POST',
    '/api/users/login',
    stack.operator,
  );
  const changed = await stack.api(
    'PATCH',
    `/api/users/${auditor.id}`,
    { role: 'auditor' },
    operator.body.accessToken,
  );
  expect(changed.status, changed.text).toBe(200);
  await signIn(page, auditor);
  await page.goto(`/console/users/${mona.id}`);
  await expect(page.getByTestId('user-balance')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Freeze' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Adjust balance' })).toHaveCount(0);
});

test('system report, transaction search, ledger and services', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'Omar');
  const id = await pay(stack, mona, omar, '17.17', 'needle in the hay');
  await signIn(page, stack.operator);
  await page.goto('/console');
  await expect(page.getByRole('figure', { name: 'Volume' })).toBeVisible();
  await expect(page.getByRole('figure', { name: 'Transfers' })).toBeVisible();
  await expect(page.getByText('Money in circulation')).toBeVisible();

  // Everything by its name, from the keyboard.
  const go = page.getByRole('combobox', { name: /^People, payments/ });
  await page.keyboard.press('Control+k');
  await go.fill(`@${mona.username}`);
  await expect(page.getByRole('option', { name: /Mona Hassan/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/console/users/${mona.id}$`));
  // At once, too: what was typed counts, whether or not anybody was found by it yet.
  await page.keyboard.press('Control+k');
  await go.fill('needle in');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/console\/transactions\?q=needle%20in$/);
  await page.keyboard.press('Control+k');
  await go.fill(id);
  await expect(page.getByRole('option', { name: /^Transaction/ })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.goto('/console/transactions');
  await page.getByLabel('Transaction ID or note').fill(id);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await expect(page.locator('tbody tr')).toContainText('17.17');
  await page.getByLabel('Transaction ID or note').fill('');
  await page.getByLabel('User', { exact: true }).fill(mona.email);
  await page.getByLabel('Kind').selectOption('transfer');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(1);

  await page.goto('/console/ledger');
  await expect(page.getByText('Balanced').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Books' })).toContainText(/EGP.0\.00.*Zero is right/s);
  await expect(page.getByRole('heading', { name: 'Hash chains' })).toBeVisible();
  for (const name of ['user', 'transaction', 'reporting'])
    await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
});
