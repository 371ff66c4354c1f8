/**
 * Turns the content of a JSON or YAML file into secrets: a map of tags to values, or a list of `{ tag, name, secret }`.
 * A file in the form of another tool is an error that says what it is, and what to pipe in instead.
 */
import type { LocatedValue, ParsedFile } from './entry.js';

type MapValue = Extract<LocatedValue, { kind: 'map' }>;

/** What is said of a value that is a number, and so on: in quotes it is stored as it is written. */
export const IN_QUOTES = 'must be a string; put it in quotes';
export const NULL_PROBLEM = 'is null, which is no value; give a string, or leave the key out';

const FIELDS = ['tag', 'name', 'secret'];
const SHAPE = 'expected a map of tags to values, or a list of { tag, name, secret }';

/** Turns the value of a whole JSON or YAML file into secrets. */
export function addEntries(file: ParsedFile, content: LocatedValue): void {
  const shape = problemOfShape(content);
  if (shape !== undefined) file.problems.add(content.at, shape);
  else if (content.kind === 'map') for (const pair of content.pairs) addPair(file, pair);
  else if (content.kind === 'list') for (const item of content.items) addItem(file, item);
  else file.problems.add(content.at, SHAPE);
}

/** What is wrong with a value that must be a string. */
function problemOf(value: LocatedValue): string | undefined {
  if (value.kind === 'string') return undefined;
  return value.kind === 'wrong' ? value.problem : `must be a string, and is a ${value.kind}`;
}

function addPair(file: ParsedFile, { key, at, value }: MapValue['pairs'][number]): void {
  if (file.leavesOut(key)) return;
  const problem = problemOf(value);
  if (value.kind === 'string') file.add({ tag: key, name: undefined, secret: value.text, at });
  else file.problems.add(value.at, `the value ${problem}`);
}

function addItem(file: ParsedFile, item: LocatedValue): void {
  const { problems } = file;
  if (item.kind !== 'map') {
    problems.add(item.at, 'expected { tag, name, secret }');
    return;
  }
  const key = item.pairs.find(({ key }) => key === 'tag')?.value;
  if (key?.kind === 'string' && file.leavesOut(key.text)) return;
  const before = problems.count;
  const fields = new Map<string, string>();
  for (const { key, at, value } of item.pairs) {
    // The key is not quoted: it may be a value.
    if (!FIELDS.includes(key)) problems.add(at, 'unknown field; expected tag, name, secret');
    else if (fields.has(key)) problems.add(at, `the field ${key} is there twice`);
    else if (value.kind !== 'string') problems.add(value.at, `${key} ${problemOf(value)}`);
    else fields.set(key, value.text);
  }
  if (problems.count > before) return;
  const tag = fields.get('tag');
  const secret = fields.get('secret');
  if (tag === undefined || secret === undefined)
    problems.add(item.at, `${tag === undefined ? 'tag' : 'secret'} is missing`);
  else file.add({ tag, name: fields.get('name'), secret, at: item.at });
}

const IMPORT = 'cortex-secrets import - --format json';
const NESTED = `a map of maps; pipe in the part that has the secrets, such as: jq .KEY FILE.json | ${IMPORT}`;
const KINDS: Readonly<Record<string, string>> = {
  Secret: `a Kubernetes Secret, whose values are in base64; pipe them in: kubectl get secret NAME -o json | jq '.data | map_values(@base64d)' | ${IMPORT}`,
  SealedSecret: 'a SealedSecret, which only its cluster can decrypt; import the Secret that it was made from',
  ExternalSecret: 'an ExternalSecret, which has no values; import them from the store that it names',
  ConfigMap: `a Kubernetes ConfigMap; pipe its values in: kubectl get configmap NAME -o json | jq .data | ${IMPORT}`,
};

/** What a file is, if it is another tool's; undefined otherwise. Quotes nothing of it. */
export function problemOfShape(content: LocatedValue): string | undefined {
  const what = content.kind === 'map' ? ofMap(content) : content.kind === 'list' ? ofList(content.items) : undefined;
  return what === undefined ? undefined : `the file is ${what}`;
}

function ofMap(map: MapValue): string | undefined {
  const values = new Map(map.pairs.map(({ key, value }) => [key, value]));
  const has = (key: string, kind: LocatedValue['kind']) => values.get(key)?.kind === kind;
  if (has('sops', 'map')) return 'encrypted by sops; run "sops decrypt" first';
  if (has('apiVersion', 'string') && has('kind', 'string')) {
    const kind = textOf(values.get('kind'));
    if (Object.hasOwn(KINDS, kind)) return KINDS[kind];
    if (has('items', 'list')) return `a Kubernetes list; import one of its Secrets: ${KINDS.Secret?.split(': ')[1]}`;
    return 'a Kubernetes object; import the values alone, as a map of tags to values';
  }
  if (has('request_id', 'string') && has('data', 'map'))
    return `a response of Vault; pipe its values in: vault kv get -format=json PATH | jq .data.data | ${IMPORT}`;
  if (has('ARN', 'string') && has('SecretString', 'string'))
    return `a response of AWS Secrets Manager; pipe its value in: aws secretsmanager get-secret-value --secret-id ID --query SecretString --output text | ${IMPORT}`;
  if (has('fields', 'list') && has('title', 'string'))
    return `an item of 1Password; pipe its fields in: op item get NAME --format json | jq '.fields | map({(.label): .value}) | add' | ${IMPORT}`;
  if (has('encrypted', 'wrong') && has('items', 'list'))
    return 'an export of Bitwarden; import a map of tags to values that is made from it';
  const maps = map.pairs.flatMap(({ value }) => (value.kind === 'map' ? [value] : []));
  if (maps.length === 0 || maps.length < map.pairs.length) return undefined;
  if (maps.every((one) => hasKeys(one, 'value', 'sensitive')))
    return `an output of Terraform; pipe its values in: terraform output -json | jq 'map_values(.value)' | ${IMPORT}`;
  if (maps.every((one) => hasKeys(one, 'computed')))
    return `an output of Doppler; pipe its values in: doppler secrets download --no-file --format json | ${IMPORT}`;
  return NESTED;
}

/** `[{ "key": ..., "value": ... }]`, which several tools export. */
function ofList(items: readonly LocatedValue[]): string | undefined {
  const maps = items.flatMap((item) => (item.kind === 'map' ? [item] : []));
  if (maps.length === 0 || maps.length < items.length) return undefined;
  const name = ['key', 'name', 'Key', 'Name'].find((key) =>
    maps.every((one) => hasKeys(one, key, key === key.toLowerCase() ? 'value' : 'Value')),
  );
  if (name === undefined) return undefined;
  const value = name === name.toLowerCase() ? 'value' : 'Value';
  return `a list of { ${name}, ${value} }; pipe in a map: jq 'map({(.${name}): .${value}}) | add' FILE.json | ${IMPORT}`;
}

const textOf = (value: LocatedValue | undefined): string => (value?.kind === 'string' ? value.text : '');
const hasKeys = (map: MapValue, ...keys: string[]) => keys.every((name) => map.pairs.some(({ key }) => key === name));
