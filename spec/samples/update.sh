# the key and the value are not arguments:
# other programs can read arguments
jq --null-input '{ secret: env.NEW_VALUE }' |
  curl --fail-with-body --request PUT --json @- \
    --header @/dev/fd/3 \
    "$CORTEX_BASE_URL/api/v1/secrets/my-secret" 3<<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
