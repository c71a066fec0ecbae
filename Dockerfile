# Builds the server image: the engine, the command line and the web console, without Electron.
# `npm run rehearse:image` runs these steps on Linux without a container engine.
ARG NODE=24-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
# No script of a package runs: neither Electron nor a keychain is needed, and the native parts bring their binaries.
RUN npm install --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && mkdir /package && npm pack --ignore-scripts --pack-destination /package

FROM node:${NODE}
COPY --from=build /package/ /package/
RUN npm install --prefix /opt/hallpass --ignore-scripts --omit=dev --no-audit --no-fund /package/*.tgz \
 && rm -r /package && ln -s /opt/hallpass/node_modules/.bin/hallpass /usr/local/bin/hallpass \
 && install -d -o 1000 -g 1000 -m 0700 /data

# HALLPASS_HOST means every address of the container. Hallpass refuses to start with it until you set
# HALLPASS_ALLOW_NETWORK=1 and either TLS or a trusted proxy, because only you know who can reach the container.
ENV NODE_ENV=production HOME=/data HALLPASS_HOME=/data HALLPASS_HOST=0.0.0.0 HALLPASS_PORT=7717 HALLPASS_LOG_FORMAT=json
USER 1000:1000
WORKDIR /data
VOLUME /data
EXPOSE 7717
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["hallpass", "status"]
ENTRYPOINT ["hallpass"]
CMD ["serve"]
