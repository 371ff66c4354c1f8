# needs jq, and curl 7.76 or newer
# the key and the value are not arguments:
# other programs can read arguments
# --max-redirs 0: a redirect is an error
: "${NEW_VALUE:?Set NEW_VALUE}" &&
  jq --null-input '{
    tag: "deploy-token",
    name: "Deploy token",
    secret: env.NEW_VALUE
  }' | curl --fail-with-body --data-binary @- \
    --header 'Content-Type: application/json' \
    --header @/dev/fd/3 --location --max-redirs 0 \
    "$CORTEX_BASE_URL/api/v1/secrets" 3<<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
