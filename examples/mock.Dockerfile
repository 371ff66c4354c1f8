# The in-memory Cortex in a container, for tests in any language; docs/mock.md has its options and a compose file.
#   docker build --file mock.Dockerfile --tag cortex-mock .
#   docker run --rm --publish 127.0.0.1:4020:4020 cortex-mock
FROM node:22-alpine
WORKDIR /mock
ARG VERSION=latest
RUN npm install --ignore-scripts --no-audit --no-fund cortex-secrets@$VERSION
USER node
EXPOSE 4020
HEALTHCHECK --interval=5s --timeout=3s CMD wget -q -O /dev/null http://127.0.0.1:4020/health
ENTRYPOINT ["node", "node_modules/cortex-secrets/dist/cli/main.js", "mock", "--host", "0.0.0.0"]
