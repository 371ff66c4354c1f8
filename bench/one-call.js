// Makes list calls on a stubbed network, for the profiler; prints the CPU time per call in microseconds.
import { createSecretsClient } from '../dist/index.js';
import { apiKey, pageOf, stub } from './work.js';

const calls = Number(process.argv[2] ?? 20_000);
const secrets = createSecretsClient({ apiKey, baseUrl: 'https://cortex.test', fetch: stub(pageOf(1)) });
for (let i = 0; i < 5000; i++) await secrets.list();
const before = process.cpuUsage();
for (let i = 0; i < calls; i++) await secrets.list();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / calls);
