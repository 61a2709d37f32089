"""VERIFY.txt: how to check a bundle with common tools and none of ours.

The indented lines are a script: a test runs them over good bundles and over forged ones.
"""

VERIFY_TEXT = r"""How to check this bundle

With the program, offline: muniment bundle verify BUNDLE.zip --anchor sha256:...
With one file that you can read first: muniment bundle verifier prints it; it needs Python and openssl.

With neither, in bash with coreutils, openssl, jq and ssh-keygen, the indented lines below. They show that
files, records, signatures and the log are whole; whether approvals were enough and still stand is what the
programs decide. The anchor must come from somewhere else than this bundle. So should these lines: whoever
forges a bundle may forge its instructions, so read them before you run them.

unzip -q BUNDLE.zip -d bundle && cd bundle
sed -n 's/^  //p' data/VERIFY.txt > ../check.sh
ANCHOR=sha256:... bash -euo pipefail ../check.sh

  export LC_ALL=C; T=$(mktemp -d); L=data/log/leaves.jsonl; E=data/log/attestations.intoto.jsonl
  C=data/log/checkpoint.txt; hex() { od -An -v -tx1 | tr -d ' \n'; }; sum() { sha256sum | cut -c-64; }

1. Every file is listed, and every listed file is here and is what the lists say.

  sha256sum -c --quiet --strict manifest-sha256.txt tagmanifest-sha256.txt
  cut -c67- manifest-sha256.txt tagmanifest-sha256.txt | sort > "$T/listed"
  find . -type f ! -path ./tagmanifest-sha256.txt | cut -c3- | sort | cmp - "$T/listed"

2. A service of the registry exported it. (Anybody may export genuine records again: if only this
fails, a stranger packed the bundle.)

  F=data/keys/allowed_signers; S=manifest-sha256.txt.sshsig
  W=$(ssh-keygen -Y find-principals -f "$F" -s "$S" | head -n 1)
  ssh-keygen -Y verify -f "$F" -I "$W" -n audit-bundle@muniment.dev -s "$S" < manifest-sha256.txt

3. The first trust root is the one you know; the keys are those that the trust roots enrol, each under
the hash of itself.

  A=$(head -n 1 "$E" | jq -r .payload | base64 -d | sum)
  test "sha256:$A" = "$ANCHOR"
  jq -c '.payload // empty | @base64d | fromjson
    | select(.predicateType | endswith("/trust-root/v1")).predicate' "$E" > "$T/roots"
  jq -r '(.persons[], .services[]).keys[].keyid' "$T/roots" | sort -u > "$T/keys"
  for F in data/keys/*.pem; do openssl pkey -pubin -in "$F" -outform DER | sum; done | cmp - "$T/keys"
  for K in data/keys/*.pem; do basename "$K" .pem; done | cmp - "$T/keys"

4. Every record is signed by the keys it names (DSSE: what is signed is the payload with its type).

  jq -r 'select(has("payload")) | . as $e | if .signatures == [] then {} else .signatures[] end
    | [.keyid, .sig, $e.payloadType, $e.payload] | @tsv' "$E" > "$T/signed"
  while IFS=$'\t' read -r K S Y P; do
    base64 -d <<< "$P" > "$T/p"; base64 -d <<< "$S" > "$T/sig"
    { printf 'DSSEv1 %d %s %d ' ${#Y} "$Y" "$(stat -c %s "$T/p")"; cat "$T/p"; } > "$T/pae"
    openssl pkeyutl -verify -pubin -inkey "data/keys/$K.pem" -rawin -in "$T/pae" -sigfile "$T/sig" > "$T/said"
  done < "$T/signed"

5. Every leaf of the log names the record beside it, or the one that is not enclosed.

  split -l 1 --filter="tr -d '\n' | sha256sum" "$E" | cut -c-64 > "$T/sums"
  jq -r 'if has("payload") then "" else .digest end' "$E" | paste -d' ' - "$T/sums" |
    sed 's/^ /sha256:/; s/ .*//' > "$T/bodies"
  jq -r .body "$L" | cmp - "$T/bodies"

6. Every document is what its name says.

  find data -path 'data/bodies/*' -o -path 'data/manifests/*' | while read -r F; do
    test "$(sum < "$F")" = "$(basename "$F" .json)"
  done

7. The head is signed by a log key of the last trust root (C2SP signed note and checkpoint).

  head -n 3 "$C" > "$T/head"; O=$(head -n 1 "$C"); N=$(sed -n 2p "$C"); R=$(sed -n 3p "$C" | base64 -d | hex)
  test "$O" = "$(tail -n 1 "$T/roots" | jq -r .origin)"
  sed '1,4d' "$C" | grep -F " $O " | cut -d' ' -f3 | base64 -d | tail -c 64 > "$T/sig"
  GOOD=; for K in $(tail -n 1 "$T/roots" | jq -r '.logKeys[]' | sed 's/^[^+]*+[^+]*+//'); do
    { printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; base64 -d <<< "$K" | tail -c 32; } > "$T/key"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$T/key" -rawin -in "$T/head" -sigfile "$T/sig" \
      > "$T/said" && GOOD=yes
  done
  test "$GOOD"

8. The leaves give the head's root (RFC 6962): all of them together, or in an extract each by its proof.

  leaf() { { printf '\0'; cat "$1"; } | sum; }
  node() { printf "$(sed 's/../\\x&/g' <<< "01$1$2")" | sum; }
  if test "$(jq -r .profile data/bundle.json)" = complete; then
    test "$(wc -l < "$L")" = "$N"
    split -l 1 --filter="{ printf '\0'; tr -d '\n'; } | sha256sum" "$L" | cut -c-64 > "$T/level"
    while test "$(wc -l < "$T/level")" -gt 1; do
      paste -d' ' - - < "$T/level" | while read -r A B; do
        if test "$B"; then node "$A" "$B"; else echo "$A"; fi
      done > "$T/next"; mv "$T/next" "$T/level"
    done
    test "$(cat "$T/level")" = "$R"
  else
    for I in $(jq -r .seq "$L"); do
      F=$(printf 'data/log/proofs/%09d.tlog-proof' "$I"); X=$I; Y=$((N - 1))
      sed '1,/^$/d' "$F" | cmp - "$C"
      sed -n 's/^extra //p' "$F" | base64 -d > "$T/leaf"; H=$(leaf "$T/leaf")
      grep -qxF -f "$T/leaf" "$L"; test "$(jq -r .seq "$T/leaf")" = "$I"
      for P in $(sed -n '/^index /,/^$/p' "$F" | sed '1d;$d'); do
        P=$(base64 -d <<< "$P" | hex)
        if test $((X % 2)) = 1 || test "$X" = "$Y"; then
          H=$(node "$P" "$H")
          while test $((X % 2)) = 0 && test "$X" != 0; do X=$((X / 2)); Y=$((Y / 2)); done
        else H=$(node "$H" "$P"); fi
        X=$((X / 2)); Y=$((Y / 2))
      done
      test "$Y" = 0; test "$H" = "$R"
    done
  fi
  rm -r "$T"; echo "whole, signed, and of this log"
"""
