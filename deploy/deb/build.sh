#!/usr/bin/env bash
# Makes clusterer_<version>_<architecture>.deb of the build in this checkout, which `npm ci` makes. Needs dpkg-deb; no network, no root.
# Usage: deploy/deb/build.sh [folder for the package]
set -euo pipefail
target=$(realpath "${1:-.}")
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
library=$root/usr/lib/clusterer
documents=$root/usr/share/doc/clusterer
umask 022

mkdir -p "$documents"
deploy/assemble.sh "$library"
mv "$library"/{README.md,LICENSE,docs,sbom.cdx.json} "$documents"
mv "$documents/LICENSE" "$documents/copyright"

install -D -m 644 deploy/systemd/clusterer.service "$root/usr/lib/systemd/system/clusterer.service"
install -D -m 644 deploy/systemd/sysusers.conf "$root/usr/lib/sysusers.d/clusterer.conf"
install -D -m 644 deploy/systemd/tmpfiles.conf "$root/usr/lib/tmpfiles.d/clusterer.conf"
install -D -m 600 deploy/systemd/clusterer.env "$root/etc/clusterer/clusterer.env"
mkdir -p "$root/usr/bin"
ln -s ../lib/clusterer/dist/cli/main.js "$root/usr/bin/clusterer"
mkdir -p "$root/usr/share/man/man1"
gzip -9nc docs/clusterer.1 >"$root/usr/share/man/man1/clusterer.1.gz"

mkdir "$root/DEBIAN"
install -m 755 deploy/deb/{postinst,prerm,postrm} "$root/DEBIAN"
echo /etc/clusterer/clusterer.env >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: clusterer
Version: $(node --print 'require("./package.json").version')
Architecture: $(dpkg --print-architecture)
Maintainer: Clusterer <clusterer@localhost>
Installed-Size: $(du -sk "$root" | cut -f 1)
Depends: nodejs (>= 20.19), systemd
Section: net
Priority: optional
Description: Cluster registry and packet hub for OpenSIPS clusters
 The clusterer module of OpenSIPS as a REST and WebSocket service: machines
 and their state, packets to and from modules, and a live page.
CONTROL
dpkg-deb --root-owner-group --build "$root" "$target"
