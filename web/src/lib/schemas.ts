import * as v from 'valibot';
import { plainText } from './text';

// Messages are field codes: the same ones the API answers with, translated in one place.
const utf8 = new TextEncoder();

export const email = v.pipe(
  v.string(),
  v.transform(plainText),
  v.toLowerCase(),
  v.nonEmpty('required'),
  v.maxLength(254, 'too_long'),
  v.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'email'),
);

export const username = v.pipe(
  v.string(),
  v.transform(plainText),
  v.toLowerCase(),
  v.nonEmpty('required'),
  v.regex(/^[a-z0-9][a-z0-9_.-]{2,31}$/, 'username'),
);

export const displayName = v.pipe(v.string(), v.transform(plainText), v.maxLength(64, 'too_long'));

/** As the server counts: code points and bytes of the normal form, which is what is hashed. */
const asHashed = (text: string) => text.normalize('NFKC');

/** bcrypt reads 72 bytes: a longer password would silently lose its end. Which ones are guessed first, the server knows. */
export const newPassword = v.pipe(
  v.string(),
  v.nonEmpty('required'),
  v.check((text) => Array.from(asHashed(text)).length >= 8, 'password_short'),
  v.check((text) => utf8.encode(asHashed(text)).length <= 72, 'password_long'),
);

export const anyPassword = v.pipe(v.string(), v.nonEmpty('required'));
