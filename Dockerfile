# One build, four images: docker build --target user-service -t user-service:latest .
# (also transaction-service, reporting-service, web)

# ---- the compiler and what it needs
FROM debian:bookworm-slim AS toolchain
COPY scripts/packages.txt /tmp/packages.txt
# The same list as on a developer's machine, without what only tests need.
RUN apt-get update \
 && awk '$1 == "build" { sub(/:.*/, "", $2); print $2 }' /tmp/packages.txt \
    | grep -vE '^(postgresql-15|python3|libgtest-dev|libgmock-dev|libbenchmark-dev|librapidcheck-dev)$' \
    | xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# ---- compile, once for all three services
FROM toolchain AS build
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY api api
COPY db db
COPY src src
COPY web/src/i18n web/src/i18n
ARG BUILD_JOBS=
RUN --mount=type=cache,target=/var/cache/ccache \
    export CCACHE_DIR=/var/cache/ccache && cmake --preset release -DINSTAPAY_TESTS=OFF \
 && cmake --build build/release --target instapay ${BUILD_JOBS:+-j "$BUILD_JOBS"} \
 && install -Ds build/release/instapay /out/instapay

# ---- what a service needs to run
# A cache of fonts is good for folders of its very time, and layers keep whole seconds of it; in a container that
# writes nothing, each process would read all fonts anew, and say on standard error that it cannot keep them.
FROM debian:bookworm-slim AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libboost-container1.81.0 libboost-json1.81.0 libboost-url1.81.0 libfmt9 libspdlog1.10 libprometheus-cpp-core1.0 \
      libcurl4 libicu72 libmimalloc2.0 libpq5 libssl3 libcrypt1 zlib1g libzxcvbn0 libcbor0.8 libstdc++6 ca-certificates \
      libcairo2 libglib2.0-0 libharfbuzz0b libpango-1.0-0 libpangocairo-1.0-0 libqrencode4 libqpdf29 libxml2 fonts-dejavu-core \
 && find /usr/share/fonts -type d -exec touch --date=@0 {} + && fc-cache --system-only \
 && rm -rf /var/lib/apt/lists/* /var/cache/debconf/* /var/log/* \
 && groupadd --gid 10001 instapay \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/instapay \
      --shell /usr/sbin/nologin instapay \
 && install -d -o instapay -g instapay -m 0750 /var/lib/instapay \
 && install -d -o instapay -g instapay -m 0755 /run/instapay/secrets
COPY --from=build /out/instapay /usr/local/bin/instapay
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mini-InstaPay" \
      org.opencontainers.image.description="Instant money transfers you can host yourself" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV BIND_ADDRESS=0.0.0.0 DATA_DIR=/var/lib/instapay LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/instapay
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/instapay"]

FROM runtime AS user-service
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
  CMD ["instapay", "health", "--service", "user"]
CMD ["serve", "user"]

FROM runtime AS transaction-service
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
  CMD ["instapay", "health", "--service", "transaction"]
CMD ["serve", "transaction"]

FROM runtime AS reporting-service
EXPOSE 8002
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
  CMD ["instapay", "health", "--service", "reporting"]
CMD ["serve", "reporting"]

# ---- development: the sources are mounted
FROM toolchain AS development
RUN apt-get update \
 && apt-get install -y --no-install-recommends inotify-tools libpq5 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d /run/instapay/secrets /var/lib/instapay
ENV BIND_ADDRESS=0.0.0.0 DATA_DIR=/var/lib/instapay
COPY deploy/dev-loop.sh /usr/local/bin/dev-loop
ENTRYPOINT ["/usr/local/bin/dev-loop"]

# ---- the wallet
FROM node:20-slim AS web-build
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --cache /var/cache/npm --no-audit --no-fund
# The wallet's types are made from the API's description.
COPY api /src/api
COPY web ./
RUN npm run build

# ---- the edge: TLS, the wallet's files, and the way to the services
FROM debian:bookworm-slim AS web
RUN apt-get update \
 && apt-get install -y --no-install-recommends nginx-light \
 && rm -rf /var/lib/apt/lists/* /var/cache/debconf/* /var/log/* /etc/nginx/sites-enabled \
 && groupadd --gid 10001 instapay \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin instapay \
 && install -d -o instapay -g instapay -m 0755 /run/instapay/secrets
COPY deploy/edge /etc/edge
COPY --from=web-build /src/web/dist /usr/share/instapay/web
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mini-InstaPay web" \
      org.opencontainers.image.description="The wallet and the edge of Mini-InstaPay" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
USER 10001:10001
EXPOSE 8080 8443
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/etc/edge/health.sh"]
ENTRYPOINT ["/etc/edge/entrypoint.sh"]
CMD ["nginx", "-c", "/etc/edge/nginx.conf", "-g", "daemon off;"]
