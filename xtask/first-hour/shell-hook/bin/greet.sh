#!/bin/sh
echo "Hello, ${1:-you}"
