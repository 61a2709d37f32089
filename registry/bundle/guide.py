"""VERIFY.txt: how to check a bundle with common tools and none of ours."""

VERIFY_TEXT = r"""How to check this bundle

With the program, offline; the anchor must come from somewhere else than this file:
  muniment bundle verify BUNDLE.zip --anchor sha256:...

Without it (coreutils, openssl, jq). This shows that files and signatures are intact;
whether approvals were enough and still stand is what the program decides.

1. Every file is the one listed:
  unzip BUNDLE.zip -d bundle && cd bundle
  sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt

2. One record's signature (record 3 is line 4):
  sed -n 4p data/log/attestations.intoto.jsonl > e.json
  T=$(jq -r .payloadType e.json); jq -r .payload e.json | base64 -d > p.bin
  { printf 'DSSEv1 %d %s %d ' ${#T} "$T" $(stat -c %s p.bin); cat p.bin; } > pae.bin
  K=$(jq -r '.signatures[0].keyid' e.json)
  jq -r '.signatures[0].sig' e.json | base64 -d > sig.bin
  openssl pkeyutl -verify -pubin -inkey data/keys/$K.pem -rawin -in pae.bin -sigfile sig.bin

3. A key's id is the hash of the key:
  openssl pkey -pubin -in data/keys/$K.pem -outform DER | sha256sum

4. The anchor is the hash of the first trust root's payload:
  head -n 1 data/log/attestations.intoto.jsonl | jq -r .payload | base64 -d | sha256sum

5. The envelope of a record is the one its leaf names:
  sed -n 4p data/log/leaves.jsonl | jq -r .body
  sed -n 4p data/log/attestations.intoto.jsonl | tr -d '\n' | sha256sum

6. The head (data/log/checkpoint.txt) is a C2SP signed note and checkpoint; its keys are in
   data/log/keys.txt. Its root is RFC 6962's over the lines of data/log/leaves.jsonl.
"""
