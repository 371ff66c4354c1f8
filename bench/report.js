// Writes RESULTS.md and its chart. No figure in them is typed by hand.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

/** @param {{ tables: any[], goals: { what: string, figure: string, goal: string, met: string }[] }} results */
export async function report({ tables, goals }) {
  const { devDependencies } = JSON.parse(await readFile(`${here}package.json`, 'utf8'));
  const versions = Object.entries(devDependencies).map(([name, version]) => `${name} ${version}`);
  const [{ model } = { model: 'unknown' }, ...more] = cpus();
  const parts = tables.map(({ title, note, head, rows, bars }) =>
    [`## ${title}`, note, ...(bars ? [`![${title}](one-call.svg)`] : []), table(head, rows)].join('\n\n'),
  );
  const text = `# Results of \`npm run bench\`

Made by \`bench/run.js\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${more.length + 1} cores (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}.

Peers: ${versions.join(', ')}.

Medians of interleaved rounds; ratios are medians of the ratios within a round. Absolute figures depend on the
machine, the order of the clients hardly does. Many processes on one key: [SHARED-LIMIT.md](SHARED-LIMIT.md).

${parts.join('\n\n')}

## Goals

${table(
  ['what', 'figure', 'goal', 'met'],
  goals.map(({ what, figure, goal, met }) => [what, figure, goal, met]),
)}
`;
  await writeFile(`${here}RESULTS.md`, text);
  const { bars, title } = tables.find((one) => one.bars);
  await writeFile(`${here}one-call.svg`, chart(title, bars));
}

/** A bar chart, shortest bar first; a bar over six times as long as ours is cut and marked. */
function chart(title, bars) {
  const sorted = bars.toSorted((a, b) => a.value - b.value);
  const ours = sorted.find(({ name }) => name === 'cortex-secrets')?.value ?? 1;
  const longest = Math.min(sorted.at(-1).value, ours * 6);
  const lines = sorted.map(({ name, value }, i) => {
    const y = 40 + i * 26;
    const width = Math.round((Math.min(value, longest) / longest) * 360);
    const fill = name === 'cortex-secrets' ? '#1269c7' : '#9aa4b2';
    return `<text x="120" y="${y + 13}" text-anchor="end">${name}</text><rect x="130" y="${y}" width="${width}" height="18" rx="3" fill="${fill}"/><text x="${136 + width}" y="${y + 13}">${value.toFixed(0)} us${value > longest ? ' (cut)' : ''}</text>`;
  });
  const height = 50 + sorted.length * 26;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 ${height}" font-family="sans-serif" font-size="12" fill="#59636e"><title>${title}</title><text x="10" y="22" font-size="14" font-weight="bold">${title}</text>${lines.join('')}</svg>\n`;
}
