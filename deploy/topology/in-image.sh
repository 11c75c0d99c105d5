#!/bin/sh
# Runs a command inside an image's file system as docker-compose.yml has it run: read-only root, user 10001, no capability,
# nothing to write to but /tmp and the volume. Needs root and Linux.
#
#   in-image.sh ROOT SECRETS VOLUME command …
#
# The secrets and the volume keep their paths, so that the variables may name them.
set -eu
[ $# -ge 4 ] || {
  echo 'in-image.sh ROOT SECRETS VOLUME command …' >&2
  exit 2
}
exec unshare --mount --propagation private sh -eu -c '
  root=$1 secrets=$2 volume=$3
  shift 3
  # The mounts are seen by this process and its children alone; a layer above keeps the image as it is.
  work=$(mktemp -d)
  mount -t tmpfs tmpfs "$work"
  mkdir "$work/upper" "$work/work" "$work/root"
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" "$work/root"
  mount -t tmpfs -o mode=1777 tmpfs "$work/root/tmp"
  # Compose hands over each secret by itself; the folder that they come from is closed to others.
  mkdir -p "$work/root$secrets" "$work/root$volume"
  cp -p "$secrets"/*.* "$work/root$secrets/"
  mount --bind "$volume" "$work/root$volume"
  mount -t proc proc "$work/root/proc"
  for device in null urandom; do
    : > "$work/root/dev/$device"
    mount --bind "/dev/$device" "$work/root/dev/$device"
  done
  mount -o remount,ro "$work/root"
  chown -R 10001:10001 "$volume"
  cd "$work/root"
  exec chroot . /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --reuid=10001 --regid=10001 \
    --clear-groups /bin/sh -c "cd /app && exec \"\$@\"" sh "$@"
' sh "$@"
