// Sees to it that the browser tests have a browser, or says why they are skipped.
//
// With CORTEX_SECRETS_BROWSER=required they must not be skipped.
import { ensureChromium, findChromium } from './lib/browser.js';

const missing = await ensureChromium();
if (missing === undefined) {
  console.log(`browser tests: with ${findChromium()}`);
} else {
  console.log(`browser tests: SKIPPED, ${missing}`);
  if (process.env.CORTEX_SECRETS_BROWSER === 'required') process.exitCode = 1;
}
