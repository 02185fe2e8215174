# As much of the official image `postgres` as docker-compose.yml relies on, with the PostgreSQL that Debian has.
FROM artwork-reconciler/debian
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql netcat-openbsd && rm -rf /var/lib/apt/lists/*
COPY postgres-entry.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
RUN mkdir -p "$PGDATA" && chown postgres: "$PGDATA" && chmod 700 "$PGDATA"
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
LABEL artwork-reconciler.stand-in=postgres
ENTRYPOINT ["postgres-entry.sh"]
