#!/bin/sh
# Makes the secrets that docker-compose.yml names, each as a file of its own. What is there is never written over: run it
# again after an update, and only what is new is made. Needs openssl.
#
#   deploy/init-secrets.sh [--host NAME] [FOLDER]
#
# --host is the name in the self-signed certificate that is made for a trial when there is no tls.pem (default: localhost).
# DATABASE_HOST, DATABASE_USER, DATABASE_NAME and VALKEY_HOST say where the services are, if not in the compose file.
set -eu
umask 077

host=localhost
if [ "${1:-}" = --host ]; then
  host=${2:?--host needs a name}
  shift 2
fi
case $host in
'' | *[!A-Za-z0-9.:-]*)
  echo "init-secrets: this is no host name: $host" >&2
  exit 1
  ;;
esac
folder=${1:-$(dirname "$0")/secrets}
command -v openssl >/dev/null || {
  echo 'init-secrets: openssl is missing; install it, or make the files by hand as docs/DEPLOYMENT.md lists them' >&2
  exit 1
}

mkdir -p "$folder"
# Nobody but the owner gets into the folder. The files themselves must be readable by the users inside the containers,
# whose numbers differ from this one's.
chmod 700 "$folder"

# Writes standard input to a file that is not there yet. `ln` fails when it is, so that two runs at once cannot mix.
keep() {
  cat >"$folder/.$1.$$"
  chmod 444 "$folder/.$1.$$"
  if ln "$folder/.$1.$$" "$folder/$1" 2>/dev/null; then echo "made  $folder/$1"; else echo "kept  $folder/$1"; fi
  rm -f "$folder/.$1.$$"
}

random() { openssl rand -hex 32; }

[ -e "$folder/postgres_password.txt" ] || random | keep postgres_password.txt
[ -e "$folder/database_password.txt" ] || random | keep database_password.txt
[ -e "$folder/valkey_password.txt" ] || random | keep valkey_password.txt
[ -e "$folder/secretkey.txt" ] || random | keep secretkey.txt
[ -e "$folder/s3_secret_key.txt" ] || random | keep s3_secret_key.txt
[ -e "$folder/grafana_password.txt" ] || random | keep grafana_password.txt

# What is derived of them, so that each password stands in one place only as something to choose.
database_password=$(cat "$folder/database_password.txt")
valkey_password=$(cat "$folder/valkey_password.txt")
printf 'postgres://%s:%s@%s/%s\n' "${DATABASE_USER:-hongyan}" "$database_password" \
  "${DATABASE_HOST:-postgres:5432}" "${DATABASE_NAME:-hongyan}" |
  keep database_url.txt
printf 'redis://hongyan:%s@%s\n' "$valkey_password" "${VALKEY_HOST:-valkey:6379}" | keep redis_url.txt
# Valkey gets the hash alone. The gateways may do what they need, but neither flush, nor configure, nor look at all keys.
{
  echo 'user default off'
  echo 'user health on nopass resetkeys resetchannels -@all +ping'
  printf 'user hongyan on #%s ~* &* +@all -@admin -@dangerous +info\n' \
    "$(printf %s "$valkey_password" | openssl dgst -sha256 | sed 's/^.*= *//')"
} | keep valkey.acl

if [ -e "$folder/tls.pem" ]; then
  echo "kept  $folder/tls.pem"
else
  case $host in
  *[!0-9.]*:* | *:*) names="IP:$host" ;;
  *[!0-9.]*) names="DNS:$host" ;;
  *) names="IP:$host" ;;
  esac
  work=$folder/.tls.$$
  mkdir "$work"
  trap 'rm -rf "$work"' EXIT
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=$host" \
    -addext "subjectAltName=$names,DNS:localhost,IP:127.0.0.1" -keyout "$work/key" -out "$work/certificate" 2>"$work/log" || {
    cat "$work/log" >&2
    exit 1
  }
  cat "$work/certificate" "$work/key" | keep tls.pem
  keep tls-certificate.pem <"$work/certificate"
  echo "The certificate for $host is self-signed: for a trial only."
fi
