import { randomUUID } from 'node:crypto';
import { look } from './support/look';
import { makePerson, signIn, tokenOf, type Person } from './support/people';
import { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say } from './support/words';

// Two pairs of eyes need two people of staff, who are made while one is enough.
const kLocales = { en: 'en-GB', ar: 'ar-EG' } as const;
let stack: Stack;
let second: Person;
test.beforeAll(async () => {
  const env = { APPROVALS: 'off' };
  stack = await Stack.start({ env });
  second = await makePerson(stack, 'Second Pair');
  const token = await tokenOf(stack, stack.operator);
  const made = await stack.api('PATCH', `/api/users/${second.id}`, { role: 'treasury' }, token);
  expect(made.status, made.text).toBe(200);
  env.APPROVALS = 'on';
  await stack.kill();
  await stack.up();
});
test.afterAll(() => stack.stop());

for (const language of ['en', 'ar'] as const) {
  test(`one proposes, another decides, ${language}`, async ({ device }) => {
    const mona = await makePerson(stack, 'Mona Hassan');
    const open = async () =>
      device({
        baseURL: stack.url,
        locale: kLocales[language],
        viewport: { width: language === 'en' ? 1280 : 360, height: 800 },
        reducedMotion: 'reduce',
      });
    const page = await open();
    const named = (key: string) => ({ name: say(language, key), exact: true });
    await signIn(page, stack.operator);
    await page.goto(`/console/users/${mona.id}`);
    await page.getByRole('button', named('adjust.title')).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[inputmode=decimal]').fill('250');
    await dialog.getByLabel(say(language, 'field.reason')).fill('Cash 42');
    await dialog.getByRole('button', named('adjust.next')).click();
    await dialog.getByRole('button', named('adjust.confirm')).click();
    await expect(dialog).toBeHidden();
    await expect(page.locator('.toast')).toContainText(say(language, 'approvals.sent'));
    await page.locator('.toast a').click();

    // Whoever proposed it may take it back, and nothing else.
    const card = page.locator('main li', { hasText: 'Cash 42' });
    await expect(card).toHaveCount(1);
    await expect(card.getByRole('button', named('approvals.withdraw'))).toBeVisible();
    await expect(card.getByRole('button', named('approvals.approve'))).toHaveCount(0);
    await look(page, 'approvals', language);

    const other = await open();
    await signIn(other, second);
    await other.goto('/console/approvals');
    const theirs = other.locator('main li', { hasText: 'Cash 42' });
    await theirs.getByRole('button', named('approvals.approve')).click();
    await look(other, 'approvals-approve', language);
    await other.getByRole('dialog').getByRole('button', named('approvals.approve')).click();
    await expect(theirs).toHaveCount(0);
    await other.goto(`/console/users/${mona.id}`);
    await expect(other.getByTestId('user-balance')).toHaveText(/1[,٬]?250|١٬٢٥٠/);

    // Another one is refused, with a reason that the proposer reads.
    const token = await tokenOf(stack, stack.operator);
    const key = { 'Idempotency-Key': randomUUID() };
    const body = { amount: '5.00', reason: 'Cash 43' };
    const path = `/api/users/${mona.id}/balance`;
    expect((await stack.api('PUT', path, body, token, key)).status).toBe(202);
    await other.goto('/console/approvals');
    const wrong = other.locator('main li', { hasText: 'Cash 43' });
    await wrong.getByRole('button', named('approvals.refuse')).click();
    await other.getByRole('dialog').getByLabel(say(language, 'field.reason')).fill('No receipt');
    await other.getByRole('dialog').getByRole('button', named('approvals.refuse')).click();
    await expect(wrong).toHaveCount(0);
    await page.goto('/console/approvals?status=refused');
    await expect(page.getByText('No receipt').first()).toBeVisible();
  });
}
