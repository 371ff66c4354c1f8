// jsdom in place of Node's globals, as for tests of React components. The rest is as in babel/.
module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/*.spec.js'],
  transform: { '\\.js$': ['babel-jest', { configFile: `${__dirname}/../babel/babel.config.js` }] },
  transformIgnorePatterns: ['/node_modules/(?!(cortex-secrets|openapi-fetch)/)'],
};
