# jq takes the value from the environment, so that no argument shows it
jq --null-input '{ tag: "my-secret", name: "My secret", secret: env.NEW_VALUE }' |
  curl --fail-with-body "$CORTEX_BASE_URL/api/v1/secrets" \
    --header "Authorization: Bearer $CORTEX_API_KEY" \
    --json @-
