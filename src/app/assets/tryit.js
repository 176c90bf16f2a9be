// Sends a request to this very server and shows what comes back.
import { codeBlock, el, formatJson, parseJson, say } from './dom.js';
import { bodyExample, parameterExample } from './operation.js';

const kServiceOfTag = { users: 'user', transactions: 'transaction', reports: 'reporting' };

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function field(parameter, fill) {
  const input = el('input', { type: 'text', name: parameter.name, spellcheck: 'false', autocomplete: 'off',
    placeholder: parameter.required ? parameterExample(parameter) : '' });
  if (fill) input.value = fill;
  const row = el('label', { class: 'try-field' }, el('span', {}, parameter.name, parameter.required ? el('b', { title: 'required' }, '*') : null), input);
  return { parameter, input, row };
}

function urlOf(operation, fields) {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const { parameter, input } of fields) {
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (parameter.in === 'query' && input.value !== '') query.append(parameter.name, input.value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

function headersOf(operation, fields, token) {
  const headers = {};
  for (const { parameter, input } of fields)
    if (parameter.in === 'header' && input.value !== '') headers[parameter.name] = input.value;
  if (operation.bodyMedia) headers['Content-Type'] = operation.bodyType;
  if (operation.needsToken && token) headers.Authorization = `Bearer ${token}`;
  return headers;
}

async function shown(response, took_ms, context) {
  const text = await response.text();
  let body = text;
  let signedIn = false;
  const json = /json/.test(response.headers.get('content-type') ?? '');
  if (json) {
    const value = parseJson(text);
    body = formatJson(value);
    // Signing in here signs the page in.
    if (typeof value.accessToken === 'string') {
      context.setToken(value.accessToken);
      signedIn = true;
    }
  }
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return el('div', {},
    el('p', { class: 'response-head' }, el('span', { class: `status s${String(response.status)[0]}` }, response.status),
      el('strong', {}, response.statusText), el('span', { class: 'muted' }, `${took_ms} ms`)),
    body ? codeBlock(response.headers.get('content-type') ?? 'body', body, { json }) : el('p', { class: 'muted' }, 'No body.'),
    signedIn ? el('p', { class: 'notice' }, 'Signed in: this page now sends the access token.') : null,
    el('details', {}, el('summary', {}, 'Headers'), codeBlock('headers', headers)));
}

async function send(operation, fields, body, context, output, button) {
  const missing = fields.find(({ parameter, input }) => parameter.required && input.value === '');
  if (missing) {
    missing.input.focus();
    output.replaceChildren(el('p', { class: 'notice' }, `${missing.parameter.name} is required.`));
    return;
  }
  button.disabled = true;
  const begun = performance.now();
  try {
    const response = await fetch(urlOf(operation, fields), {
      method: operation.method.toUpperCase(),
      headers: headersOf(operation, fields, context.token()),
      body: body?.value || undefined,
      credentials: 'same-origin',
    });
    output.replaceChildren(await shown(response, Math.round(performance.now() - begun), context));
    say(`Answer: ${response.status}`);
  } catch (error) {
    output.replaceChildren(el('p', { class: 'notice' }, `No answer: ${error.message}`));
    say('No answer');
  } finally {
    button.disabled = false;
  }
}

function form(operation, context) {
  const fields = operation.parameters.map((parameter) =>
    field(parameter, parameter.name === 'Idempotency-Key' ? randomKey() : ''));
  const body = operation.bodyMedia ? el('textarea', { spellcheck: 'false', rows: '7' }) : null;
  if (body) {
    body.value = bodyExample(operation);
    body.rows = Math.min(14, body.value.split('\n').length + 1);
  }
  const output = el('div', { class: 'try-output' });
  const button = el('button', { type: 'submit', class: 'send' }, 'Send');
  return el('form', { onsubmit: (event) => {
    event.preventDefault();
    void send(operation, fields, body, context, output, button);
  } },
    fields.map(({ row }) => row),
    body ? el('label', { class: 'try-field' }, el('span', {}, 'Body'), body) : null,
    el('div', { class: 'try-send' }, button,
      operation.needsToken ? el('span', { class: 'muted' }, 'with the access token above; sign in to get one') : null),
    output);
}

/** Made when it is opened for the first time. */
export function tryPanel(operation, context) {
  const wanted = kServiceOfTag[operation.tag];
  const panel = el('details', { class: 'try' }, el('summary', {}, 'Try it'));
  panel.addEventListener('toggle', () => {
    if (!panel.open || panel.children.length > 1) return;
    const elsewhere = wanted && context.service && context.service !== 'gateway' && context.service !== wanted;
    panel.append(elsewhere
      ? el('p', { class: 'notice' }, `This is the ${context.service} service; the ${wanted} service or the gateway answers this.`)
      : form(operation, context));
  });
  return panel;
}
