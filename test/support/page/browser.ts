import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { TestService } from '../service/service.js';

const CHROMIUM = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Nothing but what the page needs; Chromium as root has no sandbox. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens pages of a service in Chromium, each as a visitor of its own, and remembers what went wrong in them. */
export class TestBrowser {
  /** Errors of the page's scripts, of its console, and of its security policy. */
  readonly faults: string[] = [];
  /** Where the page's requests went. */
  readonly origins = new Set<string>();
  private browser: Browser | null = null;

  async start(): Promise<void> {
    this.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  }

  async stop(): Promise<void> {
    await this.browser?.close();
  }

  async open({ httpUrl }: Pick<TestService, 'httpUrl'>, options: BrowserContextOptions = {}): Promise<Page> {
    if (this.browser === null) throw new Error('the browser is not started');
    const context = await this.browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.faults.push(String(error.stack)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => this.origins.add(new URL(request.url()).origin));
    await page.goto(httpUrl);
    return page;
  }

  /** Closes all pages, and forgets what was remembered. */
  async leave(): Promise<void> {
    await Promise.all((this.browser?.contexts() ?? []).map((context) => context.close()));
    this.faults.length = 0;
    this.origins.clear();
  }
}

/** Where no Chromium is, a suite in the browser is named as skipped; in CI that is a failure. */
export function inBrowser(name: string, suite: (browser: TestBrowser) => void): void {
  const there = existsSync(CHROMIUM);
  test(`a browser is there in CI, for ${name}`, () => {
    expect(there || process.env.CI !== 'true').toBe(true);
  });
  (there ? describe : describe.skip)(`in Chromium, ${name}`, () => {
    const browser = new TestBrowser();
    beforeAll(() => browser.start());
    afterEach(() => browser.leave());
    afterAll(() => browser.stop());
    suite(browser);
  });
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What WCAG 2.2 AA and axe's best practices find wrong in the page as it is now. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + target + ': ' + failureSummary)))`);
}
