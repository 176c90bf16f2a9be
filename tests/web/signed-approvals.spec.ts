import type { Page } from '@playwright/test';
import { look } from './support/look';
import { makePerson, signIn, tokenOf, type Person } from './support/people';
import { Stack } from './support/stack';
import { expect, test } from './support/test';
import { say } from './support/words';

// Two operators sign one adjustment with their passkeys, and its receipt proves it to anybody.
const kLocales = { en: 'en-GB', ar: 'ar-EG' } as const;
let stack: Stack;
const staff: Person[] = [];
test.beforeAll(async () => {
  const env = { APPROVALS: 'off' };
  stack = await Stack.start({ env });
  const token = await tokenOf(stack, stack.operator);
  for (const name of ['Nadia One', 'Samir Two', 'Laila Three', 'Hany Four']) {
    const person = await makePerson(stack, name);
    const made = await stack.api('PATCH', `/api/users/${person.id}`, { role: 'treasury' }, token);
    expect(made.status, made.text).toBe(200);
    staff.push(person);
  }
  env.APPROVALS = 'on';
  await stack.kill();
  await stack.up();
});
test.afterAll(() => stack.stop());

async function addAuthenticator(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

for (const [at, language] of (['en', 'ar'] as const).entries()) {
  test(`two keys sign an adjustment, ${language}`, async ({ device, guard }) => {
    // A factor that was added ends the access token of before.
    guard.allow(/status of 401/);
    const proposer = staff[2 * at] as Person;
    const approver = staff[2 * at + 1] as Person;
    const mona = await makePerson(stack, language === 'ar' ? 'منى حسن' : 'Mona Hassan');
    const named = (key: string) => ({ name: say(language, key), exact: true });
    const open = async (who: Person) => {
      const page = await device({
        baseURL: stack.url,
        locale: kLocales[language],
        viewport: { width: language === 'en' ? 1280 : 360, height: 800 },
        reducedMotion: 'reduce',
      });
      // What autofill offers is the browser's own; here it would choose without being asked.
      await page.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
      });
      await signIn(page, who);
      await addAuthenticator(page);
      await page.goto('/settings/security');
      await page.getByRole('button', named('security.passkeyAdd')).click();
      await page.locator('input[autocomplete=current-password]').fill(who.password);
      await page.getByLabel(say(language, 'security.passkeyName'), { exact: true }).fill('Key');
      await page.getByRole('button', named('security.continue')).click();
      await page.getByRole('button', named('security.codesKept')).click();
      await expect(page.locator('.passkeys')).toContainText('Key');
      return page;
    };

    const page = await open(proposer);
    await page.goto(`/console/users/${mona.id}`);
    await page.getByRole('button', named('adjust.title')).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[inputmode=decimal]').fill('250');
    await dialog.getByLabel(say(language, 'field.reason')).fill('Cash 77');
    await dialog.getByRole('button', named('adjust.next')).click();
    await dialog.getByRole('button', named('adjust.confirm')).click();
    await page.locator('.toast a').click();
    const card = page.locator('main li', { hasText: mona.displayName });
    await card.getByRole('button', named('approvals.signOwn')).click();
    await expect(card.getByText(say(language, 'approvals.signed'), { exact: true })).toBeVisible();
    await expect(card.getByRole('button', named('approvals.signOwn'))).toHaveCount(0);
    await look(page, 'approvals-signed', language);

    const other = await open(approver);
    await other.goto('/console/approvals');
    const theirs = other.locator('main li', { hasText: mona.displayName });
    // By the keyboard alone, in one tap of the passkey.
    await theirs.getByRole('button', named('approvals.approve')).focus();
    await other.keyboard.press('Enter');
    const decide = other.getByRole('dialog');
    await expect(decide.getByRole('button', named('approvals.sign'))).toBeVisible();
    await look(other, 'approvals-sign', language);
    await decide.getByRole('button', named('approvals.sign')).focus();
    await other.keyboard.press('Enter');
    await expect(theirs).toHaveCount(0);
    await other.goto('/console/approvals?status=executed');
    const done = other.locator('main li', { hasText: mona.displayName });
    await expect(done.getByText(say(language, 'approvals.signed'), { exact: true })).toHaveCount(2);

    // Anybody who has the receipt is told so.
    const token = await tokenOf(stack, mona);
    const history = await stack.api('GET', `/api/transactions/user/${mona.id}`, undefined, token);
    const [newest] = (JSON.parse(history.text) as { data: { id: string }[] }).data;
    const path = `${stack.url}/api/transactions/${newest?.id}/receipt`;
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
    const receipt = await answer.text();
    await page.goto('/verify');
    await page.getByLabel(say(language, 'proof.paste')).fill(receipt);
    await page.getByRole('button', named('proof.check')).click();
    await expect(page.getByText(say(language, 'proof.signed_approved'))).toBeVisible();
    await expect(page.getByText(say(language, 'proof.signed_proposed'))).toBeVisible();
    await look(page, 'proof-signed', language);
    const broken = `${receipt.slice(0, -8)}AAAAAAAA`;
    await page.getByLabel(say(language, 'proof.paste')).fill(broken);
    await page.getByRole('button', named('proof.check')).click();
    await expect(page.getByText(say(language, 'proof.forged'))).toBeVisible();
  });
}
