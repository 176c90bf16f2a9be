import { useEffect, useRef, type RefObject } from 'react';
import { useLocation } from 'wouter';
import { useRawSearch } from '../lib/search';
import { here, leaveBy, takeReturn, visit } from '../lib/trail';

const kWaitMs = 3_000;

/** Brings a link into view and focuses it, as soon as the page that has it is filled. */
function find(main: HTMLElement, href: string): () => void {
  const show = () => {
    const link = Array.from(main.querySelectorAll('a[href]')).find(
      (each) => each.getAttribute('href') === href,
    );
    if (!(link instanceof HTMLElement)) return false;
    link.focus({ preventScroll: true });
    const center = () => link.scrollIntoView({ block: 'center' });
    center();
    // Days of a list get their true height only when they are near the screen.
    requestAnimationFrame(() => {
      center();
      requestAnimationFrame(center);
    });
    return true;
  };
  if (show()) return () => undefined;
  const observer = new MutationObserver(() => show() && stop());
  const timer = setTimeout(() => stop(), kWaitMs);
  const stop = () => {
    observer.disconnect();
    clearTimeout(timer);
  };
  observer.observe(main, { childList: true, subtree: true });
  // What a person does meanwhile counts for more.
  for (const event of ['pointerdown', 'keydown', 'wheel'])
    window.addEventListener(event, stop, { once: true, passive: true });
  return stop;
}

/**
 * A new page is announced and starts at its top, as a page load would; one that is come back to
 * starts at the link by which it was left. The steps of Send see to it themselves
 * (pages/send/useStepStart.ts).
 */
export function usePlaces(main: RefObject<HTMLElement | null>): void {
  const [path] = useLocation();
  const search = useRawSearch();
  const first = useRef(true);
  const flow = path.startsWith('/send') ? 'send' : path;

  // Asked at each place, also where a flow goes on: a return counts for the page it leads to alone.
  const back = useRef<ReturnType<typeof takeReturn>>(null);
  useEffect(() => {
    visit(here());
    back.current = takeReturn();
  }, [path, search]);
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      const href = link?.getAttribute('href');
      if (href?.startsWith('/')) leaveBy(href);
    };
    const element = main.current;
    element?.addEventListener('click', follow, { capture: true });
    return () => element?.removeEventListener('click', follow, { capture: true });
  }, [main]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const element = main.current;
    const href = back.current?.href;
    if (href && element) return find(element, href);
    window.scrollTo(0, 0);
    element?.focus({ preventScroll: true });
  }, [flow, main]);
}
