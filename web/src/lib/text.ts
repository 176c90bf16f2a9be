// The API refuses these (src/core/text.h): they turn the text around them, or cannot be seen.
const kUnseen = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * What a person meant to write: without white space at the ends, and without the unseen marks that
 * come along when text is copied, most of all beside Arabic, and that nobody could find and delete.
 */
export const plainText = (text: string): string => text.replace(kUnseen, '').trim();
