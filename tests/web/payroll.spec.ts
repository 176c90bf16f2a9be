import { readFile } from 'node:fs/promises';
import { amounts, balance, makePerson, signIn } from './support/people';
import { expect, test } from './support/test';
import { say } from './support/words';

test('a file pays everybody in it, once in a period', async ({ stack, page, guard }) => {
  guard.allow(/status of (404|422)|net::ERR_/);
  const mona = await makePerson(stack, 'Mona');
  const omar = await makePerson(stack, 'عمر الشريف');
  const layla = await makePerson(stack, 'Layla');
  const choose = (name: string, text: string) =>
    page
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await signIn(page, mona);
  await page.goto('/send');
  await page.getByRole('link', { name: 'Pay many from a file' }).click();

  await choose('none.csv', 'who,what\nx,1');
  await expect(page.getByText('must name the columns payee and amount')).toBeVisible();
  // Forgotten at once, so that the same file can be chosen again when it was corrected.
  await expect(page.locator('input[type=file]')).toHaveValue('');
  const good = `payee,amount,note\r\n${omar.email},120.00,"Salary, ""Nov"""\r\n@${layla.username},80.5,\r\n`;
  await choose('bad.csv', `${good}nobody@example.com,10,\r\n${omar.username},1.234,\r\n`);
  const lines = page.locator('tbody tr');
  await expect(lines).toHaveCount(4);
  await expect(lines.nth(0)).toContainText(/عمر الشريف.*Salary, "Nov".*120\.00.*Ready/s);
  await expect(lines.nth(2)).toContainText('Nobody here has this name or address');
  await expect(lines.nth(3)).toContainText('at most');
  await expect(page.getByText(/Fix .*2.* lines first\./)).toBeVisible();
  const payAll = page.getByRole('button', { name: /^Pay .*\d+.* people/ });
  await expect(payAll).toBeDisabled();
  await page.getByRole('button', { name: 'Another file' }).click();

  // The answer is lost: the same file is the same payment.
  await choose('pay.csv', good);
  await page.route(
    '**/api/transactions/batch',
    async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
  await payAll.click();
  await expect(page.getByText('We did not hear back.')).toBeVisible();
  await payAll.click();
  await expect(page.getByText(/paid already for .*Nothing was paid again/)).toBeVisible();
  expect((await amounts(stack, mona, 'out')).sort()).toEqual(['120.00', '80.50']);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the result (CSV)' }).click();
  const csv = await readFile(await (await saving).path(), 'utf8');
  expect(csv.trim().split('\r\n')).toHaveLength(3);
  expect(csv).toMatch(/,عمر الشريف,120\.00,"Salary, ""Nov""",completed,[\da-f-]{36}\r\n/);

  // Another period is another payroll.
  await page.getByRole('button', { name: 'Another file' }).click();
  await choose('again.csv', good);
  await page.getByLabel('Period').fill('December');
  await payAll.click();
  await expect(page.getByText(/2.* payments were made for .*December/)).toBeVisible();
  expect(await balance(stack, mona)).toBe('599.00');

  // An answer is lost, and what is left would not pay it once more: it is asked for all the same.
  await page.getByRole('button', { name: 'Another file' }).click();
  await choose('most.csv', `payee,amount\n${omar.email},300\n${layla.email},100\n`);
  // What the server says of one line stands beside it, in the words of fields.
  await page.route(
    '**/api/transactions/batch',
    (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          status: 422,
          code: 'validation_failed',
          errors: [{ field: 'transfers[1].note', code: 'too_long', detail: '' }],
        }),
      }),
    { times: 1 },
  );
  await payAll.click();
  await expect(lines.nth(1)).toContainText(say('en', 'fieldError.too_long'));
  await expect(lines.nth(0)).toContainText('Ready');
  await page.getByRole('button', { name: 'Another file' }).click();
  await choose('most.csv', `payee,amount\n${omar.email},300\n${layla.email},100\n`);
  const after = page.locator('.tile').filter({ hasText: 'Balance after' });
  await expect(after).toContainText('199.00');
  await page.route(
    '**/api/transactions/batch',
    async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
  await payAll.click();
  await expect(page.getByText('We did not hear back.')).toBeVisible();
  await expect(after).not.toContainText('199.00');
  await payAll.click();
  await expect(page.getByText(/paid already for .*Nothing was paid again/)).toBeVisible();
  expect(await balance(stack, mona)).toBe('199.00');
});
