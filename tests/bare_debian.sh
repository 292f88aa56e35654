#!/bin/bash
# ck.py on a bare Debian (root; needs debootstrap): debootstrap's minbase plus python3, no venv, no pip.
#
#   tests/bare_debian.sh [WORD ...]      words for ck.py, `demo` if none
#
# SUITE and MIRROR choose another Debian. This machine's own settings of apt and pip are taken along.
set -euo pipefail
clone=$(cd "$(dirname "$0")/.." && pwd)
words=("${@:-demo}")

# in a mount namespace of its own, so that nothing stays mounted whatever happens
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --mount "$0" "${words[@]}"
fi

suite=${SUITE:-bookworm}
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
  awk -v suite="$suite" '$2 == suite { print $1; exit }')}
bare=$(mktemp -d)
trap 'umount -R "$bare" 2>/dev/null || true; rm -rf --one-file-system "$bare"' EXIT
mount -t tmpfs -o size=8G none "$bare"

echo "== debootstrap $suite"
debootstrap --variant=minbase --include=python3 "$suite" "$bare" "$mirror" >"$bare.log" 2>&1 || {
  tail -n 20 "$bare.log"
  exit 1
}
rm -f "$bare.log"
mount -t proc proc "$bare/proc"
mount --bind /dev "$bare/dev"

cp -L /etc/resolv.conf "$bare/etc/resolv.conf"
mkdir -p "$bare/settings"
# certificates and pip's settings, with every folder that they name
ca=/etc/ssl/certs/ca-certificates.crt
[ ! -e "$ca" ] || cp -L "$ca" "$bare/settings/ca.crt"
settings=()
while IFS='=' read -r name value; do
  for word in $(tr -d "'\"" <<<"$value" | sed 's/\\n/ /g'); do
    path=${word#file://}
    if [ -d "$path" ]; then
      # a folder of wheels may be shared by its parent: an index points at its sibling
      path=$(dirname "$path")
      mkdir -p "$bare$path"
      mountpoint -q "$bare$path" || mount --bind -o ro "$path" "$bare$path"
    elif [ -f "$path" ]; then
      mkdir -p "$bare$(dirname "$path")"
      cp -L "$path" "$bare$path"
    fi
  done
  case $name in
    global.cert | :env:*) ;;
    global.*) settings+=("PIP_$(tr 'a-z-' 'A-Z_' <<<"${name#global.}")=$(tr -d "'\"" <<<"$value" | sed 's/\\n/ /g')") ;;
  esac
done < <(python3 -m pip config list 2>/dev/null || true)
settings+=(PIP_CERT=/settings/ca.crt SSL_CERT_FILE=/settings/ca.crt)

place="/home/Schöne Aufnahme"
mkdir -p "$bare$place"
tar -C "$clone" --exclude=./.git --exclude=./.venv --exclude=./.venv.lock --exclude=./runs -cf - . | tar -C "$bare$place" -xf -

inside() {
  chroot "$bare" env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive "${settings[@]}" bash -c 'cd "$1" && shift && "$@"' - "$place" "$@"
}

echo "== python3 ck.py ${words[*]}, with python3 alone: must say what to install"
status=0
inside python3 ck.py "${words[@]}" 2>&1 | tee "$bare/said" || status=$?
[ "$status" = 4 ] || { echo "exit status $status instead of 4"; exit 1; }
line=$(sed -n 's/^    \(apt-get update && .*\)$/\1/p' "$bare/said")
[ -n "$line" ] || { echo "no line to type"; exit 1; }

echo "== $line"
inside bash -c "$line" >"$bare/said" 2>&1 || { tail -n 20 "$bare/said"; exit 1; }

echo "== python3 ck.py ${words[*]}"
inside python3 ck.py "${words[@]}"
echo "== and once more"
inside python3 ck.py "${words[@]}"
