// npm run bench   compares the client with its peers, in one run
import * as goals from './goals.js';
import { profile } from './profile.js';
import { report } from './report.js';
import * as sideBySide from './side-by-side.js';

const { goal } = goals;
const tables = [];
const show = (head, rows) =>
  console.table(rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]]))));

for (const measure of [
  sideBySide.oneCall,
  sideBySide.loopback,
  sideBySide.listing,
  sideBySide.burst,
  sideBySide.weight,
  sideBySide.types,
  profile,
]) {
  const table = await measure();
  tables.push(table);
  console.log(`\n${table.title}`);
  show(table.head, table.rows);
}

const rows = [];
for (const measure of [goals.size, goals.docs, goals.oneCall, goals.fake, goals.mock, goals.loopback])
  rows.push(...(await measure()));

const { ratio } = tables.find((table) => table.ratio);
const { ofOptimum, throttled, lost } = tables.find((table) => table.ours).ours;
const percent = `${(throttled * 100).toFixed(1)} %`;
rows.push(
  goal('listing 40 pages at 50 ms each', `${ratio.toFixed(2)} of sequential requests`, 'at most 0.25', ratio <= 0.25),
  goal('2,000 creates at once: time', `${ofOptimum.toFixed(2)} x the optimum`, 'at most 1.3 x', ofOptimum <= 1.3),
  goal('2,000 creates at once: throttled requests', percent, 'at most 6 %', throttled <= 0.06),
  goal('2,000 creates at once: failed creates', String(lost), 'none', lost === 0),
);
console.log(`\nGoals, Node ${process.versions.node}; medians of the ratios within each round`);
console.table(rows);
await report({ tables, goals: rows });
