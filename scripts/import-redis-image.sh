#!/bin/sh
# Makes a small image of the redis-server installed on this machine, for engines that cannot pull one, and prints its
# name: the value for AGENT_MEMORY_TEST_REDIS_IMAGE. An image that is already there is left as it is.
set -eu

fail() {
  echo "import-redis-image: $1" >&2
  exit 1
}

server=$(command -v redis-server) || fail 'redis-server is not installed (apt-get install redis-server)'
command -v docker >/dev/null || fail 'the docker command is not installed (apt-get install docker.io)'
docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || fail 'no Docker engine answers (start dockerd)'

version=$("$server" --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p')
[ -n "$version" ] || fail "cannot tell the version of $server"
image="nestjs-agent-memory-redis:$version"

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image"
  exit 0
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/usr/bin" "$root/data" "$root/tmp" "$root/etc"
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"

# Every library keeps its path, so that the loader finds it without a cache of its own.
add() {
  cp -L "$1" "$root$2"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
}

add "$server" /usr/bin/redis-server
if client=$(command -v redis-cli); then add "$client" /usr/bin/redis-cli; fi
# Testcontainers looks into a container through /bin/sh.
add /bin/sh /bin/sh

tar -C "$root" -c . | docker import \
  --change 'CMD ["redis-server", "--protected-mode", "no"]' \
  --change 'EXPOSE 6379' \
  --change 'WORKDIR /data' \
  - "$image" >/dev/null
echo "$image"
