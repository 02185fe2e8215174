# A host under systemd, with what docs/install.md has an operator install: the program of the image that is tested, and the
# units of deployment/systemd/, which are the context.
FROM artwork-reconciler/debian
RUN apt-get update && apt-get install --yes --no-install-recommends systemd && rm -rf /var/lib/apt/lists/* && \
    useradd --system --no-create-home artwork-reconciler && mkdir /etc/artwork-reconciler
COPY --from=artwork-reconciler:tested /usr/local/bin/node /usr/bin/node
COPY --from=artwork-reconciler:tested /app /opt/artwork-reconciler
COPY *.service /etc/systemd/system/
LABEL artwork-reconciler.stand-in=systemd
CMD ["/lib/systemd/systemd"]
