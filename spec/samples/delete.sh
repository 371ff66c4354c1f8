# needs curl 7.76 or newer
# the key is not an argument:
# other programs can read arguments
# --max-redirs 0: a redirect is an error
curl --fail-with-body --request DELETE --header @- \
  --location --max-redirs 0 \
  "$CORTEX_BASE_URL/api/v1/secrets/my-secret" <<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
