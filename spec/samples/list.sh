curl --fail-with-body "$CORTEX_BASE_URL/api/v1/secrets?page=0&pageSize=1000" \
  --header "Authorization: Bearer $CORTEX_API_KEY"
