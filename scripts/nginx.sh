#!/bin/sh
# Check deploy/nginx.conf with nginx itself, where it is installed.
set -eu
cd "$(dirname "$0")/.."
if ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1; then
    echo "deploy/nginx.conf was not checked: nginx is not installed here."
    exit 0
fi
PATH="$PATH:/usr/sbin"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The check needs mime.types beside the file and writes only into the scratch folder.
printf 'types { text/html html; }\n' > "$folder/mime.types"
sed "s#/tmp/nginx#$folder/nginx#" deploy/nginx.conf > "$folder/nginx.conf"
nginx -q -t -p "$folder" -c "$folder/nginx.conf" -e stderr && echo "deploy/nginx.conf is accepted by nginx."
