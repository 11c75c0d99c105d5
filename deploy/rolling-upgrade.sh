#!/bin/sh
# Replaces the gateways by those of the present image, one at a time: one more is started, and when the balancer has found it
# an old one is let go, which drains. Clients see a reconnection and nothing else. Run it in the folder of docker-compose.yml.
#
#   deploy/rolling-upgrade.sh [--no-build]
#
# Stops at the first trouble with as many gateways as before, or one more.
set -eu

STOP_SECONDS=90 # stop_grace_period of docker-compose.yml
FOUND_SECONDS=60

running() { docker compose ps --quiet gateway; }

in_traffic() {
  docker compose exec -T balancer wget -q -O - 'http://127.0.0.1:8404/balancer;csv' |
    awk -F, '$1 == "gateways" && $2 ~ /^gateway-/ && $18 ~ /^UP/' | wc -l
}

# Waits until the balancer sends traffic to so many.
until_in_traffic() {
  waited=0
  while [ "$(in_traffic)" -lt "$1" ]; do
    [ "$waited" -lt "$FOUND_SECONDS" ] || {
      echo "rolling-upgrade: the balancer has not found the new gateway within $FOUND_SECONDS s" >&2
      exit 1
    }
    sleep 1
    waited=$((waited + 1))
  done
}

[ "${1:-}" = --no-build ] || docker compose build gateway
old=$(running)
count=$(printf '%s\n' "$old" | grep -c .) || {
  echo 'rolling-upgrade: no gateway runs; docker compose up --detach' >&2
  exit 1
}
for id in $old; do
  docker compose up --detach --no-deps --no-recreate --scale "gateway=$((count + 1))" --wait gateway
  until_in_traffic "$((count + 1))"
  docker stop --time "$STOP_SECONDS" "$id" >/dev/null
  docker rm "$id" >/dev/null
  echo "replaced $id"
done
