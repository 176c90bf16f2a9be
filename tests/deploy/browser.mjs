// The browser's part of test_split.py, run in the network of whoever is outside: node browser.mjs TASK.
// What only the test can do (money, the network) is asked for by a line, and done once a line comes back.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const task = JSON.parse(process.argv[2]);
const consoles = [];
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(line) {
  process.stdout.write(`${line}\n`);
  await answers.next();
}

async function signIn(page, { email, password }) {
  await page.goto('/sign-in');
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('#main').waitFor();
}

async function newPage(browser) {
  // The certificate is made by deploy/make-secrets.sh, and nobody's authority signed it.
  const context = await browser.newContext({
    baseURL: task.origin,
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.on('console', (message) => consoles.push(`${message.type()} ${message.text()}`));
  page.setDefaultTimeout(30_000);
  return page;
}

async function customer(browser) {
  const page = await newPage(browser);
  const name = `browser${process.pid}`;
  const email = `${name}@example.com`;
  await page.goto('/register');
  await page.getByLabel('Your name').fill('Mona Hassan');
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill('a long password 7');
  await page.getByRole('button', { name: 'Open my wallet' }).click();
  await page.getByTestId('balance').waitFor();
  await ask(`fund ${email}`);
  await page.goto(`/send?to=${task.payee}&amount=12.34`);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('pay').click();
  await page.getByRole('heading', { name: 'Sent', exact: true }).waitFor();

  const banner = page.getByText(/You are offline|cannot be reached/);
  await ask('network down');
  await page.getByRole('link', { name: 'See receipt' }).click();
  await banner.first().waitFor();
  await ask('network up');
  // Nobody touches the page: it notices by itself.
  await banner.first().waitFor({ state: 'hidden' });
}

async function operator(browser) {
  const page = await newPage(browser);
  await signIn(page, task.operator);
  await page.goto('/console/ledger');
  const services = page.getByRole('region', { name: 'Services' });
  const user = services.locator('li.card', { has: page.getByRole('heading', { name: 'user' }) });
  await user.getByText('Ready').first().waitFor();
  const replicas = await user.getByRole('list', { name: 'Replicas' }).getByRole('listitem').count();
  if (replicas !== task.replicas) throw new Error(`${replicas} replicas, not ${task.replicas}`);
  if (await services.getByText(/Down|Not ready/).count()) throw new Error('a service is down');
  const queue = page.getByRole('region', { name: 'Commit queue' });
  await queue.getByText(/\/ 40,000/).waitFor();
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
    `--host-resolver-rules=${task.resolve}`,
  ],
});
try {
  // Last: Chromium goes on being interrupted for seconds after a network has changed.
  await operator(browser);
  await customer(browser);
} catch (error) {
  console.log(consoles.join('\n'));
  for (const context of browser.contexts())
    for (const page of context.pages())
      console.log(page.url(), await page.locator('body').innerText());
  throw error;
} finally {
  await browser.close();
}
process.exit(0);
