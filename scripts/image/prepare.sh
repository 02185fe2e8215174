#!/usr/bin/env bash
# Has ready what `npm run test:image` needs, as root: a Docker daemon, Docker Compose 2, and the images that the Dockerfile and
# docker-compose.yml name. Prints where Compose is, as its only line.
#
# Where an image is not there and no registry can be reached, a stand-in gets its name: Debian from the mirrors that apt is
# set up with (mmdebstrap), Node from npm's packages, PostgreSQL from Debian, Temporal's development server. What was made
# is kept by Docker, layer by layer, and made again where what it is made of has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec 3>&1 1>&2
cache=$PWD/.cache/image
mkdir -p "$cache"
# Each file of tests calls this, and they are run side by side.
exec 4>"$cache/lock"
flock 4
# Debian has no buildx; nothing here needs it.
export DOCKER_BUILDKIT=0

fail() {
  echo "Error: $*" >&2
  exit 1
}

for needed in docker:docker.io dockerd:docker.io mmdebstrap:mmdebstrap; do # command:package
  command -v "${needed%%:*}" >/dev/null || fail "there is no ${needed%%:*}: apt-get install ${needed##*:}"
done

if ! docker info >/dev/null 2>&1; then
  setsid dockerd >"$cache/dockerd.log" 2>&1 3>&- 4>&- </dev/null &
  timeout 60 sh -c 'until docker info >/dev/null 2>&1; do sleep 0.2; done' ||
    fail "dockerd does not start: $(tail -n 1 "$cache/dockerd.log")"
fi

# Compose 1, which Debian 12 has, knows neither `content` of a configuration nor a list of merged keys. Debian 13 has 2.26,
# one program that runs here too.
find_compose() {
  local known
  for known in "$cache/compose" "$HOME/.docker/cli-plugins/docker-compose" /usr/{local/,}{lib,libexec}/docker/cli-plugins/docker-compose; do
    if [ -x "$known" ]; then
      echo "$known"
      return
    fi
  done
  local apt=$cache/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial}
  echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$apt/sources.list"
  local options=(-qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
    -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  (cd "$apt" && apt-get "${options[@]}" update && apt-get "${options[@]}" download docker-compose) >&2
  dpkg -x "$apt"/docker-compose_*.deb "$apt/unpacked"
  mv "$apt/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$cache/compose"
  rm -rf "$apt"
  echo "$cache/compose"
}
compose=$(find_compose)

label_of() { # image, label: empty where there is none
  docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null || true
}

# A stand-in is made again: that takes no time where nothing has changed.
is_there() { # image
  [ -n "$(docker image ls --quiet "$1")" ] && [ -z "$(label_of "$1" artwork-reconciler.stand-in)" ]
}

# Asked once: where no registry answers, every pull would wait for its time-out.
registry=unknown
have() { # image, stand-in
  if is_there "$1"; then return; fi
  if [ "$registry" != none ] && timeout 60 docker pull --quiet "$1" >/dev/null 2>&1; then return; fi
  registry=none
  "make_$2" "$1"
}

build() { # tag, Dockerfile, folder
  docker build --quiet --tag "$1" --file "scripts/image/stand-ins/$2.Dockerfile" "$3" >/dev/null 2>"$cache/build.log" ||
    fail "$(cat "$cache/build.log")"
}

# Its recipe is its label: one that is made otherwise is made anew.
make_debian() {
  local recipe
  recipe=$(declare -f make_debian | sha256sum | cut -c1-12)
  [ "$(label_of artwork-reconciler/debian artwork-reconciler.recipe)" != "$recipe" ] || return 0
  echo 'Making Debian’s image …'
  mmdebstrap --quiet --variant=minbase --mode=root --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --aptopt='Dir::Cache { pkgcache ""; srcpkgcache ""; }' bookworm - |
    docker import --change "LABEL artwork-reconciler.recipe=$recipe" - artwork-reconciler/debian >/dev/null
}

make_node() { # image
  make_debian
  local version=${1#node:} context=$cache/node
  version=${version%%-*}
  echo "Making a stand-in for $1 …"
  local package
  package=node-$(node -p '`${process.platform}-${process.arch}`')
  if [ "$(cat "$context/version" 2>/dev/null)" != "$version" ]; then
    rm -rf "$context"
    mkdir -p "$context/packages"
    # npm as it comes with that Node, but for its last digits.
    npm install --prefix "$context/packages" --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$version" npm@11
    cp "$context/packages/node_modules/$package/bin/node" "$context/node"
    mv "$context/packages/node_modules/npm" "$context/npm"
    rm -rf "$context/packages"
    echo "$version" >"$context/version"
  fi
  local certificates
  certificates=$(npm config get cafile)
  : >"$context/npmrc"
  : >"$context/certificates.crt"
  if [ -f "$certificates" ]; then
    cp "$certificates" "$context/certificates.crt"
    echo cafile=/usr/local/share/npm-certificates.crt >"$context/npmrc"
  fi
  echo "registry=$(npm config get registry)" >>"$context/npmrc"
  build "$1" node "$context"
}

make_postgres() { # image
  make_debian
  echo "Making a stand-in for $1 …"
  build artwork-reconciler/postgres postgres scripts/image/stand-ins
  docker tag artwork-reconciler/postgres "$1"
}

make_temporal() { # image
  echo "Making a stand-in for $1 …"
  make_postgres artwork-reconciler/postgres
  local context=$cache/temporal
  mkdir -p "$context"
  cp scripts/image/stand-ins/temporal-*.sh "$context"
  cmp -s "${TEMPORAL_CLI_PATH:-.cache/temporal-cli/temporal}" "$context/temporal" ||
    cp "${TEMPORAL_CLI_PATH:-.cache/temporal-cli/temporal}" "$context/temporal"
  build artwork-reconciler/temporal temporal "$context"
  docker tag artwork-reconciler/temporal "$1"
}

make_ui() { # image
  make_temporal artwork-reconciler/temporal
  echo "Making a stand-in for $1 …"
  build "$1" ui "$cache/temporal"
}

image_named() { # name: as docker-compose.yml names it, with the version that stands there
  sed -nE "s|^    image: ($1:[^$]*)(\\\$\\{\\w+:-([^}]+)\\})?\$|\\1\\3|p" docker-compose.yml | sort -u
}

for node in $(sed -nE 's/^FROM (node:\S+).*/\1/p' Dockerfile | sort -u); do have "$node" node; done
have "$(image_named postgres)" postgres
have "$(image_named temporalio/server)" temporal
have "$(image_named temporalio/admin-tools)" temporal
have "$(image_named temporalio/ui)" ui

echo "$compose" >&3
