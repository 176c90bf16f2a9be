import { expect } from "@playwright/test";
import type { Stack } from "./stack";

export type Mail = {
  to: string;
  subject: string;
  text: string;
  language: string;
};

/** The newest mail to an address with this subject, from the page of developers. */
export async function mailTo(
  stack: Stack,
  address: string,
  subject: string,
): Promise<Mail> {
  let found: Mail | undefined;
  await expect
    .poll(
      async () => {
        const { body } = await stack.api<{ data: Mail[] }>(
          "GET",
          "/dev/mails",
          undefined,
          undefined,
          {
            Accept: "application/json",
          },
        );
        found = body.data.find(
          (mail) => mail.to === address && mail.subject === subject,
        );
        return found !== undefined;
      },
      { message: `“${subject}” to ${address}`, timeout: 20_000 },
    )
    .toBe(true);
  if (!found) throw new Error("no mail");
  return found;
}

export function linkIn({ text }: Mail): string {
  const link = /^https?:\/\/\S+$/m.exec(text)?.[0];
  if (!link) throw new Error(`no link in ${text}`);
  return link;
}
