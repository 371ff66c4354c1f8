# jq takes the value from the environment, so that no argument shows it
jq --null-input '{ secret: env.NEW_VALUE }' |
  curl --fail-with-body --request PUT "$CORTEX_BASE_URL/api/v1/secrets/my-secret" \
    --header "Authorization: Bearer $CORTEX_API_KEY" \
    --json @-
