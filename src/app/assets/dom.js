// Building blocks of the page: elements, a little Markdown, JSON that keeps its decimals.

/** An element: el('a', {class: 'x', href: '#y', onclick: f}, 'text', child, …). */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

/** `code`, **bold** and [links](#to) of one line. */
function inline(text) {
  const parts = [];
  const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index));
    if (match[1]) parts.push(el('code', {}, match[1]));
    else if (match[2]) parts.push(el('strong', {}, match[2]));
    else if (/^(#|\/|https?:)/.test(match[4])) parts.push(el('a', { href: match[4] }, match[3]));
    else parts.push(match[3]);
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

/** Paragraphs and bullet lists. */
export function markdown(text) {
  return (text ?? '').trim().split(/\n\s*\n/).filter(Boolean).map((block) => {
    const lines = block.split('\n');
    if (!lines.every((line) => /^(- |  )/.test(line))) return el('p', {}, inline(lines.join(' ')));
    const items = block.split(/^- /m).filter(Boolean);
    return el('ul', {}, items.map((item) => el('li', {}, inline(item.replace(/\s+/g, ' ').trim()))));
  });
}

/** The same within a line. */
export const phrase = (text) => inline((text ?? '').replace(/\s+/g, ' ').trim());

// A number with decimals, as it was written: JSON.parse would make 1000 of 1000.00.
const kDecimal = '\u0000decimal:';

export function parseJson(text) {
  const tagged = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?![\d.eE])/g, (token) =>
    token[0] === '"' ? token : `"\\u0000decimal:${token}"`);
  return JSON.parse(tagged);
}

/** Pretty-printed, decimals as they were. */
export function formatJson(value) {
  return JSON.stringify(value, null, 2).replace(/"\\u0000decimal:([^"]+)"/g, '$1');
}

export const plain = (value) =>
  typeof value === 'string' && value.startsWith(kDecimal) ? value.slice(kDecimal.length) : value;

/** Text coloured as JSON. */
export function highlight(text) {
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = match[2] ? 'key' : match[1] ? 'text' : match[3] ? 'word' : 'number';
    parts.push(text.slice(at, match.index), el('span', { class: `j-${kind}` }, match[1] ?? match[0]), match[2] ?? '');
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

export function say(text) {
  document.getElementById('said').textContent = text;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS there is no clipboard interface: the old way still works.
    const area = el('textarea', { class: 'hidden' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** A block of code with a title and a button that copies it. `text` may be a function. */
export function codeBlock(title, text, { json = false } = {}) {
  const current = () => (typeof text === 'function' ? text() : text);
  const button = el('button', { type: 'button', class: 'copy', onclick: async () => {
    const done = await copy(current());
    button.textContent = done ? 'Copied' : 'Select and copy';
    say(done ? 'Copied' : 'Copying is not allowed here');
    setTimeout(() => { button.textContent = 'Copy'; }, 1600);
  } }, 'Copy');
  const code = el('code', {}, json ? highlight(current()) : current());
  return el('figure', { class: 'code' },
    el('figcaption', {}, el('span', {}, title), button),
    el('pre', { tabindex: '0' }, code));
}
