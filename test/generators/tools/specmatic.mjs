// Specmatic sends every named request example to the in-memory Cortex, seeded with the secrets of the examples, and
// accepts every response. It needs Java.
import { execFileSync, spawnSync } from 'node:child_process';

const [folder, json] = process.argv.slice(2);
const { baseUrl, apiKey } = JSON.parse(json);
if (spawnSync('java', ['-version']).status !== 0) {
  console.log('SKIPPED: Java not found');
  process.exit();
}
const args = ['-jar', 'node_modules/specmatic/specmatic.jar', 'test', `${folder}/openapi.yaml`];
const env = { ...process.env, bearerAuth: apiKey };
const output = execFileSync('java', [...args, `--testBaseURL=${baseUrl}`], { env, encoding: 'utf8' });
const [, run, passed] = /Tests run: (\d+), Successes: (\d+), Failures: 0/.exec(output) ?? [];
// Two lists, a create and a conflict, three gets, three updates, two deletes.
if (run !== '12' || passed !== '12') throw new Error(output);
