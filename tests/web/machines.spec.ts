import { look } from './support/look';
import { makePerson, signIn } from './support/people';
import { expect, test } from './support/test';
import { say as text } from './support/words';

// An app that uses a wallet, from its making to its end: what it is shown once, pays, and loses.

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  test(`apps & keys, ${variant}`, async ({ stack, device, guard }) => {
    guard.allow(/status of (401|422)/);
    const language = locale === 'ar-EG' ? 'ar' : 'en';
    const say = (name: string, values: Record<string, string> = {}) =>
      Object.entries(values).reduce(
        (said, [key, value]) => said.replace(`{{${key}}}`, `\u2068${value}\u2069`),
        text(language, `machines.${name}`),
      );
    const mona = await makePerson(stack, language === 'ar' ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, language === 'ar' ? 'عمر' : 'Omar');
    const page = await device({
      locale,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce' as const,
    });
    const card = page.getByRole('region', { name: say('title'), exact: true });
    const button = (name: string, values?: Record<string, string>) =>
      card.getByRole('button', { name: say(name, values), exact: true });
    const password = card.locator('input[autocomplete=current-password]');
    const shown = async () => (await card.locator('.secret').allInnerTexts()) as [string, string];
    const token = async (id: string, secret: string) => {
      const answer = await fetch(`${stack.url}/oauth/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      return { status: answer.status, body: (await answer.json()) as { access_token: string } };
    };
    await signIn(page, mona);

    // All mistakes at once, the password's beside it; then the secret, once.
    await page.goto('/settings/security');
    await expect(card.getByText(say('none'))).toBeVisible();
    await button('add').click();
    await card.getByLabel(say('payments_write'), { exact: true }).check();
    const amount = card.locator('input[inputmode=decimal]');
    await amount.nth(0).fill('50');
    await amount.nth(1).fill('20');
    await button('create').click();
    await expect(card.getByText(say('dayLess'))).toBeVisible();
    await expect(card.locator('.field-error')).toHaveCount(3);
    await card.getByLabel(say('name'), { exact: true }).fill('Web shop');
    await amount.nth(1).fill('120');
    await card.locator('select').selectOption('90');
    await password.fill('not the password');
    await button('create').click();
    await expect(card.locator('.field-error')).toHaveCount(1);
    await look(page, 'machine-add', variant);
    await password.fill(mona.password);
    await button('create').click();
    await expect(card.getByRole('heading', { name: say('secretTitle') })).toBeFocused();
    const [id, secret] = await shown();
    await look(page, 'machine-secret', variant);
    await button('kept').click();
    await expect(card.getByText(secret)).toHaveCount(0);

    // It pays within its limits, and the page tells what it has ordered.
    const first = await token(id, secret);
    expect(first.status).toBe(200);
    const paid = await stack.api(
      'POST',
      '/api/transactions',
      { sender_email: mona.email, receiver_id: omar.id, amount: '25.00' },
      first.body.access_token,
    );
    expect(paid.status, paid.text).toBe(201);
    await page.reload();
    await expect(card.locator('.machines')).toContainText(
      locale === 'ar-EG' ? /٢٥[٫.]٠٠/ : /25\.00/,
    );

    // A new name; a second secret, then the first goes, and no third.
    await button('renameOf', { name: 'Web shop' }).click();
    await card.getByLabel(say('name'), { exact: true }).fill('Till 2');
    await card.locator('.machines .btn-primary').click();
    await expect(card.locator('.machines')).toContainText('Till 2');
    await button('newSecretOf', { name: 'Till 2' }).click();
    await password.fill(mona.password);
    await button('create').click();
    await expect(card.getByRole('heading', { name: say('secretTitle') })).toBeFocused();
    const [, second] = await shown();
    await button('kept').click();
    await button('newSecretOf', { name: 'Till 2' }).click();
    await password.fill(mona.password);
    await button('create').click();
    await expect(card.getByText(say('twoSecrets'))).toBeVisible();
    await card.getByRole('button', { name: text(language, 'action.cancel') }).click();
    await look(page, 'machines', variant);
    await card
      .locator('.machines .list button')
      .first()
      .click();
    await expect(card.locator('.machines .list > li')).toHaveCount(1);
    expect((await token(id, secret)).status).toBe(401);
    expect((await token(id, second)).status).toBe(200);

    // Its end.
    await button('endOf', { name: 'Till 2' }).click();
    await expect(card.getByText(say('endBody'))).toBeVisible();
    await button('end').click();
    await expect(card.locator('.badge', { hasText: say('ended') })).toBeVisible();
    expect((await token(id, second)).status).toBe(400);
  });
}
