import { plainText } from './text';

/** A field's text as it is sent, and by its code what is wrong with it: the same codes that the API answers with. */
export type Check = (typed: string) => { text: string; code: string | undefined };

const checked = (text: string, ...rules: [broken: boolean, code: string][]) => ({
  text,
  code: rules.find(([broken]) => broken)?.[1],
});

export const email: Check = (typed) => {
  const text = plainText(typed).toLowerCase();
  return checked(
    text,
    [text === '', 'required'],
    [text.length > 254, 'too_long'],
    [!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text), 'email'],
  );
};

export const username: Check = (typed) => {
  const text = plainText(typed).toLowerCase();
  return checked(
    text,
    [text === '', 'required'],
    [!/^[a-z0-9][a-z0-9_.-]{2,31}$/.test(text), 'username'],
  );
};

export const optionalName: Check = (typed) => {
  const text = plainText(typed);
  return checked(text, [text.length > 64, 'too_long']);
};

export const displayName: Check = (typed) => {
  const { text, code } = optionalName(typed);
  return { text, code: text === '' ? 'required' : code };
};

/** bcrypt reads 72 bytes: a longer password would silently lose its end. Which ones are guessed first, the server knows. */
export const newPassword: Check = (text) => {
  // As the server counts: code points and bytes of the normal form, which is what is hashed.
  const hashed = text.normalize('NFKC');
  return checked(
    text,
    [text === '', 'required'],
    [Array.from(hashed).length < 8, 'password_short'],
    [new TextEncoder().encode(hashed).length > 72, 'password_long'],
  );
};

export const anyPassword: Check = (text) => checked(text, [text === '', 'required']);
