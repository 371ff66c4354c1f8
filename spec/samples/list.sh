# the key is not an argument:
# other programs can read arguments
curl --fail-with-body --header @- --get \
  --data page=0 --data pageSize=1000 \
  "$CORTEX_BASE_URL/api/v1/secrets" <<EOF
Authorization: Bearer $CORTEX_API_KEY
EOF
