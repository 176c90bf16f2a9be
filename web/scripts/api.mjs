// From api/openapi.yaml: the TypeScript types of the API, and where in its answers money stands. A
// schema is money by its `format: decimal`, never by the name of a field.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { parse } from 'yaml';

const source = new URL('../../api/openapi.yaml', import.meta.url);
const target = (name) => fileURLToPath(new URL(`../src/api/${name}.gen.ts`, import.meta.url));
const isMoney = (schema) => schema?.type === 'number' && schema.format === 'decimal';
const kWritten = '// Written by scripts/api.mjs from api/openapi.yaml.\n';

const types = await openapiTS(source, {
  // Money is decoded into whole minor units (src/api/json.ts).
  transform: (schema) =>
    isMoney(schema) ? ts.factory.createKeywordTypeNode(ts.SyntaxKind.BigIntKeyword) : undefined,
});
writeFileSync(target('schema'), kWritten + astToString(types));

const { schemas } = parse(readFileSync(source, 'utf8')).components;

function merge(a, b, where) {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  if (a === 'money' || b === 'money' || Array.isArray(a) !== Array.isArray(b))
    throw new Error(`${where} is money in one form of the schema and not in another`);
  if (Array.isArray(a)) return [merge(a[0], b[0], where)];
  const both = { ...a };
  for (const [name, shape] of Object.entries(b))
    both[name] = merge(a[name], shape, `${where}.${name}`);
  return both;
}

/** Where money stands inside what the schema describes; undefined when it has none. */
function shapeOf(schema, where) {
  if (schema.$ref) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return shapeOf(schemas[name], name);
  }
  if (isMoney(schema)) return 'money';
  let shape;
  for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
    shape = merge(shape, shapeOf(part, where), where);
  if (schema.items) {
    const each = shapeOf(schema.items, `${where}[]`);
    if (each !== undefined) shape = merge(shape, [each], where);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const inside = shapeOf(property, `${where}.${name}`);
    if (inside !== undefined) shape = merge(shape, { [name]: inside }, where);
  }
  return shape;
}

const shapes = Object.entries(schemas)
  .filter(([name]) => !/Request$|^BatchItem$/.test(name))
  .map(([name, schema]) => [name, shapeOf(schema, name)])
  .filter(([, shape]) => shape !== undefined);
writeFileSync(
  target('shapes'),
  `${kWritten}import type { Shape } from './json';\n\nexport const shapes: Partial<Record<string, Shape>> = ${JSON.stringify(
    Object.fromEntries(shapes),
    null,
    2,
  )};\n`,
);
