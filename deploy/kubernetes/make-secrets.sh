#!/usr/bin/env bash
# make-secrets.sh: fills the empty Secrets of k8s/11-secrets.yaml with random values. What a Secret
# already holds stays. Needs kubectl and openssl; nothing is left on this machine.
# shellcheck disable=SC2016  # the dollars are for kubectl's templates
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# What exists comes first, so that make-secrets.sh finds it there.
while read -r namespace name; do
  mkdir -p "$dir/all/$name"
  keys=$(kubectl -n "$namespace" get secret "$name" -o go-template='{{range $k, $v := .data}}{{$k}} {{end}}' 2>/dev/null || true)
  for key in $keys; do
    kubectl -n "$namespace" get secret "$name" -o go-template="{{index .data \"$key\"}}" | base64 -d >"$dir/all/$name/$key"
  done
done < <(awk '/^  name: /{ n = $2 } /^  namespace: /{ print $2, n }' "$root/k8s/11-secrets.yaml")

"$root/deploy/make-secrets.sh" "$dir/all" "${1:-localhost}" 2>/dev/null

while read -r namespace name; do
  kubectl -n "$namespace" create secret generic "$name" --from-file="$dir/all/$name" --dry-run=client -o json |
    kubectl apply --server-side --field-manager=instapay-make-secrets --force-conflicts -f -
done < <(awk '/^  name: /{ n = $2 } /^  namespace: /{ print $2, n }' "$root/k8s/11-secrets.yaml")
