exec .venv/bin/detect-secrets-hook $(git ls-files)
