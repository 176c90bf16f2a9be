import { tab } from './store';

// Where a person came from inside the app, so that Back on a page leads to where that was and not to
// where it usually is. Kept in this tab, so that a reload does not lose it.

const kKey = 'instapay.trail';
const kLength = 20;
let popped = false;

export const here = () => window.location.pathname + window.location.search;

const read = (): string[] => {
  const kept = tab.read(kKey);
  return kept ? kept.split('\n') : [];
};

const pathOf = (place: string) => place.split('?')[0] ?? '';

/** The trail that ends at this place: one left by Back is taken off again, other filters replace theirs. */
function upTo(place: string): string[] {
  const trail = read();
  const [before, last] = [trail.at(-2), trail.at(-1)];
  if (before === place) return trail.slice(0, -1);
  return [
    ...(last !== undefined && pathOf(last) === pathOf(place) ? trail.slice(0, -1) : trail),
    place,
  ];
}

/** Records where the app is now. */
export const visit = (place: string) => tab.write(kKey, upTo(place).slice(-kLength).join('\n'));

/** The place before this one, when it is one of these; `fallback` after a fresh start. */
export function cameFrom(allowed: RegExp, fallback: string): string {
  // A page that has all it shows is rendered before it is recorded.
  const before = upTo(here()).at(-2);
  return before !== undefined && allowed.test(pathOf(before)) ? before : fallback;
}

/** The links by which places were left: a person who comes back finds the one they followed. */
const left = new Map<string, string>();

export const leaveBy = (href: string) => left.set(here(), href);

// The browser would scroll to where the page of before was, over what is done here.
window.history.scrollRestoration = 'manual';

// Before the router hears of it, so that what it then shows can ask.
window.addEventListener('popstate', () => (popped = true), { capture: true });

/** The way back by a link of the page: as the browser's own. */
export const goingBack = () => (popped = true);

/** Whether the page now shown was come back to; asked once for each. */
export function takeReturn(): { href: string | null } | null {
  if (!popped) return null;
  popped = false;
  return { href: left.get(here()) ?? null };
}
