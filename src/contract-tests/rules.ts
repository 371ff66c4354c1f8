/** The rules that the checks name, as pointers into the contract. */
const path = '#/paths/~1api~1v1~1secrets';
const schema = '#/components/schemas';
const response = '#/components/responses';
export const RULES = {
  never: '#/info/description',
  list: `${path}/get`,
  create: `${path}/post`,
  get: `${path}~1{tagOrId}/get`,
  update: `${path}~1{tagOrId}/put`,
  delete: `${path}~1{tagOrId}/delete`,
  secret: `${schema}/Secret`,
  page: `${schema}/SecretPage`,
  newSecret: `${schema}/NewSecret`,
  changes: `${schema}/SecretUpdate`,
  error: `${schema}/ErrorBody`,
  response,
} as const;
