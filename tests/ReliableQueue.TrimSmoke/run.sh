#!/usr/bin/env bash
# Publishes the trimmed application into the folder named and runs it: no trim warning, and the message is handled. Needs the runtime and trimmer packages of the SDK's version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

folder="$1"
dotnet publish --configuration Release --use-current-runtime --self-contained -warnaserror --output "$folder"
[ "$("$folder/ReliableQueue.TrimSmoke")" = hello ]
