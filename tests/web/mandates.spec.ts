import { look } from './support/look';
import { makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';
import { say } from './support/words';

// A trainer proposes a mandate, is accepted, draws by it; the payer refuses one and cancels it all.

const kLocales = { en: 'en-GB', ar: 'ar-EG' } as const;

for (const language of ['en', 'ar'] as const) {
  test(`a mandate is proposed, accepted, drawn by and cancelled (${language})`, async ({
    stack,
    device,
    guard,
  }) => {
    guard.allow(/status of 422/);
    const s = (key: string) => say(language, `mandates.${key}`);
    const trainer = await makePerson(stack, 'Tarek Nabil');
    const mona = await makePerson(stack, 'Mona Hassan');
    await pay(stack, trainer, mona, '1.00');
    const options = {
      locale: kLocales[language],
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
      timezoneId: 'Africa/Cairo',
    } as const;
    const payee = await device(options);
    const payer = await device(options);
    await signIn(payee, trainer);
    await signIn(payer, mona);

    await payee.goto('/receive');
    await payee.locator('a[href^="/mandates"]').click();
    await expect(payee.getByText(s('none_payee'))).toBeVisible();
    await payee.locator('a[href="/mandates/new"]').click();
    await payee.getByRole('button', { name: s('send') }).click();
    await expect(payee.locator('.field-error').first()).toBeVisible();
    await payee.locator('input[inputmode=email]').fill(mona.username);
    const [each, month] = [0, 1].map((place) => payee.locator('input[inputmode=decimal]').nth(place));
    await each?.fill('100');
    await month?.fill('50');
    await payee.getByRole('button', { name: s('send') }).click();
    await expect(payee.getByText(s('monthTooSmall'))).toBeVisible();
    await month?.fill('250');
    await payee.locator('input[maxlength="140"]').fill('Training');
    await look(payee, 'mandate-new', language);
    await payee.getByRole('button', { name: s('send') }).click();
    await expect(payee).toHaveURL(/\/mandates\/[\da-f-]{36}$/);
    await expect(payee.getByText(s('waits'))).toBeVisible();

    // The bell leads the payer to it, who is told the limits in plain words.
    await payer.goto('/notifications');
    await payer.locator('a[href^="/mandates/"]').first().click();
    await expect(payer.getByText('Tarek Nabil').first()).toBeVisible();
    await expect(payer.getByText(s('policy'))).toBeVisible();
    await look(payer, 'mandate-proposed', language);
    await payer.getByRole('button', { name: s('accept') }).click();
    await expect(payer.locator('.badge')).toHaveText(s('status_active'));

    await payee.reload();
    for (const amount of ['101', '40', '60']) {
      await payee.getByRole('button', { name: s('draw') }).click();
      const form = payee.getByRole('dialog');
      await form.locator('input[inputmode=decimal]').fill(amount);
      if (amount === '40') await look(payee, 'mandate-draw', language);
      await form.getByRole('button', { name: s('announce') }).click();
      if (amount === '101') {
        await expect(form.getByRole('alert')).toBeVisible();
        await form.getByRole('button', { name: s('notNow') }).click();
      }
      await expect(form).toHaveCount(0);
    }
    await expect(payee.locator('ol.card > li')).toHaveCount(2);

    await payer.goto('/mandates');
    await payer.locator('a.item').first().click();
    await expect(payer.locator('ol.card > li')).toHaveCount(2);
    await look(payer, 'mandate', language);
    await payer.locator('ol.card > li').first().getByRole('button').click();
    await expect(payer.locator('ol.card > li')).toHaveCount(1);
    await expect(payer.getByText(s('reason_payer'))).toBeVisible();

    await payer.getByRole('button', { name: s('cancel'), exact: true }).click();
    await payer.getByRole('dialog').getByRole('button').first().click();
    await expect(payer.locator('header .badge')).toHaveText(s('status_cancelled'));
    await expect(payer.locator('ol.card')).toHaveCount(0);
    await expect(payer.getByRole('button', { name: s('cancel'), exact: true })).toHaveCount(0);

    await payee.goto('/notifications');
    await expect(payee.locator('a[href^="/mandates/"]').first()).toBeVisible();
    await payee.goto('/mandates?side=payee');
    await expect(payee.locator('.badge')).toHaveText(s('status_cancelled'));
    await look(payee, 'mandates', language);
  });
}
