// Installs Chromium for the browser tests if possible, otherwise prints why they are skipped.
//
// With CORTEX_SECRETS_BROWSER=required a missing browser is an error.
import { ensureChromium, findChromium } from './lib/browser.js';

const missing = await ensureChromium();
if (missing === undefined) {
  console.log(`browser tests: with ${findChromium()}`);
} else {
  console.log(`browser tests: SKIPPED, ${missing}`);
  if (process.env.CORTEX_SECRETS_BROWSER === 'required') process.exitCode = 1;
}
