# A host under systemd with what docs/install-systemd.md begins with: Node, and the program as the image that is tested has
# it, which lacks of a checkout only the units (deployment/systemd/, the context).
FROM artwork-reconciler/debian
RUN apt-get update && apt-get install --yes --no-install-recommends dbus systemd && rm -rf /var/lib/apt/lists/*
COPY --from=artwork-reconciler:tested /usr/local/bin/node /usr/bin/node
COPY --from=artwork-reconciler:tested /app /opt/artwork-reconciler
COPY *.service /opt/artwork-reconciler/deployment/systemd/
LABEL artwork-reconciler.stand-in=systemd
CMD ["/lib/systemd/systemd"]
