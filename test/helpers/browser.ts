import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Starts a real browser. Throws, with what to install, where there is none: a suite that passes without is no proof. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      'The browser tests need Chromium: install it (apt-get install chromium), or set CHROMIUM to its path.',
    );
  }
  return chromium.launch({
    executablePath,
    // Much longer than it takes, also on a busy machine.
    timeout: 110_000,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      // Not even where the environment names one, as in the network of a company.
      '--no-proxy-server',
      // A shop with subdomains, without the network.
      '--host-resolver-rules=MAP *.shop.test 127.0.0.1',
    ],
  });
}
