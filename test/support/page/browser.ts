import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { TestService } from '../service/service.js';

const CHROMIUM = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';

/** What Playwright switches off. Chromium obeys the last list that it gets, which is the one below. */
const OFF_FOR_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

/** Pages of the address bar and a renderer in reserve, which Chromium starts with each context: more than half of its processor time. */
const OFF = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'SpareRendererForSitePerProcess'];

/** Chromium cannot use its sandbox as root. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${[...OFF_FOR_PLAYWRIGHT, ...OFF].join(',')}`,
];

/** Opens pages of a service in Chromium, each in its own context, and records their errors. */
export class TestBrowser {
  /** Errors of the page's scripts, of its console, and of its security policy. */
  readonly faults: string[] = [];
  /** The origins that the page sent requests to. */
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

  /** Opens a page and waits until it watches: an earlier change would be in its snapshot, and not in its list of what happened. */
  async openLive(service: Pick<TestService, 'httpUrl'>, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.open(service, options);
    await page.getByRole('status').getByText('Live').waitFor();
    return page;
  }

  /** Closes all pages, and clears the records. */
  async leave(): Promise<void> {
    await Promise.all((this.browser?.contexts() ?? []).map((context) => context.close()));
    this.faults.length = 0;
    this.origins.clear();
  }
}

/** Skips the suite without Chromium; in CI that is a failure. */
export function inBrowser(name: string, suite: (browser: TestBrowser) => void): void {
  const installed = existsSync(CHROMIUM);
  test(`Chromium is installed in CI, for ${name}`, () => {
    expect(installed || process.env.CI !== 'true').toBe(true);
  });
  (installed ? describe : describe.skip)(`in Chromium, ${name}`, () => {
    const browser = new TestBrowser();
    beforeAll(() => browser.start());
    afterEach(() => browser.leave());
    afterAll(() => browser.stop());
    suite(browser);
  });
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Returns the violations of WCAG 2.2 AA and of axe's best practices in the page. Of what passes, axe need not say where it is. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + target + ': ' + failureSummary)))`);
}
