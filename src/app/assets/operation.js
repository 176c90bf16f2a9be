// One endpoint: what it does, takes and answers, how to call it.
import { codeBlock, el, formatJson, markdown, phrase, plain } from './dom.js';
import { exampleOf, mediaExample, merged, property, resolve, schemaView, typeName } from './schema.js';
import { tryPanel } from './tryit.js';

const kReasons = {
  200: 'OK', 201: 'Created', 204: 'No content', 304: 'Not modified', 400: 'Bad request', 401: 'Unauthorized',
  403: 'Forbidden', 404: 'Not found', 405: 'Method not allowed', 406: 'Not acceptable', 408: 'Request timeout',
  409: 'Conflict', 413: 'Too large', 414: 'Address too long', 415: 'Unsupported type', 422: 'Unprocessable',
  429: 'Too many requests', 431: 'Header too large', 500: 'Internal error', 503: 'Unavailable',
};

/** Everything an endpoint needs, with its references followed. */
export function readOperation(path, method, item, document) {
  const source = item[method];
  const parameters = [...(item.parameters ?? []), ...(source.parameters ?? [])].map(resolve);
  const body = resolve(source.requestBody);
  const [bodyType, bodyMedia] = Object.entries(body.content ?? {})[0] ?? [];
  return {
    id: source.operationId,
    path, method, parameters, bodyType, bodyMedia,
    tag: source.tags?.[0] ?? '',
    summary: source.summary ?? '',
    description: source.description ?? '',
    needsToken: (source.security ?? document.security ?? []).length > 0,
    bodyRequired: body.required ?? false,
    responses: Object.entries(source.responses ?? {}).map(([status, response]) => ({ status, ...resolve(response) })),
  };
}

/** The example of a body, as text; '' without one. */
export function bodyExample(operation) {
  return operation.bodyMedia ? formatJson(mediaExample(operation.bodyMedia)) : '';
}

export function parameterExample(parameter) {
  const value = parameter.example ?? exampleOf(parameter.schema ?? {});
  return String(plain(value) ?? '');
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl(operation) {
  const path = operation.path.replace(/\{([^}]+)\}/g, (whole, name) => {
    const parameter = operation.parameters.find((each) => each.in === 'path' && each.name === name);
    return parameter ? encodeURIComponent(parameterExample(parameter)) : whole;
  });
  const query = operation.parameters.filter((each) => each.in === 'query' && (each.required || each.example !== undefined))
    .map((each) => `${each.name}=${encodeURIComponent(parameterExample(each))}`).join('&');
  const url = `${location.origin}${path}${query ? `?${query}` : ''}`;
  const lines = [`curl${operation.method === 'get' ? '' : ` -X ${operation.method.toUpperCase()}`} ${quote(url)}`];
  if (operation.needsToken) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (operation.parameters.some((each) => each.name === 'Idempotency-Key')) lines.push(`-H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)"`);
  if (operation.bodyMedia) lines.push(`-H 'Content-Type: ${operation.bodyType}'`, `-d ${quote(bodyExample(operation))}`);
  return lines.join(' \\\n  ');
}

function parameterGroups(operation) {
  const titles = { path: 'In the path', query: 'In the query', header: 'Headers' };
  return Object.entries(titles).map(([place, title]) => {
    const found = operation.parameters.filter((each) => each.in === place);
    if (found.length === 0) return null;
    return el('section', {}, el('h4', {}, title), el('div', { class: 'properties' }, found.map((each) =>
      property(each.name, { ...each.schema, description: each.description ?? resolve(each.schema).description }, each.required))));
  });
}

/** The error codes that a response may carry. */
function codesOf(response) {
  const schema = response.content?.['application/problem+json']?.schema;
  const code = schema && (merged(schema).properties?.code ?? {});
  return code?.enum ?? (code?.const ? [code.const] : []);
}

function badge(status) {
  return el('span', { class: `status s${status[0]}` }, status);
}

function headersOf(response) {
  const shown = Object.entries(response.headers ?? {}).filter(([name]) => !/^(X-Request-Id|RateLimit-)/.test(name));
  if (shown.length === 0) return null;
  return el('div', {}, el('h5', {}, 'Headers'), el('div', { class: 'properties' }, shown.map(([name, header]) =>
    property(name, { ...resolve(header).schema, description: resolve(header).description }))));
}

function success(response) {
  const media = Object.entries(response.content ?? {});
  return el('div', { class: 'response' },
    el('p', { class: 'response-head' }, badge(response.status), el('strong', {}, kReasons[response.status] ?? ''), el('span', {}, phrase(response.description))),
    headersOf(response),
    media.map(([type, content]) => {
      const title = [el('code', {}, type), ' ', content.schema?.$ref ? typeName(content.schema) : null];
      if (!type.includes('json')) return el('p', { class: 'media' }, title);
      return el('details', { class: 'fields' }, el('summary', {}, title), schemaView(content.schema ?? {}));
    }));
}

function errors(responses) {
  if (responses.length === 0) return null;
  return el('details', { class: 'errors' },
    el('summary', {}, 'Errors ', responses.flatMap((each) => [badge(each.status), ' '])),
    el('div', { class: 'scroll' }, el('table', {},
      el('thead', {}, el('tr', {}, ['Status', 'Codes', 'When'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, responses.map((each) => el('tr', {},
        el('td', {}, badge(each.status)),
        el('td', {}, codesOf(each).map((code) => el('a', { href: `#${code}`, class: 'code-link' }, el('code', {}, code)))),
        el('td', {}, phrase(each.description))))))));
}

function examples(operation) {
  const blocks = [codeBlock('curl', curl(operation))];
  for (const response of operation.responses.filter((each) => each.status[0] === '2'))
    for (const [type, media] of Object.entries(response.content ?? {})) {
      const value = mediaExample(media);
      if (type.includes('json') && value !== undefined)
        blocks.push(codeBlock(`${response.status} ${type}`, formatJson(value), { json: true }));
      else if (media.example) blocks.push(codeBlock(`${response.status} ${type}`, String(media.example)));
    }
  // The error that says most about this endpoint.
  const order = ['409', '422', '404', '403', '401'];
  const rank = (each) => (order.indexOf(each.status) + 1 || 9);
  const problem = [...operation.responses].sort((a, b) => rank(a) - rank(b)).flatMap((each) => Object.entries(each.content ?? {})
    .filter(([type, media]) => type === 'application/problem+json' && media.examples)
    .map(([type, media]) => [`${each.status} ${type}`, mediaExample(media)]))[0];
  if (problem) blocks.push(codeBlock(problem[0], formatJson(problem[1]), { json: true }));
  return blocks;
}

export function pathView(path) {
  return path.split(/(\{[^}]+\})/).map((part) => (part.startsWith('{') ? el('em', {}, part) : part));
}

// What any endpoint may answer finds none in particular.
const kCommon = ['400', '401', '408', '413', '414', '415', '429', '431', '500', '503'];

function searchText(operation) {
  const body = merged(operation.bodyMedia?.schema ?? {});
  const own = operation.responses.filter((each) => !kCommon.includes(each.status));
  return [operation.summary, operation.path, operation.method, operation.id, operation.description,
    ...operation.parameters.map((each) => each.name), ...Object.keys(body.properties ?? {}), ...own.flatMap(codesOf)].join(' ');
}

export function operationView(operation, context) {
  const ref = operation.bodyMedia?.schema?.$ref;
  return el('article', { class: 'operation', id: operation.id, 'data-search': searchText(operation) },
    el('div', { class: 'told' },
      el('h3', {}, el('a', { href: `#${operation.id}`, class: 'anchor' }, operation.summary)),
      el('p', { class: 'endpoint' }, el('span', { class: `method ${operation.method}` }, operation.method), el('code', {}, pathView(operation.path)),
        operation.needsToken ? el('span', { class: 'lock', title: 'Send an access token' }, 'token') : null),
      markdown(operation.description),
      parameterGroups(operation),
      operation.bodyMedia ? el('section', {},
        el('h4', {}, 'Body ', ref ? typeName({ $ref: ref }) : null, el('span', { class: 'muted' }, ` ${operation.bodyType}${operation.bodyRequired ? '' : ', optional'}`)),
        schemaView(operation.bodyMedia.schema)) : null,
      el('section', { class: 'answers' }, el('h4', {}, 'Answers'),
        operation.responses.filter((each) => each.status < '400').map(success),
        errors(operation.responses.filter((each) => each.status >= '400'))),
      tryPanel(operation, context)),
    el('div', { class: 'samples' }, examples(operation)));
}
