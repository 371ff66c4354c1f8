// Lints the contract. Redocly only warns of a rule that it doesn't know, and ends well with warnings: not here.
import { redocly } from './lib/redocly.js';

const config = await redocly('check-config', '--lint-config', 'error');
const lint = await redocly('lint', '--format', 'json');
const { totals, problems } = JSON.parse(lint.stdout);

for (const { severity, ruleId, message, location } of problems) {
  const [{ source, start, pointer }] = location;
  console.error(`${severity}: ${source.ref}${start ? `:${start.line}` : ''} ${pointer ?? ''} ${message} (${ruleId})`);
}
if (config.code !== 0) console.error(config.stderr);
const count = totals.errors + totals.warnings;
console.log(`contract: ${totals.errors} errors, ${totals.warnings} warnings, ${totals.ignored} ignored`);
console.log(`redocly.yaml: ${config.code === 0 ? 'valid' : 'not valid'}`);
process.exitCode = count + totals.ignored + config.code + lint.code > 0 ? 1 : 0;
