#!/usr/bin/env bash
# Rotates a password of PostgreSQL, and stores the new one in Cortex. Whatever fails, what Cortex has stays valid.
#
#   rotate-postgresql.sh TAG ROLE_A ROLE_B
#
# Two roles take turns: the one that Cortex names is in use, the other one gets the new password, and Cortex is changed
# last. The value is an address, postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE; the name of the secret ends in (ROLE),
# since no value can be read back. Both roles need the same rights, such as those of a role that both are members of.
#
# Variables: CORTEX_API_KEY; PGHOST, PGPORT, PGDATABASE; PGUSER and PGPASSWORD of a role that may change the two.
# Before the first run: cortex-secrets create TAG --name "Application database (ROLE_A)", with its address on stdin.
# CORTEX_SECRETS is the command, npx --no-install cortex-secrets if it is not set.
set -euo pipefail
tag=$1 role_a=$2 role_b=$3
host=$PGHOST port=${PGPORT:-5432} database=$PGDATABASE
read -ra cortex_secrets <<< "${CORTEX_SECRETS:-npx --no-install cortex-secrets}"

# Which role is in use, also if an earlier run ended without knowing. Fails if there is no such secret.
secret=$("${cortex_secrets[@]}" get "$tag" --output json)
name=$(node -p 'JSON.parse(require("node:fs").readFileSync(0)).name ?? ""' <<< "$secret")
case $name in
  *"($role_a)") next=$role_b ;;
  *"($role_b)") next=$role_a ;;
  *) echo "the name of the secret must end in ($role_a) or ($role_b)" >&2; exit 1 ;;
esac

password=$(openssl rand -hex 32)
# PostgreSQL gets what it would store, SCRAM-SHA-256 (RFC 7677): the password itself never stands in its log.
verifier=$(printf %s "$password" | node -e '
  const { createHash, createHmac, pbkdf2Sync, randomBytes } = require("node:crypto");
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(require("node:fs").readFileSync(0), salt, 4096, 32, "sha256");
  const hmac = (text) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  console.log(`SCRAM-SHA-256$4096:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`);
')

# 1. The role that nobody uses. If this is all that happens, the next run does it again.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set role="$next" << SQL
\set verifier '$verifier'
ALTER ROLE :"role" PASSWORD :'verifier';
SQL

can_log_in() {
  PGUSER=$next PGPASSWORD=$password psql --no-psqlrc --quiet --no-align --tuples-only --command 'SELECT 1' > /dev/null
}
can_log_in

# 2. Cortex, with value and name in one request. If its outcome is unknown, either address works, and the next run looks.
printf 'postgresql://%s:%s@%s:%s/%s' "$next" "$password" "$host" "$port" "$database" |
  "${cortex_secrets[@]}" update "$tag" --name "${name% (*} ($next)" --value-stdin --quiet > /dev/null

# 3. Another run at the same time could have changed the password meanwhile: then run this again.
can_log_in
echo "$tag: $next is in use"
