import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { look } from './support/look';
import { makePerson, pay, signIn, tokenOf, type Person } from './support/people';
import { expect, test } from './support/test';
import type { Stack } from './support/stack';

async function savedBy(page: Page, button: string) {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  const saved = await saving;
  return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), 'utf8') };
}

/** As the operator, by the API. */
async function asOperator(stack: Stack) {
  const token = await tokenOf(stack, stack.operator);
  return async (method: string, path: string, body: unknown) => {
    const key = { 'Idempotency-Key': randomUUID() };
    const done = await stack.api(method, path, body, token, key);
    expect(done.status, done.text).toBe(200);
  };
}

async function closeEmpty(stack: Stack, person: Person) {
  const operator = await asOperator(stack);
  await operator('PUT', `/api/users/${person.id}/balance`, { amount: '-1000.00', reason: 'Paid out' });
  await operator('PATCH', `/api/users/${person.id}`, { status: 'closed', reason: 'Left us' });
}

const rows = (page: Page) => page.locator('.actions li');

test('each change asks why, and the log tells it', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  await expect(page.getByText('No actions')).toBeVisible();
  const dialog = page.getByRole('dialog');
  const change = async (open: string, confirm: string, why: string) => {
    await page.getByRole('button', { name: open }).click();
    await dialog.getByLabel('Reason').fill(why);
    await dialog.getByRole('button', { name: confirm }).dblclick();
    await expect(dialog).toBeHidden();
    await expect(rows(page).first()).toContainText(why);
  };

  // Without a reason nothing is done, and what was typed outlives a reload.
  await page.getByRole('button', { name: 'Freeze' }).click();
  await dialog.getByRole('button', { name: 'Freeze' }).click();
  await expect(dialog.getByText('This is needed.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('Card reported stolen');
  await page.reload();
  await page.getByRole('button', { name: 'Freeze' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveValue('Card reported stolen');
  await dialog.getByRole('button', { name: 'Freeze' }).click();
  await expect(dialog).toBeHidden();
  await expect(rows(page).first()).toContainText(/Status\s*Active\s*became\s*Frozen/);
  await change('Unfreeze', 'Unfreeze', 'Card replaced');

  await page.getByRole('button', { name: 'Set limits' }).click();
  await dialog.getByLabel(/^One transfer/).fill('50');
  await dialog.getByLabel('Reason').fill('New customer');
  await dialog.getByRole('button', { name: 'Save limits' }).click();
  await expect(rows(page).first()).toContainText(/Limit per transfer\s*General\s*became.*50\.00/);

  const changeRole = async (role: string, why: string) => {
    await page.getByRole('button', { name: 'Change role' }).click();
    await dialog.getByRole('radio', { name: role, exact: true }).check({ force: true });
    await dialog.getByLabel('Reason').fill(why);
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await expect(dialog).toBeHidden();
  };
  await changeRole('Auditor', 'Joined the audit team');
  await expect(rows(page).first()).toContainText(/Role\s*User\s*became\s*Auditor/);

  await page.getByRole('button', { name: 'Adjust balance' }).click();
  await dialog.getByLabel(/^Amount/).fill('5');
  await dialog.getByLabel('Reason').fill('Goodwill');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(rows(page).first()).toContainText(/Adjustment.*\+.*5\.00/);
  await change('Close account', 'Close account', 'Left us');
  // What was in the wallet was paid out in the same step.
  await expect(page.getByTestId('user-balance')).toHaveText(/(^|\D)0\.00/);
  await expect(page.getByRole('button', { name: 'Erase personal data' })).toBeVisible();
  // Opened now it would be staff again.
  await expect(page.getByText('This account had a staff role.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reopen account' })).toBeHidden();
  await changeRole('User', 'No more of the audit team');
  await change('Reopen account', 'Reopen account', 'Came back');

  // Each once, though buttons were clicked twice; the page about one account links to all of them.
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole('region', { name: 'Last actions' }).getByRole('link', { name: 'See all' }).click();
  await expect(page.getByLabel('Account', { exact: true })).toHaveValue(mona.username);
  await expect(rows(page)).toHaveCount(9);
  await page.getByRole('link', { name: 'Adjustment' }).last().click();
  await expect(page.getByText('Goodwill')).toBeVisible();
});

test('the log is filtered, paged and saved', async ({ stack, page, device }) => {
  const mona = await makePerson(stack, 'Mona');
  const auditor = await makePerson(stack, 'Audit Person');
  const operator = await asOperator(stack);
  for (let round = 0; round < 14; round += 1)
    for (const status of ['frozen', 'active'])
      await operator('PATCH', `/api/users/${mona.id}`, { status, reason: `${status} ${round}` });
  await operator('PUT', `/api/users/${mona.id}/balance`, { amount: '3.00', reason: '=1+1, "طلب"' });
  await operator('PATCH', `/api/users/${auditor.id}`, { role: 'auditor', reason: 'Joined' });

  await signIn(page, auditor);
  await page.goto('/console');
  await page.getByRole('link', { name: 'Actions', exact: true }).click();
  await page.getByLabel('Account', { exact: true }).fill(mona.email);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(rows(page)).toHaveCount(25);
  await expect(rows(page).first()).toContainText('=1+1, "طلب"');
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows(page)).toHaveCount(29);
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await expect(rows(page).last()).toContainText('frozen 0');

  const { name, text } = await savedBy(page, 'CSV');
  expect(name).toBe('instapay-actions.csv');
  expect(text.startsWith('\ufeffat,actorId,actor,subjectId,subject,kind,')).toBe(true);
  expect(text.trim().split('\r\n')).toHaveLength(30);
  expect(text).toContain('"\'=1+1, ""طلب"""');

  await page.getByLabel('Kind').selectOption('adjustment');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByLabel('Who', { exact: true }).fill('nobody@example.com');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('Nothing matches')).toBeVisible();
  // The address has the filter: Back is the list before, and a link shows the same to others.
  await page.goBack();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByLabel('Who', { exact: true })).toHaveValue('');
  const desk = await device();
  await signIn(desk, stack.operator);
  const address = new URL(page.url());
  await desk.goto(address.pathname + address.search);
  await expect(rows(desk)).toHaveCount(1);

  await page.goto(`/console/actions?subject=${mona.username}&to=2001-01-01`);
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByLabel('From').fill('2002-01-01');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('The first day must not be after the last.')).toBeVisible();
});

test('closing a wallet asks where its money goes', async ({ stack, page, guard }) => {
  guard.allow(/status of 404/); // of a payee that nobody is called
  const leaver = await makePerson(stack, 'Leaver');
  const heir = await makePerson(stack, 'Heir');
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${leaver.id}`);
  await page.getByRole('button', { name: 'Close account' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/1,000\.00.* goes to/)).toBeVisible();
  await dialog.getByLabel('Reason').fill('Moves to the other account');
  await dialog.getByRole('radio', { name: 'Another wallet' }).check({ force: true });
  await expect(dialog.getByRole('button', { name: 'Close account' })).toBeDisabled();
  await dialog.getByLabel('Username or e-mail').fill('nobody.at.all');
  await dialog.getByRole('button', { name: 'Close account' }).click();
  await expect(dialog.getByText('Nobody is called so.')).toBeVisible();
  await dialog.getByLabel('Username or e-mail').fill(heir.username);
  await dialog.getByRole('button', { name: 'Close account' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('user-balance')).toHaveText(/(^|\D)0\.00/);
  await page.goto(`/console/users/${heir.id}`);
  await expect(page.getByTestId('user-balance')).toHaveText(/2,000\.00/);
});

test('a closed, empty account is erased once somebody has read what that means', async ({
  stack,
  page,
}) => {
  const leaver = await makePerson(stack, 'Somebody Unforgettable');
  await closeEmpty(stack, leaver);
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${leaver.id}`);
  await page.getByRole('button', { name: 'Erase personal data' }).click();
  const dialog = page.getByRole('dialog');
  for (const text of ['What goes', 'Password and sessions', 'What stays', 'cannot be undone'])
    await expect(dialog.getByText(text)).toBeVisible();
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(dialog.getByText('This is needed.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('Asked for, ticket 4711');
  await dialog.getByRole('button', { name: 'Erase for good' }).dblclick();
  await expect(dialog).toBeHidden();
  await expect(rows(page).first()).toContainText('Personal data erased');
  await expect(rows(page).first()).toContainText('ticket 4711');
  await expect(page.getByText('Unforgettable')).toHaveCount(0);
  await expect(page.locator('.badge', { hasText: 'Erased' })).toBeVisible();
  for (const name of ['Erase personal data', 'Reopen account'])
    await expect(page.getByRole('button', { name })).toHaveCount(0);
});

test('the balance at the end of a day', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'Omar');
  await pay(stack, mona, omar, '12.50');
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  const today = await page.evaluate(() => new Date().toLocaleDateString('sv-SE'));
  await page.getByLabel('Balance at the end of a day').fill(today);
  await expect(page.getByTestId('balance-at')).toHaveText(/so far:.*987\.50/);
  await page.getByLabel('Balance at the end of a day').fill('2020-02-29');
  await expect(page.getByTestId('balance-at')).toHaveText(/29 Feb 2020.*\b0\.00/);
});

test('people take their data along', async ({ stack, page }) => {
  const mona = await makePerson(stack, 'منى');
  const omar = await makePerson(stack, 'Omar');
  const id = await pay(stack, mona, omar, '12.50', 'غداء');
  await signIn(page, mona);
  await page.goto('/settings');
  const json = await savedBy(page, 'Download my data (JSON)');
  expect(json.name).toBe(`mini-instapay-${mona.username}.json`);
  const whole = JSON.parse(json.text) as {
    profile: { email: string };
    entries: { transactionId: string; note: string | null }[];
  };
  expect(whole.profile.email).toBe(mona.email);
  expect(whole.entries.map(({ note }) => note)).toEqual([null, 'غداء']);
  const csv = await savedBy(page, 'Download my data (CSV)');
  expect(csv.name).toBe(`mini-instapay-${mona.username}.csv`);
  expect(csv.text.startsWith('\ufeffseq,transactionId,')).toBe(true);
  expect(csv.text).toContain(id);
  expect(csv.text.trim().split('\r\n')).toHaveLength(3);
});

test('a file that breaks off is no file', async ({ stack, page, guard }) => {
  guard.allow(/ERR_|Failed to load/);
  const mona = await makePerson(stack, 'Mona');
  await signIn(page, mona);
  await page.goto('/settings');
  await page.route('**/export?*', (route) => route.abort('connectionreset'));
  await page.getByRole('button', { name: 'Download my data (CSV)' }).click();
  await expect(page.locator('.toast')).toContainText('cannot be reached');
});

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['wide-arabic', 'ar-EG', 1280],
  ['phone', 'en-GB', 360],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  test(`how it looks, ${variant}`, async ({ stack, device }) => {
    const arabic = locale === 'ar-EG';
    const mona = await makePerson(stack, arabic ? 'منى حسن' : 'Mona Hassan');
    const leaver = await makePerson(stack, arabic ? 'ليلى منصور' : 'Layla Mansour');
    const operator = await asOperator(stack);
    const reason = arabic ? 'أبلغ العميل عن سرقة البطاقة' : 'The customer reported the card stolen';
    await operator('PATCH', `/api/users/${mona.id}`, { status: 'frozen', reason });
    await operator('PUT', `/api/users/${mona.id}/limits`, { perTransfer: '500.00', perDay: '2000.00' });
    await operator('PATCH', `/api/users/${mona.id}`, { status: 'active', role: 'auditor', reason: 'x'.repeat(140) });
    await operator('PUT', `/api/users/${mona.id}/balance`, { amount: '250.00', reason });
    await closeEmpty(stack, leaver);
    await operator('POST', `/api/users/${leaver.id}/erasure`, { reason: '4711' });
    const gone = await makePerson(stack, arabic ? 'عمر' : 'Omar');
    await closeEmpty(stack, gone);

    const page = await device({ locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    await signIn(page, stack.operator);
    for (const [name, path] of [
      ['actions', '/console/actions'],
      ['actions-user', `/console/users/${mona.id}`],
      ['actions-closed', `/console/users/${gone.id}`],
    ] as const) {
      await page.goto(path);
      await look(page, name, variant);
    }
    const hers = await device({ locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    await signIn(hers, mona);
    await hers.goto('/settings');
    await look(hers, 'actions-settings', variant);
    const first = async (path: string, icon: string, name: string) => {
      await page.goto(path);
      await page.locator(`.btn:has(.lucide-${icon})`).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await look(page, name, variant);
    };
    await first(`/console/users/${mona.id}`, 'snowflake', 'actions-freeze');
    await first(`/console/users/${mona.id}`, 'user-cog', 'actions-role');
    await first(`/console/users/${mona.id}`, 'gauge', 'actions-limits');
    await first(`/console/users/${gone.id}`, 'eraser', 'actions-erase');
    if (!arabic) return;
    await page.getByRole('dialog').getByLabel('السبب').fill('طلب رقم 4711');
    await page.getByRole('button', { name: 'محو نهائي' }).click();
    await expect(rows(page).first()).toContainText('مُحيت البيانات الشخصية');
  });
}
