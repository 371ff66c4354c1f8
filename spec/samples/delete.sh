# the key is not an argument:
# other programs can read arguments
curl --fail-with-body --request DELETE --header @- \
  "$CORTEX_BASE_URL/api/v1/secrets/my-secret" <<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
