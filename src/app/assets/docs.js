// The API's documentation: renders /docs/openapi.json and /docs/errors.json. No dependencies.
import { el, markdown, parseJson, phrase } from './dom.js';
import { operationView, readOperation } from './operation.js';
import { schemaView, useDocument } from './schema.js';

const kMethods = ['get', 'post', 'put', 'patch', 'delete'];
const kRetry = { never: 'No', after_fix: 'After a change', later: 'Yes, later' };
const byId = (id) => document.getElementById(id);

async function load(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return parseJson(await response.text());
}

function readOperations(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    kMethods.filter((method) => item[method]).map((method) => readOperation(path, method, item, api)));
}

function introduction(api) {
  return el('section', { class: 'intro', id: 'introduction' },
    el('h1', {}, api.info.title, ' ', el('span', { class: 'version' }, api.info.version)),
    el('p', { class: 'lead' }, phrase(api.info.summary)),
    markdown(api.info.description),
    el('p', { class: 'muted' }, 'The document itself: ', el('a', { href: '/openapi.yaml' }, 'openapi.yaml'), ' · ',
      el('a', { href: '/docs/openapi.json' }, 'openapi.json')));
}

function errorTable(errors) {
  return el('section', { class: 'group', id: 'errors' },
    el('h2', {}, 'Error codes'),
    el('p', {}, 'Every error is ', el('code', {}, 'application/problem+json'), ' with one of these codes, which never change their meaning. ',
      'What may be retried is safe to retry with the same ', el('code', {}, 'Idempotency-Key'), '.'),
    el('div', { class: 'scroll' }, el('table', { class: 'error-table' },
      el('thead', {}, el('tr', {}, ['Code', 'Status', 'Meaning', 'Retry the same request?'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, errors.map((each) => el('tr', { id: each.code, tabindex: '-1', 'data-search': `${each.code} ${each.status} ${each.title}` },
        el('th', { scope: 'row' }, el('a', { href: `#${each.code}` }, el('code', {}, each.code))),
        el('td', {}, el('span', { class: `status s${String(each.status)[0]}` }, each.status)),
        el('td', {}, each.title),
        el('td', {}, kRetry[each.retry] ?? each.retry)))))));
}

function schemas(api) {
  return el('section', { class: 'group', id: 'schemas' }, el('h2', {}, 'Schemas'),
    Object.entries(api.components.schemas).map(([name, schema]) => {
      const details = el('details', { class: 'schema-card', id: `schema-${name}`, 'data-search': name },
        el('summary', {}, el('code', {}, name)));
      details.addEventListener('toggle', () => {
        if (details.open && details.children.length === 1) details.append(schemaView(schema));
      });
      return details;
    }));
}

function navigation(api, operations) {
  const link = (href, ...content) => el('li', {}, el('a', { href }, content));
  return [
    el('ul', {}, link('#introduction', 'Introduction')),
    api.tags.map((tag) => {
      const own = operations.filter((each) => each.tag === tag.name);
      return el('div', { class: 'nav-group' }, el('h2', {}, el('a', { href: `#tag-${tag.name}` }, tag.name)),
        el('ul', {}, own.map((each) => el('li', { 'data-search': `${each.summary} ${each.path} ${each.method} ${each.id}` },
          el('a', { href: `#${each.id}`, title: each.path }, el('span', { class: `method ${each.method}` }, each.method), el('span', {}, each.summary))))));
    }),
    el('div', { class: 'nav-group' }, el('h2', {}, 'Reference'),
      el('ul', {}, link('#errors', 'Error codes'), link('#schemas', 'Schemas'))),
  ];
}

// Hides what does not match; groups of which nothing is left go too.
function setUpSearch() {
  const input = byId('search');
  const nothing = el('p', { class: 'notice', id: 'nothing', hidden: true }, 'Nothing matches.');
  byId('main').prepend(nothing);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of document.querySelectorAll('[data-search]')) {
      const text = item.dataset.search.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
    // The list follows what is shown.
    for (const item of document.querySelectorAll('#nav li[data-search]')) {
      const target = byId(item.firstElementChild.hash.slice(1));
      item.hidden = target?.hidden ?? item.hidden;
    }
    for (const group of document.querySelectorAll('.group, .nav-group')) {
      const items = group.querySelectorAll('[data-search]');
      group.hidden = items.length > 0 && ![...items].some((item) => !item.hidden);
    }
    byId('introduction').hidden = words.length > 0;
    nothing.hidden = words.length === 0 || !![...document.querySelectorAll('.group')].find((group) => !group.hidden);
  });
  document.addEventListener('keydown', (event) => {
    const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if (event.key === 'Escape' && document.activeElement === input) {
      input.value = '';
      input.dispatchEvent(new Event('input'));
      byId('main').focus();
    }
  });
}

function setUpTheme() {
  const button = byId('theme');
  const themes = ['auto', 'light', 'dark'];
  const names = { auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark'] };
  const apply = (theme) => {
    if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.dataset.theme = theme;
    [button.textContent] = names[theme];
    button.setAttribute('aria-label', `Colours: ${names[theme][1]}`);
    button.title = `Colours: ${names[theme][1]}`;
  };
  let theme = localStorage.getItem('docs-theme') ?? 'auto';
  if (!names[theme]) theme = 'auto';
  apply(theme);
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    localStorage.setItem('docs-theme', theme);
    apply(theme);
  });
}

function setUpMenu() {
  const button = byId('menu');
  const open = (yes) => {
    document.body.classList.toggle('menu-open', yes);
    button.setAttribute('aria-expanded', String(yes));
  };
  button.addEventListener('click', () => open(!document.body.classList.contains('menu-open')));
  byId('nav').addEventListener('click', (event) => { if (event.target.closest('a')) open(false); });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') open(false); });
}

// Marks the entry of what is on the screen.
function followScrolling() {
  const links = new Map([...document.querySelectorAll('#nav a')].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) seen[isIntersecting ? 'add' : 'delete'](target);
    const first = [...seen].sort((a, b) => a.offsetTop - b.offsetTop)[0];
    if (!first) return;
    for (const link of links.values()) link.removeAttribute('aria-current');
    const current = links.get(first.id);
    current?.setAttribute('aria-current', 'true');
    current?.scrollIntoView({ block: 'nearest' });
  }, { rootMargin: '-70px 0px -60% 0px' });
  for (const id of links.keys()) if (byId(id) && !id.startsWith('tag-')) observer.observe(byId(id));
}

// Goes where the address says; what is folded there opens.
function goToHash() {
  const onErrors = location.pathname.endsWith('/errors');
  const target = byId(decodeURIComponent(location.hash.slice(1))) ?? (onErrors ? byId('errors') : null);
  if (!target) return;
  if (target.matches('details')) target.open = true;
  for (const marked of document.querySelectorAll('.target')) marked.classList.remove('target');
  target.classList.add('target');
  target.scrollIntoView();
}

function tokenContext(service) {
  const input = byId('token');
  byId('token-form').addEventListener('submit', (event) => event.preventDefault());
  return { service, token: () => input.value.trim(), setToken: (token) => { input.value = token; } };
}

async function start() {
  setUpTheme();
  setUpMenu();
  const [api, errors, health] = await Promise.all([
    load('/docs/openapi.json'), load('/docs/errors.json'), load('/health').catch(() => ({})),
  ]);
  useDocument(api);
  const operations = readOperations(api);
  const context = tokenContext(health.service);
  byId('loading').remove();
  byId('nav').append(...navigation(api, operations).flat());
  byId('main').append(introduction(api), ...api.tags.map((tag) =>
    el('section', { class: 'group', id: `tag-${tag.name}` },
      el('h2', {}, tag.name), el('p', { class: 'lead' }, phrase(tag.description)),
      operations.filter((each) => each.tag === tag.name).map((each) => operationView(each, context)))),
    errorTable(errors.data), schemas(api));
  setUpSearch();
  followScrolling();
  window.addEventListener('hashchange', goToHash);
  goToHash();
}

start().catch((error) => {
  byId('loading')?.replaceChildren(`The document could not be loaded (${error.message}). `,
    el('a', { href: '/openapi.yaml' }, 'openapi.yaml'));
});
