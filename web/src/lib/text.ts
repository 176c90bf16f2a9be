/** As long as a note or a reason may be. */
export const kNoteMax = 140;

// The API refuses these (src/core/text.h): they turn the text around them, or cannot be seen.
// Signs that stand over a number are format characters that can be seen.
const kUnseen =
  /(?!\u200c|\u200d|\ufe0e|\ufe0f|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])(?:[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}\u2800\u303f\ufffc]|\u{16fe4}|\u{1d159})/gu;
const kInContext = /\u200c|\u200d|\ufe0e|\ufe0f/gu;
const kBlankEnds = /^\p{White_Space}+|\p{White_Space}+$/gu;

const kPictographBefore = /\p{Extended_Pictographic}(\ufe0f|\p{Emoji_Modifier})*$/u;
const kPictographAfter = /^\p{Extended_Pictographic}/u;

/** Whether a joiner or a selector of emoji does anything between what is before and after it. */
function belongs(mark: string, before: string, after: string): boolean {
  if (mark === '\u200d' && kPictographBefore.test(before) && kPictographAfter.test(after))
    return true;
  if (mark === '\ufe0f' && /[\d#*]$/.test(before) && after.startsWith('\u20e3')) return true;
  if (mark === '\ufe0e' || mark === '\ufe0f') return /\p{Extended_Pictographic}$/u.test(before);
  // A joiner after a virama, or a non-joiner between letters: the server knows their scripts.
  if (/\p{M}$/u.test(before)) return true;
  const letters = /(?!\p{Script=Latin})\p{L}$/u.test(before) && /^\p{L}/u.test(after);
  return mark === '\u200c' && letters;
}

/**
 * What a person meant to write: without blanks at the ends, and without the unseen marks that come
 * along when text is copied, most of all beside Arabic, and that nobody could find and delete.
 */
export const plainText = (text: string): string =>
  text
    .replace(kUnseen, '')
    .replace(kInContext, (mark, at: number, whole: string) =>
      belongs(mark, whole.slice(0, at), whole.slice(at + 1)) ? mark : '',
    )
    .replace(kBlankEnds, '');
