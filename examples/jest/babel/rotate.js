// The code under test.
const { createSecretsClient } = require('cortex-secrets');

exports.rotate = async (tag, secret, options) => {
  const { id } = await createSecretsClient(options).update(tag, { secret });
  return id;
};
