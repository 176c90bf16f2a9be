import { look } from './support/look';
import { makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';
import { say } from './support/words';

// A payment is split among its payer and two others, who see what they owe; one has paid.

const kLocales = { en: 'en-GB', ar: 'ar-EG' } as const;

for (const language of ['en', 'ar'] as const) {
  test(`a payment is split (${language})`, async ({ stack, device }) => {
    const mona = await makePerson(stack, 'Mona Hassan');
    const omar = await makePerson(stack, 'Omar Sherif');
    const dina = await makePerson(stack, 'Dina Adel');
    await pay(stack, mona, omar, '1.00');
    await pay(stack, mona, dina, '10.00');
    const page = await device({
      locale: kLocales[language],
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
    });
    const button = (key: string) =>
      page.getByRole('button', { name: say(language, key), exact: true });
    await signIn(page, mona);
    await page.goto('/activity');
    await page.getByText('Dina Adel').first().click();
    await page.locator('a[href^="/splits/new"]').click();

    // Nobody yet; then two, and who has the piastre is said before anything is sent.
    await button('splits.submit').click();
    await expect(page.getByText(say(language, 'splits.nobody'))).toBeVisible();
    for (const [before, person] of [omar, dina].entries()) {
      await page.locator('input[inputmode=email]').fill(person.username);
      await button('splits.add').click();
      await expect(page.locator('.split-part')).toHaveCount(before + 2);
    }
    await expect(page.getByText(say(language, 'splits.extra'))).toHaveCount(1);
    await look(page, 'split-new', language);
    await button('splits.submit').click();
    await expect(page).toHaveURL(/\/splits\/[\da-f-]{36}$/);

    const id = page.url().split('/').at(-1) ?? '';
    type Made = { people: { request: { id: string; payer: { id: string }; amount: string } }[] };
    const made = await stack.api<Made>('GET', `/api/splits/${id}`, undefined, mona.token);
    const part = made.body.people.find(({ request }) => request.payer.id === omar.id);
    const paid = await stack.api('POST', `/api/requests/${part?.request.id}/pay`, {}, omar.token, {
      'Idempotency-Key': crypto.randomUUID(),
    });
    expect(paid.status, paid.text).toBe(201);
    await expect(page.locator('.item').filter({ hasText: 'Omar Sherif' })).toContainText(
      say(language, 'requests.status_paid'),
    );
    await look(page, 'split', language);
    await button('splits.cancel').click();
    await page.getByRole('dialog').getByRole('button').first().click();
    await expect(page.locator('.item').filter({ hasText: 'Dina Adel' })).toContainText(
      say(language, 'requests.status_cancelled'),
    );
    await expect(button('splits.cancel')).toHaveCount(0);
  });
}
