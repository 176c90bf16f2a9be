import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rollup } from 'vite';

const kCompress = /\.(html|js|css|svg|json|webmanifest)$/;
const kMinBytes = 1024;

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

/** Writes the service worker's list of the app shell, then .br and .gz beside what compresses. */
function finish(): Plugin {
  let out = '';
  return {
    name: 'instapay-finish',
    apply: 'build',
    configResolved(config) {
      out = join(config.root, config.build.outDir);
    },
    closeBundle() {
      const shell = filesUnder(out)
        .map((path) => `/${relative(out, path)}`)
        .filter((url) => /^\/(assets\/|boot\.js$|icon\.svg$|icon-192\.png$|manifest)/.test(url))
        .concat('/')
        .sort();
      const version = createHash('sha256');
      for (const url of shell)
        version.update(readFileSync(join(out, url === '/' ? 'index.html' : url)));
      const worker = join(out, 'sw.js');
      writeFileSync(
        worker,
        readFileSync(worker, 'utf8')
          .replace("'__VERSION__'", JSON.stringify(version.digest('hex').slice(0, 16)))
          .replace("['__SHELL__']", JSON.stringify(shell)),
      );
      for (const path of filesUnder(out)) {
        if (!kCompress.test(path) || statSync(path).size < kMinBytes) continue;
        const bytes = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        );
      }
    },
  };
}

/** The files that come with a source file, and are not there already. */
function comingWith(bundle: Rollup.OutputBundle, source: string, there: Set<string>): string[] {
  const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
  const add = (chunk: Rollup.OutputChunk | undefined) => {
    if (!chunk || there.has(chunk.fileName)) return;
    there.add(chunk.fileName);
    for (const css of chunk.viteMetadata?.importedCss ?? []) there.add(css);
    for (const name of chunk.imports) add(chunks.find(({ fileName }) => fileName === name));
  };
  const before = new Set(there);
  const found = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(source)));
  if (!found) throw new Error(`no chunk has ${source}`);
  add(found);
  return [...there].filter((name) => !before.has(name)).map((name) => `/${name}`);
}

/** Tells boot.js what each start needs, so that it is asked for at once and side by side. */
function hints(): Plugin {
  return {
    name: 'instapay-hints',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) throw new Error('nothing was built');
        const first = new Set<string>();
        comingWith(bundle, '/index.html', first);
        const texts = (language: string, parts: string[]) =>
          parts.flatMap((part) =>
            comingWith(
              bundle,
              `/i18n/${[language, part, 'json'].filter(Boolean).join('.')}`,
              new Set(first),
            ),
          );
        const needed = {
          en: texts('en', ['']),
          ar: texts('ar', ['']),
          wallet: comingWith(bundle, '/app/Wallet.tsx', new Set(first)),
          // As app/loadWallet.ts has them.
          'en-wallet': texts('en', ['wallet', 'requests']),
          'ar-wallet': texts('ar', ['wallet', 'requests']),
        };
        const data = Object.entries(needed).map(
          ([name, files]) => ` data-${name}="${files.join(' ')}"`,
        );
        return html.replace('src="/boot.js"', `src="/boot.js"${data.join('')}`);
      },
    },
  };
}

const api = process.env['INSTAPAY_GATEWAY'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), hints(), finish()],
  resolve: {
    // React has had it itself since 18; the router brings one for those before.
    alias: { 'use-sync-external-store/shim/index.js': 'react' },
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/health', '/oauth', '/.well-known'].map((path) => [path, { target: api }]),
    ),
  },
  build: {
    target: ['es2022', 'chrome107', 'firefox115', 'safari16'],
    // Everything is its own file: a data: font or script would need a wider CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A few per cent less than esbuild's own.
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 2 } },
    reportCompressedSize: true,
  },
});
