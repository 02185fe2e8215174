# As much of the official image `node` as our Dockerfile relies on. From npm's packages of Node and npm, in `context`.
FROM artwork-reconciler/debian
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
# Who has the build reach npm's registry through a certificate of their own has that taken along.
COPY npmrc /usr/local/etc/npmrc
COPY certificates.crt /usr/local/share/npm-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && \
    groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
LABEL artwork-reconciler.stand-in=node
CMD ["node"]
