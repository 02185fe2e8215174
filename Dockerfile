# What runs here is in scripts/ and in package.json, so that it can be run, and is tested, without Docker.
#
#   docker build --build-arg COMMIT="$(git rev-parse HEAD)" --tag artwork-reconciler .

FROM node:24.22.3-bookworm-slim AS build
WORKDIR /app
# Before the sources: installed again only where the dependencies change.
COPY package.json package-lock.json .npmrc ./
COPY scripts/image/install.sh scripts/image/
RUN sh scripts/image/install.sh
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle-workflows.js scripts/
COPY scripts/write-commit.js scripts/
COPY scripts/image/prune.sh scripts/image/keep-native-part.js scripts/image/
COPY src src
# What --version names; there is no checkout here to ask.
ARG COMMIT=unknown
RUN npm run build
RUN sh scripts/image/prune.sh

# Debian and not Alpine: Temporal's native part needs glibc.
FROM node:24.22.3-bookworm-slim
# Certificates: Temporal's native part looks for the system's, unlike Node. tini: as process 1, Node would neither end on
# signals that it has no handler for nor reap what it leaves behind. The link is for `docker exec`.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates tini && rm -rf /var/lib/apt/lists/* && \
    ln -s /app/bin/artwork-reconciler.js /usr/local/bin/artwork-reconciler
ENV NODE_ENV=production
# config.ini is looked for here: mount it, or set environment variables (config.default.ini).
WORKDIR /app
COPY package.json COPYING config.default.ini ./
COPY assets assets
COPY docs/*.md docs/
COPY bin bin
COPY migrations migrations
# MusicBrainz' tables and their lists, with which `simulator --entities` fills an empty database.
COPY fixture fixture
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="artwork-reconciler" \
      org.opencontainers.image.licenses="GPL-2.0-or-later" \
      org.opencontainers.image.revision="$COMMIT"
# Owns nothing of the above.
USER node
STOPSIGNAL SIGTERM
# Where a worker is asked by the HEALTHCHECK, and by Prometheus from other hosts of its network.
ENV MONITORING_LISTEN=0.0.0.0:9464
EXPOSE 9464
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "bin/artwork-reconciler.js", "health"]
ENTRYPOINT ["tini", "--", "node", "bin/artwork-reconciler.js"]
CMD ["worker"]
