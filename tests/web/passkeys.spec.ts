import type { CDPSession, Page } from '@playwright/test';
import { look } from './support/look';
import { amounts, makePerson, signIn, tokenOf } from './support/people';
import { expect, test } from './support/test';
import { say as text } from './support/words';

// A passkey from its registration to its end, with Chromium's virtual authenticator.

type Authenticator = { cdp: CDPSession; id: string };

async function addAuthenticator(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}

/** Whether the holder's finger is the right one. */
const verifies = ({ cdp, id }: Authenticator, isUserVerified: boolean) =>
  cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified });

for (const [variant, locale, width] of [
  ['wide', 'en-GB', 1280],
  ['phone-arabic', 'ar-EG', 360],
] as const) {
  test(`passkeys, ${variant}`, async ({ stack, device, guard }) => {
    guard.allow(/status of (401|403)/);
    const say = (group: string, name: string, values: Record<string, string> = {}) =>
      Object.entries(values).reduce(
        // What is put into a sentence is isolated.
        (said, [key, value]) => said.replace(`{{${key}}}`, `\u2068${value}\u2069`),
        text(locale === 'ar-EG' ? 'ar' : 'en', `${group}.${name}`),
      );
    const mona = await makePerson(stack, locale === 'ar-EG' ? 'منى حسن' : 'Mona Hassan');
    const omar = await makePerson(stack, locale === 'ar-EG' ? 'عمر' : 'Omar');
    const options = { locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' as const };
    const page = await device(options);
    // What autofill offers is the browser's own; here it would choose without being asked.
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });
    const button = (group: string, name: string, values?: Record<string, string>) =>
      page.getByRole('button', { name: say(group, name, values), exact: true });
    const password = page.locator('input[autocomplete=current-password]');
    await signIn(page, mona);
    const authenticator = await addAuthenticator(page);

    // Adding one: who it is, then the authenticator. Somebody else's finger adds none.
    await page.goto('/settings/security');
    await expect(page.getByText(say('security', 'passkeysNone'))).toBeVisible();
    await button('security', 'passkeyAdd').click();
    await password.fill('not the password');
    await button('security', 'continue').click();
    await expect(page.getByText(say('fieldError', 'wrong_password'))).toBeVisible();
    await look(page, 'passkey-add', variant);
    await password.fill(mona.password);
    await verifies(authenticator, false);
    await button('security', 'continue').click();
    await expect(page.getByText(say('error', 'passkey_cancelled'))).toBeVisible();
    await verifies(authenticator, true);
    await page.getByLabel(say('security', 'passkeyName'), { exact: true }).fill('Laptop');
    await button('security', 'continue').click();
    await expect(page.getByRole('heading', { name: say('security', 'codesTitle') })).toBeFocused();
    await button('security', 'codesKept').click();
    await expect(page.locator('.passkeys')).toContainText('Laptop');
    await button('security', 'renameOf', { name: 'Laptop' }).click();
    await page.getByLabel(say('security', 'passkeyName'), { exact: true }).fill('Blue laptop');
    await page.locator('.passkeys .btn-primary').click();
    await expect(page.locator('.passkeys')).toContainText('Blue laptop');
    // One and the same authenticator has one.
    await button('security', 'passkeyAdd').click();
    await password.fill(mona.password);
    await button('security', 'continue').click();
    await expect(page.getByText(say('error', 'passkey_exists'))).toBeVisible();
    await button('action', 'cancel').click();
    await page.locator('input[inputmode=decimal]').fill('50');
    await button('action', 'save').click();
    await expect(page.locator('.toast', { hasText: say('settings', 'saved') })).toBeVisible();
    await look(page, 'passkeys-on', variant);

    // Signing in without a password.
    await page.goto('/settings');
    await button('settings', 'signOut').last().click();
    await expect(button('signIn', 'passkey')).toBeVisible();
    await look(page, 'sign-in-passkey', variant);
    await verifies(authenticator, false);
    await button('signIn', 'passkey').click();
    await expect(page.getByText(say('error', 'passkey_cancelled'))).toBeVisible();
    await verifies(authenticator, true);
    await button('signIn', 'passkey').click();
    await expect(page.getByTestId('balance')).toBeVisible();

    // After a password it is the second step, and offered first.
    await page.goto('/settings');
    await button('settings', 'signOut').last().click();
    await page.locator('input[type=email]').fill(mona.email);
    await password.fill(mona.password);
    await button('signIn', 'submit').click();
    await expect(button('security', 'usePasskey')).toBeVisible();
    await look(page, 'second-step-passkey', variant);
    await button('security', 'usePasskey').click();
    await expect(page.getByTestId('balance')).toBeVisible();

    // A payment waits for it, as it does in a session that has shown it too long ago.
    await page.route('**/api/transactions', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          ...{ title: 'A second factor is required once more', status: 403, detail: 'Show it.' },
          ...{ code: 'step_up_required', request_id: 'r', accepts: ['passkey'] },
        }),
      }),
    { times: 1 });
    await page.goto(`/send?to=${omar.username}&amount=60`);
    await page.locator('.payee-card .btn-primary').click();
    await button('send', 'review').click();
    await page.getByTestId('pay').click();
    const dialog = page.getByRole('dialog', { name: say('security', 'stepUpTitle') });
    await expect(dialog.getByText(say('security', 'signPaymentBody'))).toBeVisible();
    await look(page, 'step-up-passkey', variant);
    await verifies(authenticator, false);
    await button('security', 'signPayment').click();
    await expect(page.getByText(say('error', 'passkey_cancelled'))).toBeVisible();
    await verifies(authenticator, true);
    await button('security', 'signPayment').click();
    await expect(page.getByText(say('send', 'doneTitle'))).toBeVisible();
    expect((await amounts(stack, omar, 'in')).filter((amount) => amount === '60.00')).toHaveLength(1);

    // The passkey has signed just this payment: whoever has the receipt can check that.
    const token = await tokenOf(stack, omar);
    const history = await stack.api('GET', `/api/transactions/user/${omar.id}`, undefined, token);
    const [paid] = (JSON.parse(history.text) as { data: { id: string }[] }).data;
    const path = `${stack.url}/api/transactions/${paid?.id}/receipt`;
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
    await page.goto('/verify');
    const paste = page.getByLabel(say('proof', 'paste'));
    await paste.fill(await answer.text());
    await paste.press('Enter');
    await expect(page.getByText(say('proof', 'approvedBody'))).toBeVisible();
    await look(page, 'verify-approved', variant);

    // New recovery codes need no code where there is a passkey; then it goes, and all with it.
    await page.goto('/settings/security');
    await button('security', 'newCodes').click();
    await password.fill(mona.password);
    await button('security', 'newCodes').click();
    await expect(page.locator('.recovery-codes li')).toHaveCount(10);
    await button('security', 'codesKept').click();
    await button('security', 'removeOf', { name: 'Blue laptop' }).click();
    await expect(page.getByText(say('security', 'removeLast'))).toBeVisible();
    await password.fill(mona.password);
    await look(page, 'passkey-remove', variant);
    await button('security', 'remove').click();
    await expect(page.getByText(say('security', 'passkeysNone'))).toBeVisible();
    await page.goto('/settings');
    await button('settings', 'signOut').last().click();
    await button('signIn', 'passkey').click();
    await expect(page.getByText(say('error', 'passkey_invalid'))).toBeVisible();
  });
}

test('autofill offers a passkey where the e-mail is typed', async ({ stack, device, guard }) => {
  guard.allow(/status of 401/);
  const mona = await makePerson(stack, 'Mona Hassan');
  const page = await device();
  await signIn(page, mona);
  await addAuthenticator(page);
  await page.goto('/settings/security');
  await page.getByRole('button', { name: text('en', 'security.passkeyAdd') }).click();
  await page.locator('input[autocomplete=current-password]').fill(mona.password);
  await page.getByRole('button', { name: text('en', 'security.continue') }).click();
  await page.getByRole('button', { name: text('en', 'security.codesKept') }).click();
  await page.goto('/settings');
  let options = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/login/passkey/options')) options += 1;
  });
  const [asked] = await Promise.all([
    page.waitForRequest('**/api/users/login/passkey/options'),
    page.getByRole('button', { name: text('en', 'settings.signOut') }).last().click(),
  ]);
  expect(asked.method()).toBe('POST');
  // The virtual authenticator chooses by itself what a person would choose in the list.
  await expect(page.getByTestId('balance')).toBeVisible();
  expect(options).toBe(1);
});
