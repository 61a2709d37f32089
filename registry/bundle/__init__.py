"""The signed audit bundle: written, read, verified, reported.

Limits, each checked before the bytes behind it are hashed, parsed or verified, and the code of its refusal:

| what                                  |               at most | code                 |
|---------------------------------------|-----------------------|----------------------|
| an archive, or a folder's files       |                 2 GiB | CONTAINER_TOO_LARGE  |
| files                                 |                60,000 | CONTAINER_TOO_LARGE  |
| a file's name; folders in a folder    | 200 characters; 16    | CONTAINER_NAME       |
| lines of leaves, records or receipts  |             4,000,000 | TOO_LARGE            |
| a leaf                                |          65,535 bytes | TOO_LARGE            |
| a record, its statement, a document   |                 1 MiB | TOO_LARGE            |
| signatures of a record                |                    64 | ENVELOPE_MALFORMED   |
| JSON: nesting                         |                    32 | JSON_MALFORMED       |
| JSON: an integer                      |              2^53 - 1 | JSON_NOT_CANONICAL   |
| a head: bytes; signature lines        |            16 KiB; 16 | NOTE_MALFORMED       |
| a proof of a leaf: characters; hashes |           131,072; 64 | PROOF_MALFORMED      |
| the path of a receipt to its seal     |             64 hashes | INCLUSION_INVALID    |
| members of a list in a trust root     |                10,000 | ROOT_MALFORMED       |
| a lineage snapshot; one of its lines  |        64 MiB; 16 KiB | TOO_LARGE            |
| bundle.json, record.json              |                64 MiB | TOO_LARGE            |
| names.json; a name                    | 1 MiB; 200 characters | TOO_LARGE; NAMES_MALFORMED |
| the exporter's SSH signature          |           1,024 bytes | BUNDLE_SSHSIG        |
| a timestamp token                     |                64 KiB | TIMESTAMP_INVALID    |
"""
