// Keeps the app shell for a fast start and for being offline, and shows what is pushed. Answers of the
// API are never stored.
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

const kAnswerWithinMs = 1000;

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

async function show({ title, body, lang, dir, url, tag, id, at }) {
  // Browsers demand a notice for each push. The newest about one thing replaces the one before; one
  // that came twice does so without a sound.
  const shown = tag ? await self.registration.getNotifications({ tag }).catch(() => []) : [];
  const isRepeated = shown.some(({ data }) => data?.id === id);
  await self.registration.showNotification(title ?? 'Mini-InstaPay', {
    body: body ?? '',
    icon: '/icon-192.png',
    badge: '/icon-192.png',
    data: { url: url ?? '/notifications', id },
    ...(lang ? { lang } : {}),
    ...(dir ? { dir } : {}),
    ...(at ? { timestamp: at } : {}),
    ...(tag ? { tag, renotify: !isRepeated } : {}),
    ...(isRepeated ? { silent: true } : {}),
  });
}

// One after the other, so that of one thing the newest stays.
let showing = Promise.resolve();

self.addEventListener('push', (event) => {
  const told = read(event.data);
  showing = showing.catch(() => undefined).then(() => show(told));
  event.waitUntil(showing);
});

/** Whether the wallet that is open there goes to the page by itself. */
function follows(tab, path) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(true);
    setTimeout(() => done(false), kAnswerWithinMs);
    tab.postMessage({ type: 'open', path }, [port2]);
  });
}

async function open(target) {
  const { origin } = self.location;
  const url = new URL(target ?? '/notifications', origin);
  // Only a page of this app.
  const path = url.origin === origin ? url.pathname : '/notifications';
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const tab = tabs.find(({ focused }) => focused) ?? tabs[0];
  if (!tab) return self.clients.openWindow(path);
  await tab.focus().catch(() => undefined);
  if (await follows(tab, path)) return undefined;
  return tab.navigate(path).catch(() => self.clients.openWindow(path));
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});

// The browser has replaced its subscription. A wallet that is open registers the new one, else the next
// that is opened does: no token lies where this script could reach it.
async function renew({ oldSubscription, newSubscription }) {
  if (!newSubscription && oldSubscription)
    await self.registration.pushManager.subscribe(oldSubscription.options).catch(() => undefined);
  const tabs = await self.clients.matchAll({ type: 'window' });
  for (const tab of tabs) tab.postMessage({ type: 'subscription' });
}

self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(renew(event));
});
