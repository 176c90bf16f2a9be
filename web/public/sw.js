// Keeps the app shell for a fast start and for being offline. Answers of the API are never stored.
const kVersion = '__VERSION__';
const kShell = ['__SHELL__'];
const kCache = `instapay-shell-${kVersion}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(kCache)
      .then((cache) => cache.addAll(kShell))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('instapay-shell-') && name !== kCache)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

async function fromShell(request, key) {
  const cached = await caches.match(key ?? request, { cacheName: kCache });
  return cached ?? fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (/^\/(api|health|metrics|docs|openapi\.yaml|\.well-known)(\/|$)/.test(url.pathname)) return;
  if (request.mode === 'navigate') {
    // The newest page when there is a network, the kept one when there is none.
    event.respondWith(fetch(request).catch(() => fromShell(request, '/')));
  } else if (kShell.includes(url.pathname)) {
    event.respondWith(fromShell(request, url.pathname));
  }
});
