import { makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';

test('one pays and the other sees it within a second, without a reload', async ({
  stack,
  page,
  device,
}) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'عمر الشريف');
  const other = await device();
  await signIn(page, mona);
  await signIn(other, omar);
  await expect(other.getByTestId('balance')).toHaveText(/1,000\.00/);
  // The stream is open once the first entry of the page's life can come through.
  await other.waitForTimeout(500);

  await page.goto(`/send?to=${omar.username}&amount=120.50`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  const paid = page.waitForResponse(
    (response) => response.url().endsWith('/api/transactions') && response.status() === 201,
  );
  await page.getByTestId('pay').click();
  await paid;
  const answered = Date.now();
  await expect(other.getByTestId('balance')).toHaveText(/1,120\.50/, { timeout: 1_000 });
  await expect(other.getByText(/Mona Hassan.* sent you/)).toBeVisible({ timeout: 1_000 });
  await expect(other.locator('a.item').first()).toContainText('+');
  expect(Date.now() - answered).toBeLessThan(1_500);
});

test('all tabs of one browser follow over one connection', async ({ stack, context }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const omar = await makePerson(stack, 'Omar');
  let streams = 0;
  context.on('request', (request) => {
    if (request.url().endsWith('/stream')) streams += 1;
  });
  const first = await context.newPage();
  await signIn(first, mona);
  const second = await context.newPage();
  await second.goto('/');
  const third = await context.newPage();
  await third.goto('/activity');
  await expect(third.locator('a.item').first()).toBeVisible();
  await first.waitForTimeout(700);
  expect(streams).toBe(1);

  await pay(stack, omar, mona, '5.25');
  for (const tab of [first, second])
    await expect(tab.getByTestId('balance')).toHaveText(/1,005\.25/, { timeout: 2_000 });
  await expect(third.locator('a.item').first()).toContainText('5.25');

  // The tab that held the connection goes: another takes over.
  await first.close();
  await second.waitForTimeout(800);
  await pay(stack, omar, mona, '1.00');
  await expect(second.getByTestId('balance')).toHaveText(/1,006\.25/, { timeout: 2_000 });
});
