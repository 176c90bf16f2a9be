import type { Page } from "@playwright/test";
import { randomBytes } from "node:crypto";
import { look } from "./support/look";
import { linkIn, mailTo } from "./support/mail";
import { refused, tokenOf } from "./support/people";
import type { Stack } from "./support/stack";
import { expect, test } from "./support/test";
import { say, type Language } from "./support/words";

const kLocales = { en: "en-GB", ar: "ar-EG" };
const kSubjects = {
  en: {
    verify: "Confirm your e-mail address",
    reset: "Choose a new password",
    change: "Confirm your new e-mail address",
    changed: "The e-mail address of your wallet was changed",
  },
  ar: {
    verify: "أكّد بريدك الإلكتروني",
    reset: "اختر كلمة مرور جديدة",
    change: "أكّد بريدك الإلكتروني الجديد",
    changed: "تغيّر البريد الإلكتروني لمحفظتك",
  },
};

async function registers(page: Page, language: Language) {
  const words = (key: string) => say(language, key);
  const name = `m${randomBytes(6).toString("hex")}`;
  await page.goto("/register");
  await page.getByLabel(words("field.username")).fill(name);
  await page.getByLabel(words("field.email")).fill(`${name}@example.com`);
  await page.locator("input[autocomplete=new-password]").fill("long enough");
  await page.getByRole("button", { name: words("register.submit") }).click();
  await expect(page.getByTestId("balance")).toBeVisible();
  return `${name}@example.com`;
}

/** The link of a mail opens in a browser of its own, and keeps nothing in the address bar. */
async function opens(
  page: Page,
  stack: Stack,
  address: string,
  subject: string,
) {
  const link = linkIn(await mailTo(stack, address, subject));
  expect(link).toContain("#");
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page).toHaveURL(link.split("#")[0] ?? "");
  return link;
}

for (const language of ["en", "ar"] as const) {
  const words = (key: string) => say(language, key);
  const locale = kLocales[language];
  const { verify, reset } = kSubjects[language];

  test(`an address is confirmed and a forgotten password replaced, ${language}`, async ({
    stack,
    device,
    guard,
  }) => {
    guard.allow(/status of (401|422)/);
    const page = await device({ locale });
    const address = await registers(page, language);
    await expect(page.getByText(words("verify.banner"))).toBeVisible();
    await look(page, "verify-banner", language);
    await page.getByRole("button", { name: words("verify.resend") }).click();
    await expect(page.getByText(words("verify.sent"))).toBeVisible();
    const old = await tokenOf(stack, {
      email: address,
      password: "long enough",
    });

    // Where the mail is read nobody is signed in.
    const reader = await device({
      locale,
      viewport: { width: 360, height: 740 },
    });
    const link = await opens(reader, stack, address, verify);
    await look(reader, "verify-email", language);
    await reader.getByRole("button", { name: words("verify.submit") }).click();
    await expect(reader.getByText(words("verify.done"))).toContainText(address);
    await reader.goto("about:blank");
    await reader.goto(link);
    await reader.getByRole("button", { name: words("verify.submit") }).click();
    await expect(reader.getByText(words("verify.invalid"))).toBeVisible();
    await page.reload();
    await expect(page.getByTestId("balance")).toBeVisible();
    await expect(page.getByText(words("verify.banner"))).toHaveCount(0);

    // By keyboard alone, from sign-in to sign-in.
    await reader.goto("/sign-in");
    await reader.getByLabel(words("field.email")).fill(address);
    await reader.getByRole("link", { name: words("signIn.forgot") }).focus();
    await reader.keyboard.press("Enter");
    await expect(
      reader.getByRole("heading", { name: words("forgot.title") }),
    ).toBeVisible();
    await expect(reader.getByLabel(words("field.email"))).toHaveValue(address);
    await look(reader, "forgot-password", language);
    await reader.getByLabel(words("field.email")).press("Enter");
    await expect(reader.getByText(words("forgot.asked"))).toBeVisible();

    await opens(reader, stack, address, reset);
    await look(reader, "reset-password", language);
    await reader.locator("input[autocomplete=new-password]").fill("password1");
    await reader.locator("input[autocomplete=new-password]").press("Enter");
    await expect(
      reader.getByText(words("fieldError.too_common")),
    ).toBeVisible();
    await reader
      .locator("input[autocomplete=new-password]")
      .fill("a new passphrase");
    await reader.locator("input[autocomplete=new-password]").press("Enter");
    await expect(reader.getByText(words("reset.done"))).toBeVisible();
    await refused(stack, old);
    await reader.getByRole("link", { name: words("forgot.back") }).click();
    await reader.getByLabel(words("field.email")).fill(address);
    await reader
      .locator("input[autocomplete=current-password]")
      .fill("a new passphrase");
    await reader.locator("input[autocomplete=current-password]").press("Enter");
    await expect(reader.getByTestId("balance")).toBeVisible();

    // The other browser learns that its session has ended; the link works no more.
    await page.goto("/settings");
    await expect(page).toHaveURL(/sign-in/);
    const used = linkIn(await mailTo(stack, address, reset));
    await page.goto(used);
    await page
      .locator("input[autocomplete=new-password]")
      .fill("yet another one");
    await page.locator("input[autocomplete=new-password]").press("Enter");
    await expect(page.getByText(words("error.link_invalid"))).toBeVisible();
    await look(page, "reset-invalid", language);
  });
}

test("an address that nobody has is answered alike", async ({ page }) => {
  await page.goto("/forgot-password");
  await page.getByLabel("E-mail").fill("nobody.at.all@example.com");
  await page.getByRole("button", { name: say("en", "forgot.submit") }).click();
  await expect(page.getByText(say("en", "forgot.asked"))).toBeVisible();
});

for (const language of ["en", "ar"] as const) {
  const words = (key: string) => say(language, key);
  const { change, changed, reset } = kSubjects[language];

  test(`an address is changed and brought back, ${language}`, async ({
    stack,
    device,
    guard,
  }) => {
    guard.allow(/status of (401|409|422)/);
    const page = await device({ locale: kLocales[language] });
    const address = await registers(page, language);
    const other = `other.${address}`;
    await page.goto("/settings");
    await page.getByRole("button", { name: words("ownEmail.change") }).click();
    const ask = page.getByRole("button", { name: words("ownEmail.ask") });
    const card = page.getByRole("region", { name: words("ownEmail.title") });
    const password = card.locator("input[autocomplete=current-password]");
    await page.getByLabel(words("ownEmail.new")).fill(address);
    await password.fill("not my password");
    await ask.click();
    await expect(
      card.getByText(words("fieldError.wrong_password")),
    ).toBeVisible();
    await password.fill("long enough");
    await ask.click();
    await expect(card.getByText(words("fieldError.not_allowed"))).toBeVisible();
    await page.getByLabel(words("ownEmail.new")).fill(other);
    await look(page, "change-email-form", language);
    await ask.click();
    await expect(card.getByText(other)).toBeVisible();
    await look(page, "change-email-pending", language);

    const reader = await device({
      locale: kLocales[language],
      viewport: { width: 360, height: 740 },
    });
    const link = await opens(reader, stack, other, change);
    await look(reader, "change-email", language);
    await reader
      .getByRole("button", { name: words("changeEmail.submit") })
      .click();
    await expect(reader.getByText(words("changeEmail.done"))).toContainText(
      other,
    );
    await reader.goto("about:blank");
    await reader.goto(link);
    await reader
      .getByRole("button", { name: words("changeEmail.submit") })
      .click();
    await expect(reader.getByText(words("changeEmail.invalid"))).toBeVisible();
    await page.reload();
    await expect(card.getByText(other)).toBeVisible();
    await expect(
      page.getByRole("button", { name: words("ownEmail.change") }),
    ).toBeVisible();

    await opens(reader, stack, address, changed);
    await look(reader, "undo-email", language);
    await reader
      .getByRole("button", { name: words("undoEmail.submit") })
      .click();
    await expect(reader.getByText(words("undoEmail.done"))).toContainText(
      address,
    );
    await page.reload();
    await expect(page).toHaveURL(/sign-in/);
    await opens(reader, stack, address, reset);
    await reader
      .locator("input[autocomplete=new-password]")
      .fill("a new passphrase");
    await reader.locator("input[autocomplete=new-password]").press("Enter");
    await expect(reader.getByText(words("reset.done"))).toBeVisible();
    await tokenOf(stack, { email: address, password: "a new passphrase" });
  });
}
