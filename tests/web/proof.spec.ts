import type { BrowserContextOptions } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { look } from './support/look';
import { makePerson, pay, signIn } from './support/people';
import { expect, test } from './support/test';
import { say, type Language } from './support/words';

// A statement is downloaded, and somebody who has no wallet is told whether it is genuine.

const kLooks: [string, Language, BrowserContextOptions][] = [
  ['light', 'en', { viewport: { width: 1280, height: 860 } }],
  [
    'phone-arabic-dark',
    'ar',
    {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
      locale: 'ar-EG',
      colorScheme: 'dark',
    },
  ],
];

for (const [variant, language, options] of kLooks) {
  test(`a statement and its proof, ${variant}`, async ({ stack, device, guard }) => {
    // Offline, the keys are asked for in vain.
    guard.allow(/net::ERR_/);
    const s = (key: string) => say(language, key);
    const [mona, karim] = [
      await makePerson(stack, language === 'ar' ? 'منى عادل' : 'Mona Adel'),
      await makePerson(stack, 'كريم عبد الرحمن'),
    ];
    const paid = await pay(stack, mona, karim, '12.50', 'Rent, flat 12');
    const page = await device(options);
    await signIn(page, mona);
    await page.goto('/activity');
    await page.getByRole('link', { name: s('statement.action') }).click();
    await expect(page.getByRole('heading', { name: s('statement.title') })).toBeVisible();
    await look(page, 'statement', variant);

    const today = await page.evaluate(() => new Date().toLocaleDateString('sv-SE'));
    await page.getByLabel(s('statement.to')).fill('2020-01-01');
    await page.getByRole('button', { name: s('statement.download') }).click();
    await expect(page.locator('.field-error')).toHaveText(s('statement.order'));
    await page.getByLabel(s('statement.from')).fill(today);
    await page.getByLabel(s('statement.to')).fill(today);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: s('statement.download') }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(
      `statement-${mona.username}-${today}-${today}.pdf`,
    );
    const pdf = await readFile(await saved.path());
    const written = pdf.toString('latin1');
    expect(written.slice(0, 5)).toBe('%PDF-');
    const token = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}/.exec(written)?.[0] ?? '';

    await page.goto(`/activity/${paid}`);
    const printing = page.waitForEvent('download');
    await page.getByRole('button', { name: s('proof.pdf') }).click();
    const receipt = await printing;
    expect(receipt.suggestedFilename()).toBe(`receipt-${paid}.pdf`);

    const door = await device(options);
    const choose = (buffer: Buffer) =>
      door
        .locator('input[type=file]')
        .setInputFiles({ name: 'statement.pdf', mimeType: 'application/pdf', buffer });
    await door.goto('/verify');
    await choose(pdf);
    await expect(door.locator('.notice-ok')).toHaveText(s('proof.genuineFile'));
    await expect(door.locator('.rows')).toContainText('987.50 EGP');
    await look(door, 'verify', variant);

    // Another amount in a line of the file; other figures under the same signature; no receipt at all.
    await choose(Buffer.from(written.replace(',-12.50,', ',-11.50,'), 'latin1'));
    await expect(door.getByRole('alert')).toHaveText(s('proof.linesChanged'));
    const [head = '', claims = '', signature = ''] = token.split('.');
    const richer = Buffer.from(claims, 'base64url').toString().replace('987.50', '9987.50');
    const forged = `${head}.${Buffer.from(richer).toString('base64url')}.${signature}`;
    const paste = door.getByLabel(s('proof.paste'));
    await paste.fill(`${stack.url}/verify#${forged}`);
    await paste.press('Enter');
    await expect(door.getByRole('alert')).toHaveText(s('proof.forged'));
    await paste.fill('987.50 EGP');
    await paste.press('Enter');
    await expect(door.getByRole('alert')).toHaveText(s('proof.nothing'));

    // As the QR code leads there; and without the platform, by the keys that were seen.
    await door.goto('about:blank');
    await door.goto(`/verify#${token}`);
    await expect(door.locator('.notice-ok')).toHaveText(s('proof.genuineStatement'));
    await expect(door).toHaveURL('/verify');
    await door.context().setOffline(true);
    await choose(await readFile(await receipt.path()));
    await expect(door.locator('.notice-ok')).toHaveText(s('proof.genuineReceipt'));
    await expect(door.locator('.rows')).toContainText('12.50 EGP');
  });
}
