const kHues = 8;

function hueOf(seed: string): number {
  let hash = 0;
  for (const character of seed) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % kHues;
}

function initials(name: string): string {
  const letter = /[\p{L}\p{N}]/u;
  const words = name.trim().split(/[\s._-]+/u);
  const first = letter.exec(words[0] ?? '')?.[0] ?? '?';
  const second = words.length > 1 ? (letter.exec(words.at(-1) ?? '')?.[0] ?? '') : '';
  // Arabic letters would join into another shape: one is enough.
  return /\p{Script=Arabic}/u.test(first) ? first : first + second;
}

export function Avatar({ name, seed, size }: { name: string; seed: string; size?: 's' | 'l' }) {
  return (
    <span
      className={`avatar hue-${hueOf(seed)}${size ? ` avatar-${size}` : ''}`}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}
