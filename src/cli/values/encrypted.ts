/** Values that another tool has encrypted, or that only refer to a value: stored as they are, nobody could use them. */

const TOOLS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^encrypted:[A-Za-z0-9+/=_-]{16,}$/, 'encrypted by dotenvx; run "dotenvx decrypt" first, or "dotenvx get"'],
  // Within a text: a whole file of sops may be the value.
  [/\bENC\[AES256_GCM,data:/, 'encrypted by sops; run "sops decrypt" first'],
  [/^ENC\[(?:PKCS7|GPG|KMS|GKMS|VAULT),/i, 'encrypted by hiera-eyaml; run "eyaml decrypt" first'],
  [/^ENC\[/, 'encrypted by another tool (ENC[...]); decrypt it first'],
  [/^ENC\([A-Za-z0-9+/=]{16,}\)$/, 'encrypted by Jasypt; decrypt it first'],
  [/^\$ANSIBLE_VAULT;/, 'encrypted by Ansible; run "ansible-vault decrypt" first'],
  [/^-----BEGIN AGE ENCRYPTED FILE-----/, 'encrypted by age; run "age --decrypt" first'],
  [/^-----BEGIN PGP MESSAGE-----/, 'encrypted by OpenPGP; run "gpg --decrypt" first'],
  [
    /^vault:v\d+:[A-Za-z0-9+/=]{16,}$/,
    'encrypted by Vault\'s transit engine; run "vault write transit/decrypt/..." first',
  ],
  [/^op:\/\/[^/\s]+\/[^/\s]+/, 'a reference of 1Password; run "op inject" or "op read" first'],
  [/^ref\+[a-z0-9]+:\/\//, 'a reference of vals; run "vals eval" first'],
];

/** What a value is instead of a plain one, and what to run first; undefined for a plain one. Quotes nothing of it. */
export function encryptedBy(value: string): string | undefined {
  const text = value.trim();
  return TOOLS.find(([pattern]) => pattern.test(text))?.[1];
}

/** The keys that sops adds to a .env file. */
export const isSopsKey = (key: string): boolean =>
  /^sops_(?:version|mac|lastmodified|mac_only_encrypted|shamir_threshold|(?:un)?encrypted_(?:suffix|regex|comment_regex)|\w+__list_\d+__map_\w+)$/.test(
    key,
  );
export const SOPS_PROBLEM = 'a key that sops adds: the file is encrypted; run "sops decrypt" first';
