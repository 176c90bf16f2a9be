import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kBinary = process.env.INSTAPAY_BIN ?? join(kRoot, 'build/release/instapay');
const kWeb = process.env.WEB_DIR ?? join(kRoot, 'web/dist');
const kReadyMs = 60_000;
const kStopMs = 15_000;

// Of the ports that no kernel gives away by itself; runs beside each other name their own hundred.
const kFirstPort = Number(process.env.WEB_TEST_PORTS ?? 23_100);
const kPorts = process.env.WEB_TEST_PORTS ? 100 : 900;
// A port that is free now may be another worker's a moment later: each has a part of them.
const kWorkers = 2;
const kPortsOfOne = Math.floor(kPorts / kWorkers);
const kFirstOfOne = kFirstPort + (Number(process.env.TEST_PARALLEL_INDEX ?? 0) % kWorkers) * kPortsOfOne;

let nextPort = kFirstOfOne + (process.pid % kPortsOfOne);

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort + 1 >= kFirstOfOne + kPortsOfOne ? kFirstOfOne : nextPort + 1;
    if (await isFree(nextPort)) return nextPort;
  }
}

export type StackOptions = { demo?: boolean; env?: Record<string, string> };

/** The real thing: one `instapay serve all` over its own private PostgreSQL, thrown away after. */
export class Stack {
  readonly operator = { email: 'operator@example.com', password: randomBytes(12).toString('hex') };
  demo: { email: string; password: string } | null = null;
  url = '';
  private child: ChildProcess | null = null;
  private output = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'instapay-web-'));
  private ports: Record<string, string> = {};

  constructor(private readonly options: StackOptions = {}) {}

  static async start(options: StackOptions = {}): Promise<Stack> {
    const stack = new Stack(options);
    for (const name of ['USER_PORT', 'TRANSACTION_PORT', 'REPORTING_PORT', 'GATEWAY_PORT'])
      stack.ports[name] = String(await freePort());
    stack.url = `http://localhost:${stack.ports.GATEWAY_PORT}`;
    try {
      await stack.up();
    } catch (error) {
      await stack.remove();
      throw error;
    }
    return stack;
  }

  async up(): Promise<void> {
    if (!existsSync(kBinary)) throw new Error(`no ${kBinary}: build it, or set INSTAPAY_BIN`);
    if (!existsSync(join(kWeb, 'index.html'))) throw new Error(`no ${kWeb}: npm run build in web/`);
    this.output = '';
    const first = this.child === null;
    const child = spawn(kBinary, ['serve', 'all', ...(this.options.demo && first ? ['--demo'] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        INSTAPAY_ENV: 'development',
        DATA_DIR: this.folder,
        WEB_DIR: kWeb,
        OPERATOR_EMAIL: this.operator.email,
        OPERATOR_PASSWORD: this.operator.password,
        // Tests sign in often and from one address; hashing is tested elsewhere.
        SUPPORT_CONTACT: 'mailto:help@example.com',
        BCRYPT_COST: '4',
        LOGIN_ATTEMPTS_PER_MIN: '0',
        RATE_LIMIT_USER_PER_S: '0',
        RATE_LIMIT_ADDRESS_PER_S: '0',
        ...this.ports,
        ...this.options.env,
      },
    });
    this.child = child;
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-20_000);
      const found = /Sign in as (\S+) with the password (\S+)/.exec(this.output);
      if (found?.[1] && found[2]) this.demo = { email: found[1], password: found[2] };
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const until = Date.now() + kReadyMs;
    while (Date.now() < until) {
      if (child.exitCode !== null) break;
      try {
        if ((await fetch(`${this.url}/health/ready`)).ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(`the stack did not become ready:\n${this.output}`);
  }

  /** As a power cut would: no goodbye. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((done) => {
      const hard = setTimeout(() => child.kill('SIGKILL'), kStopMs);
      child.once('exit', () => {
        clearTimeout(hard);
        done();
      });
      child.kill(signal);
    });
  }

  private async remove() {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** In its database, as the owner: what only time would bring about. */
  sql(statement: string): void {
    const password = readFileSync(join(this.folder, 'postgres.password'), 'utf8').trim();
    const env = { ...process.env, PGPASSWORD: password };
    const to = `host=${join(this.folder, 'run')} user=instapay dbname=postgres`;
    execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', statement, to], { env });
  }

  stop(): Promise<void> {
    return this.remove();
  }

  async api<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: T; text: string }> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: (text ? JSON.parse(text) : null) as T };
  }
}
