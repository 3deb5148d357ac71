#!/usr/bin/env bash
# Puts what runs in production into an empty folder: the files of the npm package, of node_modules what the service needs, and a list of that (SBOM). The
# image and the Debian package are made of this. Takes the build and the modules of this checkout, as `npm ci` leaves them. Needs no network.
# Usage: deploy/assemble.sh <folder>
set -euo pipefail
mkdir -p "$1"
target=$(realpath "$1")
cd "$(dirname "$0")/.."
if [[ ! -f dist/server.js ]]; then
  echo 'There is no build in this checkout: run npm ci first.' >&2
  exit 1
fi

packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
file=$(npm pack --ignore-scripts --silent --pack-destination "$packed")
tar -xzf "$packed/$file" --strip-components=1 --no-same-owner -C "$target"

# What package-lock.json marks neither as for development nor as optional. `npm prune --omit=dev` would keep Prisma's own tools and TypeScript,
# because they are optional peers of Prisma's client. Of the optional packages only libsql's native library is needed.
modules() {
  node --print 'Object.entries(require("./package-lock.json").packages)
    .filter(([path, { dev, optional, devOptional, link }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !(dev || optional || devOptional || link))
    .map(([path]) => path).join("\n")'
  find node_modules/@libsql -maxdepth 1 -name 'linux-*-gnu*'
}

# Of the modules all but types, source maps, what packages have for their own development, and most of Prisma's runtime: the generated
# clients load `client.js` and the small query compilers of their databases. Of TypeBox only its licence: the build contains it.
runtime=node_modules/@prisma/client/runtime
modules | tar -c --exclude='*.ts' --exclude='*.[cm]ts' --exclude='*.map' \
  --exclude=node_modules/typebox/build --exclude=node_modules/@fastify/type-provider-typebox/dist \
  --exclude=test --exclude=docs --exclude=examples --exclude=benchmark --exclude=benchmarks --exclude=.github \
  --exclude="$runtime/*.mjs" --exclude="$runtime/index-browser.*" --exclude="$runtime/wasm-compiler-edge.*" \
  --exclude="$runtime/query_compiler_fast_*" --exclude="$runtime/*.cockroachdb.*" --exclude="$runtime/*.sqlserver.*" -T - |
  tar -x --no-same-owner -C "$target"

node deploy/sbom.js >"$target/sbom.cdx.json"
