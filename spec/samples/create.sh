# the key and the value are not arguments:
# other programs can read arguments
jq --null-input '{
  tag: "my-secret",
  name: "My secret",
  secret: env.NEW_VALUE
}' | curl --fail-with-body --json @- \
  --header @/dev/fd/3 \
  "$CORTEX_BASE_URL/api/v1/secrets" 3<<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
