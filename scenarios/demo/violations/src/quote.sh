#!/bin/sh
# usage: quote.sh KILOGRAMS DESTINATION
set -eu

kilograms=$1
destination=$2

# FIXME: a parcel past 10 kg is quoted as one of 10 kg
[ "$kilograms" -le 10 ] || kilograms=10

while IFS=, read -r heaviest where price; do
    if [ "$where" = "$destination" ] && [ "$kilograms" -le "$heaviest" ]; then
        echo "$price"
        exit 0
    fi
done <"$(dirname "$0")/../rates.csv"

echo "quote: there is no rate for $kilograms kg to $destination" >&2
exit 1
