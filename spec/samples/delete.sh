# the key is no argument:
# other programs could read it there
curl --fail-with-body --request DELETE --header @- \
  "$CORTEX_BASE_URL/api/v1/secrets/my-secret" <<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
