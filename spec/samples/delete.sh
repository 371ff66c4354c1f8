curl --fail-with-body --request DELETE "$CORTEX_BASE_URL/api/v1/secrets/my-secret" \
  --header "Authorization: Bearer $CORTEX_API_KEY"
