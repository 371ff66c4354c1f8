// Prints which Chromium the browser tests use, or why they are skipped. Installs one only if CI is set.
//
// With CORTEX_SECRETS_BROWSER=required they must not be skipped: fails if there is no Chromium.
import { ensureChromium, findChromium, findFirefox } from '../lib/browser.js';

const missing = await ensureChromium();
if (missing === undefined) {
  const firefox = findFirefox() ?? 'without Firefox: its test is SKIPPED, there is none';
  console.log(`browser tests: with ${findChromium()}, ${firefox}`);
} else {
  console.log(`browser tests: SKIPPED, ${missing}`);
  if (process.env.CORTEX_SECRETS_BROWSER === 'required') process.exitCode = 1;
}
