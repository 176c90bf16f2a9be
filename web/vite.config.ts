import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

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

const api = process.env['INSTAPAY_GATEWAY'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), finish()],
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
    reportCompressedSize: true,
  },
});
