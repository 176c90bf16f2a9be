// JSON Schema for people: what a value looks like, and an example of it.
import { el, markdown, phrase, plain } from './dom.js';

let root = {};
export function useDocument(document) {
  root = document;
}

export function nameOf(ref) {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

/** Follows $ref. */
export function resolve(node) {
  let found = node;
  while (found?.$ref) {
    found = found.$ref.slice(2).split('/').reduce((at, key) =>
      at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], root);
  }
  return found ?? {};
}

/**
 * One schema of what it refers to, all its allOf parts, and the members that it says more about by
 * dependentSchemas: `code` of an error, which generators of clients would make a type of elsewhere.
 */
export function merged(schema) {
  const { $ref, allOf = [], dependentSchemas = {}, ...rest } = schema ?? {};
  const closer = Object.values(dependentSchemas).map(({ properties: members }) => ({ properties: members }));
  const parts = [...($ref ? [merged(resolve({ $ref }))] : []), ...allOf.map(merged), ...closer];
  if (parts.length === 0) return rest;
  const all = [...parts, rest].map((part) => Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)));
  const joined = Object.assign({}, ...all);
  if (all.some((part) => part.properties)) joined.properties = Object.assign({}, ...all.map((part) => part.properties));
  if (all.some((part) => part.required)) joined.required = [...new Set(all.flatMap((part) => part.required ?? []))];
  return joined;
}

const kinds = (schema) => [schema.type ?? []].flat();

function variants(schema) {
  return schema.oneOf ?? schema.anyOf?.filter((part) => resolve(part).type || part.$ref) ?? [];
}

/** "string (uuid)", "User[]", "Money or null". */
export function typeName(schema) {
  if (schema?.$ref) {
    const target = resolve(schema);
    return el('a', { href: `#schema-${nameOf(schema.$ref)}`, class: 'type' },
      target.type === 'array' || target.properties ? nameOf(schema.$ref) : nameOf(schema.$ref));
  }
  const node = schema ?? {};
  if (node.allOf?.length === 1 && !node.properties) return typeName(node.allOf[0]);
  const choices = variants(node);
  if (choices.length > 0)
    return el('span', { class: 'type' }, choices.flatMap((part, i) => (i ? [' or ', typeName(part)] : [typeName(part)])));
  if (kinds(node).includes('array'))
    return el('span', { class: 'type' }, 'list of ', typeName(node.items));
  const type = kinds(node).join(' or ') || (node.properties ? 'object' : node.const !== undefined ? typeof node.const : 'any');
  return el('span', { class: 'type' }, node.format ? `${type} (${node.format})` : type);
}

function range(least, most, what) {
  if (least === undefined && most === undefined) return null;
  if (least === most) return `${what} ${least}`;
  if (most === undefined) return `${what} at least ${plain(least)}`;
  return least === undefined ? `${what} at most ${plain(most)}` : `${what} ${plain(least)} to ${plain(most)}`;
}

function rules(schema) {
  const node = merged(schema);
  const found = [
    range(node.minLength, node.maxLength, 'length'),
    range(node.minimum, node.maximum, 'value'),
    range(node.minItems, node.maxItems, 'items'),
    node.exclusiveMinimum !== undefined ? `above ${plain(node.exclusiveMinimum)}` : null,
  ].filter(Boolean).map((text) => el('span', { class: 'rule' }, text));
  if (node.const !== undefined) found.push(el('span', { class: 'rule' }, 'always ', el('code', {}, String(plain(node.const)))));
  if (node.default !== undefined) found.push(el('span', { class: 'rule' }, 'default ', el('code', {}, String(plain(node.default)))));
  if (node.pattern) found.push(el('span', { class: 'rule' }, 'pattern ', el('code', {}, node.pattern)));
  return found;
}

function values(schema) {
  const node = merged(schema);
  const items = node.enum ?? merged(node.items ?? {}).enum;
  if (!items) return null;
  return el('div', { class: 'values' }, items.map((item) => el('code', {}, String(plain(item)))));
}

/** The members within a value, if it has any: of an object, a list's items, any variant. */
function inner(schema, seen) {
  const node = merged(schema);
  if (node.properties && Object.keys(node.properties).length > 0) return properties(node, seen);
  if (node.items) return inner(node.items, seen);
  const choices = variants(node).filter((part) => merged(part).properties || merged(part).items);
  if (choices.length === 1) return inner(choices[0], seen);
  if (choices.length > 1)
    return el('div', { class: 'choices' }, choices.map((part, i) =>
      el('div', {}, el('p', { class: 'choice' }, i ? 'or ' : 'either ', typeName(part)), inner(part, seen))));
  return null;
}

function refs(schema) {
  const direct = schema?.$ref ? [schema.$ref] : [];
  const nested = [schema?.items, ...(schema?.oneOf ?? []), ...(schema?.allOf ?? [])];
  return [...direct, ...nested.filter(Boolean).flatMap((part) => (part.$ref ? [part.$ref] : []))];
}

/** One row: name, type, rules, meaning, and what is inside on demand. */
export function property(name, schema, required, seen = []) {
  const node = resolve(schema);
  const own = schema.description ?? node.description;
  const nested = refs(schema).some((ref) => seen.includes(ref)) ? null : () => inner(schema, [...seen, ...refs(schema)]);
  const content = nested && nested();
  return el('div', { class: 'property' },
    el('div', { class: 'property-head' },
      el('code', { class: 'name' }, name), typeName(schema),
      required ? el('span', { class: 'required' }, 'required') : null, rules(schema)),
    own ? el('div', { class: 'meaning' }, phrase(own)) : null,
    values(schema),
    content ? el('details', {}, el('summary', {}, 'What is inside'), content) : null);
}

function properties(node, seen) {
  const required = node.required ?? [];
  return el('div', { class: 'properties' }, Object.entries(node.properties).map(([name, part]) =>
    property(name, part, required.includes(name), seen)));
}

/** A whole schema, without its name. */
export function schemaView(schema) {
  const node = merged(schema);
  const content = inner(schema, refs(schema));
  return el('div', { class: 'schema' },
    node.description && !schema.$ref ? markdown(node.description) : null,
    content ?? el('div', { class: 'property' }, el('div', { class: 'property-head' }, typeName(resolve(schema)), rules(schema)), values(schema)));
}

// What no rule of a schema tells.
const kByName = {
  accessToken: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…',
  refreshToken: 'mjb5qKKzGBVcv-aMl4JZKGO--sxFcDTjsKdU8LKFx0E',
  expiresIn: 900,
  username: 'nour',
  displayName: 'Nour Hassan',
  version: '1.0.0',
};

const kByFormat = {
  uuid: '019aa4c2-5b7d-7f12-8c44-91d2e3f4a5b6',
  'date-time': '2026-11-22T10:15:30.123456Z',
  date: '2026-11-22',
  email: 'nour@example.com',
  password: 'correct horse battery',
};

/** An example: the author's, or one that the schema allows. */
export function exampleOf(schema, depth = 0) {
  const node = merged(schema);
  const given = resolve(schema).examples ?? node.examples;
  if (given?.length) return given[0];
  for (const known of ['example', 'default', 'const']) if (node[known] !== undefined) return node[known];
  if (node.enum) return node.enum[0];
  const choices = variants(node);
  if (choices.length > 0) return exampleOf(choices[0], depth + 1);
  if (depth > 6) return null;
  if (node.properties) {
    return Object.fromEntries(Object.entries(node.properties).map(([name, part]) => [name, kByName[name] ?? exampleOf(part, depth + 1)]));
  }
  if (node.items) return [exampleOf(node.items, depth + 1)];
  const type = kinds(node).find((kind) => kind !== 'null');
  if (type === 'integer' || type === 'number') return Math.max(node.minimum ?? 0, 1);
  if (type === 'boolean') return true;
  return type === 'string' ? (kByFormat[node.format] ?? 'text') : null;
}

export function mediaExample(media) {
  if (!media) return undefined;
  if (media.example !== undefined) return media.example;
  const [first] = Object.values(media.examples ?? {});
  if (first) return resolve(first).value;
  return exampleOf(media.schema ?? {});
}
