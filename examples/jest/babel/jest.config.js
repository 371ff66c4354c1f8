// babel-jest compiles the tests, and the two packages that are ES modules.
module.exports = {
  testMatch: ['<rootDir>/*.spec.js'],
  transform: { '\\.js$': ['babel-jest', { configFile: `${__dirname}/babel.config.js` }] },
  transformIgnorePatterns: ['/node_modules/(?!(cortex-secrets|openapi-fetch)/)'],
};
