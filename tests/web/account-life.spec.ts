import { look } from './support/look';
import { balance, makePerson, pay, refused, signIn, tokenOf } from './support/people';
import { expect, test } from './support/test';
import { say as text } from './support/words';

// Freezing one's own wallet and lifting that, and closing it, as people of both languages see it.

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  const language = locale === 'ar-EG' ? 'ar' : 'en';
  const say = (key: string) => text(language, key);

  test(`a wallet is frozen, lifted and closed by its owner, ${variant}`, async ({
    stack,
    device,
    guard,
  }) => {
    guard.allow(/status of (401|403|404|422)/);
    const mona = await makePerson(stack, language === 'ar' ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, language === 'ar' ? 'عمر شريف' : 'Omar Sherif');
    const page = await device({ locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const button = (key: string) => page.getByRole('button', { name: say(key), exact: true });
    const password = page.locator('input[autocomplete=current-password]');
    await signIn(page, mona);

    // Freezing asks for nothing but that it is meant.
    await page.goto('/settings/security');
    await button('life.freeze').click();
    await expect(page.getByText(say('life.freezeSessions'))).toBeVisible();
    await look(page, 'freeze', variant);
    await button('life.freezeNow').click();
    const card = page.locator('section[aria-labelledby=freeze]');
    await expect(card.getByText(say('home.frozenByMe'))).toBeVisible();
    await refused(stack, mona.token);
    await page.goto('/');
    await expect(page.getByTestId('frozen')).toContainText(say('home.frozenByMe'));
    await look(page, 'frozen-home', variant);
    await page.goto('/send');
    await expect(page.getByText(say('send.frozenBody'))).toBeVisible();

    // Closing waits for it.
    await page.goto('/settings');
    await expect(page.getByText(say('life.closeFrozen'))).toBeVisible();

    // Lifted from the first page, with the password of who has no factor.
    await page.goto('/');
    await button('home.unfreeze').click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText(say('life.unfreezePassword'))).toBeVisible();
    await password.fill('not the password');
    await dialog.getByRole('button', { name: say('home.unfreeze'), exact: true }).click();
    await expect(dialog.getByText(say('fieldError.wrong_password'))).toBeVisible();
    await look(page, 'unfreeze', variant);
    await password.fill(mona.password);
    await dialog.getByRole('button', { name: say('home.unfreeze'), exact: true }).click();
    await expect(page.getByTestId('frozen')).toHaveCount(0);
    const token = await tokenOf(stack, mona);
    await pay(stack, { ...mona, token }, omar, '1.00');

    // Closed: who gets the money is looked up before anything is done.
    await page.goto('/settings');
    await button('life.close').click();
    await expect(dialog.getByText(say('life.closeEnds'))).toBeVisible();
    await look(page, 'close', variant);
    const payee = dialog.locator('input[type=text], input:not([type])').first();
    await payee.fill('nobody.at.all');
    await button('life.closeContinue').click();
    await expect(dialog.locator('.field-error')).toBeVisible();
    await payee.fill(omar.username);
    await button('life.closeContinue').click();
    await expect(dialog.getByText(omar.displayName)).toBeVisible();
    await expect(dialog.getByText(/999[.٫]00|٩٩٩[.٫]٠٠/)).toBeVisible();
    await look(page, 'close-password', variant);
    await dialog.locator('input[autocomplete=current-password]').fill(mona.password);
    await button('life.closeForGood').click();
    await expect(page.locator('input[type=email]')).toBeVisible();
    await refused(stack, token);
    expect(await balance(stack, omar)).toBe('2000.00');
    const again = await stack.api('POST', '/api/users/login', {
      email: mona.email,
      password: mona.password,
    });
    expect(again.status).toBe(403);
  });
}

test('what staff froze names whom to ask, and staff see who froze', async ({ stack, page, device }) => {
  const mona = await makePerson(stack, 'Mona Hassan');
  const froze = await stack.api('POST', '/api/users/me/freeze', undefined, mona.token);
  expect(froze.status, froze.text).toBe(200);
  await signIn(page, stack.operator);
  await page.goto(`/console/users/${mona.id}`);
  await expect(page.getByText(text('en', 'console.frozenBy_user'))).toBeVisible();
  await page.getByRole('button', { name: text('en', 'console.freezeToo') }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('Stolen, says the police');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: text('en', 'console.freeze'), exact: true })
    .click();
  await expect(page.getByText(text('en', 'console.frozenBy_staff'), { exact: true })).toBeVisible();

  const phone = await device({ viewport: { width: 360, height: 740 } });
  await signIn(phone, mona);
  await expect(phone.getByTestId('frozen')).toContainText(text('en', 'home.frozenByStaff'));
  await phone.goto('/settings/security');
  await expect(phone.getByText(text('en', 'home.frozenByStaff'))).toBeVisible();
  await expect(phone.getByRole('button', { name: text('en', 'home.unfreeze') })).toHaveCount(0);
});
