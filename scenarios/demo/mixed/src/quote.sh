#!/bin/sh
# usage: quote.sh KILOGRAMS DESTINATION
set -eu

kilograms=$1
destination=$2

while IFS=, read -r heaviest where price; do
    if [ "$where" = "$destination" ] && [ "$kilograms" -le "$heaviest" ]; then
        echo "$price"
        exit 0
    fi
done <"$(dirname "$0")/../rates.csv"

# FIXME: say which destinations there are
echo "quote: no rate for $kilograms kg to $destination" >&2
exit 1
