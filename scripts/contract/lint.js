// Lints the contract and its workflow. Fails on warnings and on unknown rules too, which Redocly lets pass.
import { lint, redocly } from '../lib/contract/redocly.js';

const config = await redocly('check-config', '--lint-config', 'error');
const { code, errors, warnings, ignored, problems } = await lint();

for (const { severity, ruleId, message, location } of problems) {
  const [{ source, start, pointer }] = location;
  console.error(`${severity}: ${source.ref}${start ? `:${start.line}` : ''} ${pointer ?? ''} ${message} (${ruleId})`);
}
if (config.code !== 0) console.error(config.stderr);
console.log(`contract: ${errors} errors, ${warnings} warnings, ${ignored} ignored`);
console.log(`redocly.yaml: ${config.code === 0 ? 'valid' : 'not valid'}`);
process.exitCode = errors + warnings + ignored + config.code + code > 0 ? 1 : 0;
