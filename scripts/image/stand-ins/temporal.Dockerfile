# Temporal's development server in the place of `temporalio/server`, and its command-line tool in that of
# `temporalio/admin-tools`. It keeps its state in a file of the container.
FROM artwork-reconciler/postgres
COPY temporal temporal-sql-tool.sh temporal-entry.sh /usr/local/bin/
RUN mv /usr/local/bin/temporal-sql-tool.sh /usr/local/bin/temporal-sql-tool && \
    useradd --uid 1000 --create-home temporal && mkdir -p /etc/temporal/config/dynamicconfig
USER temporal
STOPSIGNAL SIGTERM
EXPOSE 7233
LABEL artwork-reconciler.stand-in=temporal
ENTRYPOINT ["temporal-entry.sh"]
